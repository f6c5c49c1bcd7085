import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'

/*
 * Circuit extensions: the messages inside an ntor-v3 handshake. tor-spec 5.1.5.3, proposals 324 (10.3), 346.
 *
 *     N_EXTENSIONS 1 | (EXT_TYPE 1 | EXT_LEN 1 | EXT) …        sorted by type when sent
 *
 * Types that we do not know are passed over; of two with the same type the first counts.
 */

const ExtensionType = {
  /** client: empty */
  CONGESTION_CONTROL_REQUEST: 1,
  /** relay: sendme_inc 1 */
  CONGESTION_CONTROL_RESPONSE: 2,
  /** client: (protocol id 1 | capability number 1) …, sorted, none twice */
  SUBPROTOCOL_REQUEST: 3,
} as const

/** A protocol capability by number: Relay is 2, so CGO (Relay=6) is 2, 6. Proposal 346. */
export interface Subprotocol {
  readonly protocol: number
  readonly version: number
}

/** What a client asks for. A relay has to refuse the handshake when it does not do every one of `subprotocols`. */
export interface CircuitRequest {
  readonly congestionControl: boolean
  readonly subprotocols: readonly Subprotocol[]
}

/** What a relay answers. */
export interface CircuitResponse {
  /** How many cells a circuit SENDME stands for, 1–255; `undefined`: no congestion control. The client checks that it is not far from the consensus. */
  readonly sendmeIncrement: number | undefined
}

function encode(fields: readonly { readonly type: number; readonly data: Uint8Array }[]): Buffer {
  const writer = new ByteWriter().u8(fields.length)
  for (const { type, data } of fields) writer.u8(type).u8(data.length).bytes(data)
  return writer.finish()
}

function decode(bytes: Uint8Array): Map<number, Buffer> {
  const reader = new ByteReader(bytes)
  const fields = new Map<number, Buffer>()
  for (let left = reader.u8(); left > 0; left--) {
    const type = reader.u8()
    const data = reader.bytes(reader.u8())
    if (!fields.has(type)) fields.set(type, data)
  }
  return fields
}

/** The client's message. */
export function encodeCircuitRequest(request: CircuitRequest): Buffer {
  const fields: { type: number; data: Uint8Array }[] = []
  if (request.congestionControl) fields.push({ type: ExtensionType.CONGESTION_CONTROL_REQUEST, data: Buffer.alloc(0) })
  if (request.subprotocols.length > 0) {
    const sorted = [...request.subprotocols].sort((a, b) => a.protocol - b.protocol || a.version - b.version)
    const data = Buffer.from(sorted.flatMap(({ protocol, version }) => [protocol, version]))
    fields.push({ type: ExtensionType.SUBPROTOCOL_REQUEST, data })
  }
  return encode(fields)
}

/** Reads the client's message. Throws {@link MalformedError}, also for subprotocols out of order or twice. */
export function decodeCircuitRequest(bytes: Uint8Array): CircuitRequest {
  const fields = decode(bytes)
  const subprotocols: Subprotocol[] = []
  const reader = new ByteReader(fields.get(ExtensionType.SUBPROTOCOL_REQUEST) ?? Buffer.alloc(0))
  for (let last = -1; reader.remaining > 0; ) {
    const pair = reader.u16()
    if (pair <= last) throw new MalformedError('a subprotocol request out of order')
    last = pair
    subprotocols.push({ protocol: pair >> 8, version: pair & 0xff })
  }
  return { congestionControl: fields.has(ExtensionType.CONGESTION_CONTROL_REQUEST), subprotocols }
}

/** The relay's message. */
export function encodeCircuitResponse({ sendmeIncrement }: CircuitResponse): Buffer {
  if (sendmeIncrement === undefined) return encode([])
  return encode([{ type: ExtensionType.CONGESTION_CONTROL_RESPONSE, data: new ByteWriter().u8(sendmeIncrement).finish() }])
}

/** Reads the relay's message. Throws {@link MalformedError}. */
export function decodeCircuitResponse(bytes: Uint8Array): CircuitResponse {
  const field = decode(bytes).get(ExtensionType.CONGESTION_CONTROL_RESPONSE)
  if (!field) return { sendmeIncrement: undefined }
  const sendmeIncrement = new ByteReader(field).u8()
  if (sendmeIncrement === 0) throw new MalformedError('a SENDME increment of 0')
  return { sendmeIncrement }
}
