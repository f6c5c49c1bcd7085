import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'

/*
 * The two cells that turn a link into a perspective access link (docs: perspective access, 2). Variable-length, circuit id 0.
 */

/** What a peer wants: to browse, or to test whether our PAPort really exits. */
export const PaPurpose = { BROWSE: 0, PROBE: 1 } as const

/** Capability bits. */
export const PaCapability = {
  /** clear circuits: no onion layer, large relay messages */
  CLEAR: 1,
} as const

/** Answers of a PAPort. */
export const PaStatusCode = {
  ADMITTED: 0,
  NOT_AUTHENTICATED: 1,
  NOT_LISTED: 2,
  NOT_RUNNING: 3,
  NOT_STABLE: 4,
  ADDRESS_DIFFERS: 5,
  OR_PORT_UNUSABLE: 6,
  DIR_PORT_UNUSABLE: 7,
  PA_PORT_UNUSABLE: 8,
  BLOCKED: 9,
  OVER_QUOTA: 10,
  BUSY: 11,
  OFF: 12,
  DIRECTORY_NOT_LIVE: 13,
  BEING_TESTED: 14,
} as const
export type PaStatusCode = (typeof PaStatusCode)[keyof typeof PaStatusCode]

/** The version of both cells. */
export const PA_VERSION = 1
const MAX_DETAIL = 255

export interface PaNegotiate {
  /** {@link PA_VERSION} */
  readonly version: number
  /** {@link PaCapability} bits */
  readonly capabilities: number
  /** a {@link PaPurpose}, or a number we do not know */
  readonly purpose: number
}

export interface PaStatus {
  /** {@link PA_VERSION} */
  readonly version: number
  /** a {@link PaStatusCode}, or a number we do not know */
  readonly status: number
  /** {@link PaCapability} bits */
  readonly capabilities: number
  /** seconds until asking again makes sense; 0: not said */
  readonly retryAfter: number
  /** for logs and bug reports, one line without control characters, ≤ 255 bytes of UTF-8; never shown as ours */
  readonly detail: string
}

function readVersion(reader: ByteReader): number {
  const version = reader.u8()
  if (version !== PA_VERSION) throw new MalformedError('perspective access of unknown version')
  return version
}

/** VERSION 1 = 01 | CAPABILITIES 4 | PURPOSE 1. */
export function encodePaNegotiate(value: PaNegotiate): Buffer {
  return new ByteWriter().u8(value.version).u32(value.capabilities).u8(value.purpose).finish()
}

/** Reads the body of a PA_NEGOTIATE cell; bytes after the last field are passed over. Throws {@link MalformedError}. */
export function decodePaNegotiate(body: Uint8Array): PaNegotiate {
  const reader = new ByteReader(body)
  return { version: readVersion(reader), capabilities: reader.u32(), purpose: reader.u8() }
}

/** At most 255 bytes of UTF-8, cut between characters. */
function detailBytes(detail: string): Uint8Array {
  const bytes = new Uint8Array(MAX_DETAIL)
  return bytes.subarray(0, new TextEncoder().encodeInto(detail, bytes).written)
}

/** VERSION 1 = 01 | STATUS 1 | CAPABILITIES 4 | RETRY_AFTER 4 (s) | DETAIL_LEN 1 | DETAIL. A longer detail is cut. */
export function encodePaStatus(value: PaStatus): Buffer {
  const detail = detailBytes(value.detail)
  return new ByteWriter()
    .u8(value.version)
    .u8(value.status)
    .u32(value.capabilities)
    .u32(value.retryAfter)
    .u8(detail.length)
    .bytes(detail)
    .finish()
}

/** Reads the body of a PA_STATUS cell; bytes after the last field are passed over. Throws {@link MalformedError}. */
export function decodePaStatus(body: Uint8Array): PaStatus {
  const reader = new ByteReader(body)
  const version = readVersion(reader)
  const status = reader.u8()
  const capabilities = reader.u32()
  const retryAfter = reader.u32()
  const detail = reader
    .bytes(reader.u8())
    .toString('utf8')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
  return { version, status, capabilities, retryAfter, detail }
}
