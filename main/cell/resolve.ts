import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'
import { bytesToIp, type IpAddress, ipToBytes } from '../lib/ip.ts'
import { RELAY_DATA_MAX } from './command.ts'
import { readHost } from './host.ts'

/** One answer of a RESOLVED message; `ttl` in seconds. */
export type ResolvedAnswer =
  | { readonly kind: 'address'; readonly address: IpAddress; readonly ttl: number }
  | { readonly kind: 'hostname'; readonly name: string; readonly ttl: number }
  | { readonly kind: 'error'; readonly transient: boolean; readonly ttl: number }

const AnswerType = { HOSTNAME: 0x00, IPV4: 0x04, IPV6: 0x06, ERROR_TRANSIENT: 0xf0, ERROR: 0xf1 } as const

/** The name (or, for a reverse look-up, "…in-addr.arpa" or "…ip6.arpa") and 00. tor-spec 6.4. */
export function encodeResolve(name: string): Buffer {
  return Buffer.from(`${name}\0`, 'latin1')
}

/** The name in a RESOLVE message, lower case: all before the first NUL. Throws {@link MalformedError}. */
export function decodeResolve(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  const nul = bytes.indexOf(0)
  return readHost(bytes.toString('latin1', 0, nul < 0 ? bytes.length : nul))
}

function answerBytes(answer: ResolvedAnswer): Buffer {
  const writer = new ByteWriter()
  switch (answer.kind) {
    case 'address': {
      const bytes = ipToBytes(answer.address)
      if (!bytes) throw new RangeError('not an address')
      writer
        .u8(bytes.length === 4 ? AnswerType.IPV4 : AnswerType.IPV6)
        .u8(bytes.length)
        .bytes(bytes)
      break
    }
    case 'hostname':
      writer.u8(AnswerType.HOSTNAME).u8(answer.name.length).bytes(Buffer.from(answer.name, 'latin1'))
      break
    case 'error':
      writer.u8(answer.transient ? AnswerType.ERROR_TRANSIENT : AnswerType.ERROR).u8(0)
      break
    default:
      answer satisfies never
  }
  return writer.u32(answer.ttl).finish()
}

/** (Type 1 | Length 1 | Value | TTL 4) …; answers that no longer fit in one relay message are left out. tor-spec 6.4. */
export function encodeResolved(answers: readonly ResolvedAnswer[]): Buffer {
  const parts: Buffer[] = []
  let length = 0
  for (const answer of answers) {
    const bytes = answerBytes(answer)
    if (length + bytes.length > RELAY_DATA_MAX) break
    parts.push(bytes)
    length += bytes.length
  }
  return Buffer.concat(parts)
}

/** Reads a RESOLVED message; unknown types are passed over, and errors too when there is an answer. Throws {@link MalformedError}. */
export function decodeResolved(data: Uint8Array): ResolvedAnswer[] {
  const reader = new ByteReader(data)
  const answers: ResolvedAnswer[] = []
  const errors: ResolvedAnswer[] = []
  while (reader.remaining > 0) {
    const type = reader.u8()
    const value = reader.bytes(reader.u8())
    const ttl = reader.u32()
    if (type === AnswerType.IPV4 || type === AnswerType.IPV6) {
      if (value.length !== (type === AnswerType.IPV4 ? 4 : 16)) throw new MalformedError('an address of the wrong length in RESOLVED')
      answers.push({ kind: 'address', address: bytesToIp(value), ttl })
    } else if (type === AnswerType.HOSTNAME) {
      answers.push({ kind: 'hostname', name: readHost(value.toString('latin1')), ttl })
    } else if (type === AnswerType.ERROR_TRANSIENT || type === AnswerType.ERROR) {
      errors.push({ kind: 'error', transient: type === AnswerType.ERROR_TRANSIENT, ttl })
    }
  }
  return answers.length > 0 ? answers : errors
}
