import { MalformedError } from '../lib/bytes.ts'

/**
 * The few ASN.1 types that RSA keys and X.509 certificates are made of, in DER (X.690). Written here because a relay signs with raw RSA-1024
 * and needs its certificates before its first connection, which the promise-based X.509 libraries do not offer.
 */
export const DerTag = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  UTF8_STRING: 0x0c,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
}

/** One element: tag | length | contents. */
export function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag), lengthBytes(body.length), body])
}

/** A non-negative INTEGER of big-endian bytes, leading zeros dropped. */
export function derInteger(magnitude: Uint8Array): Buffer {
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++
  const bytes = magnitude.subarray(start)
  return der(DerTag.INTEGER, (bytes[0] ?? 0) & 0x80 || bytes.length === 0 ? Buffer.of(0) : Buffer.alloc(0), bytes)
}

/** An OBJECT IDENTIFIER in dotted notation. */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(DerTag.OBJECT_IDENTIFIER, Buffer.from(bytes))
}

/** A BIT STRING of whole bytes. */
export function derBitString(bytes: Uint8Array): Buffer {
  return der(DerTag.BIT_STRING, Buffer.of(0), bytes)
}

/** A time as X.509 wants it: UTCTime before the year 2050, GeneralizedTime from then on. RFC 5280 4.1.2.5. */
export function derTime(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)}Z`
  return digits < '2050' ? der(DerTag.UTC_TIME, Buffer.from(digits.slice(2))) : der(DerTag.GENERALIZED_TIME, Buffer.from(digits))
}

/** Reads elements one after the other; anything but strict DER throws {@link MalformedError}. */
export class DerReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The contents (a view) of the next element, which must have this tag. */
  element(tag: number): Buffer {
    const bytes = this.#bytes
    if (bytes[this.#offset] !== tag) throw new MalformedError('another ASN.1 type than expected')
    let length = bytes[this.#offset + 1]
    let start = this.#offset + 2
    if (length === undefined) throw new MalformedError('an ASN.1 element without a length')
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count < 1 || count > 3 || start + count > bytes.length) throw new MalformedError('a bad ASN.1 length')
      length = 0
      for (let i = 0; i < count; i++) length = (length << 8) | bytes[start + i]!
      start += count
      if (lengthBytes(length).length !== count + 1) throw new MalformedError('an ASN.1 length that is longer than needed')
    }
    if (start + length > bytes.length) throw new MalformedError('an ASN.1 element that is cut off')
    this.#offset = start + length
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, length)
  }

  /** The magnitude (big-endian, no leading zeros) of a positive INTEGER. */
  positiveInteger(): Buffer {
    const bytes = this.element(DerTag.INTEGER)
    const first = bytes[0]
    if (first === undefined || first >= 0x80) throw new MalformedError('a negative or empty ASN.1 integer')
    if (first !== 0) return bytes
    if ((bytes[1] ?? 0) < 0x80) throw new MalformedError('an ASN.1 integer that is zero or longer than needed')
    return bytes.subarray(1)
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw new MalformedError('bytes after the end of an ASN.1 element')
  }
}
