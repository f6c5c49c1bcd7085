import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'

const COMMAND = { stop: 1, start: 2 } as const
const RESPONSE = { ok: 1, error: 2 } as const

function readHeader(reader: ByteReader): 'stop' | 'start' {
  if (reader.u8() !== 0) throw new MalformedError('padding of unknown version')
  const command = reader.u8()
  if (command !== COMMAND.stop && command !== COMMAND.start) throw new MalformedError('an unknown padding command')
  return command === COMMAND.stop ? 'stop' : 'start'
}

/** Link padding: the PADDING_NEGOTIATE cell of link protocol 5. `low` and `high` in ms. */
export interface PaddingNegotiate {
  readonly command: 'stop' | 'start'
  readonly low: number
  readonly high: number
}

/** VERSION 1 = 00 | COMMAND 1 | ITO_LOW_MS 2 | ITO_HIGH_MS 2. padding-spec 2.2. */
export function encodePaddingNegotiate(value: PaddingNegotiate): Buffer {
  return new ByteWriter().u8(0).u8(COMMAND[value.command]).u16(value.low).u16(value.high).finish()
}

/** Reads the body of a PADDING_NEGOTIATE cell. Throws {@link MalformedError}. */
export function decodePaddingNegotiate(body: Uint8Array): PaddingNegotiate {
  const reader = new ByteReader(body)
  return { command: readHeader(reader), low: reader.u16(), high: reader.u16() }
}

/** Circuit padding: what a client asks a relay for (relay message 41). */
export interface CircuitPaddingNegotiate {
  readonly command: 'stop' | 'start'
  readonly machine: number
  /** 1 when the relay should echo the request */
  readonly echo: number
  readonly counter: number
}

/** Circuit padding: what the relay answers (relay message 42). */
export interface CircuitPaddingNegotiated {
  readonly command: 'stop' | 'start'
  readonly response: 'ok' | 'error'
  readonly machine: number
  readonly counter: number
}

/** VERSION 1 = 00 | COMMAND 1 | MACHINE_TYPE 1 | ECHO_REQUEST 1 | MACHINE_CTR 4. padding-spec 3.2. */
export function encodeCircuitPaddingNegotiate(value: CircuitPaddingNegotiate): Buffer {
  return new ByteWriter().u8(0).u8(COMMAND[value.command]).u8(value.machine).u8(value.echo).u32(value.counter).finish()
}

/** Reads a PADDING_NEGOTIATE message. Throws {@link MalformedError}. */
export function decodeCircuitPaddingNegotiate(data: Uint8Array): CircuitPaddingNegotiate {
  const reader = new ByteReader(data)
  const command = readHeader(reader)
  const machine = reader.u8()
  const echo = reader.u8()
  if (echo > 1) throw new MalformedError('a padding request with a bad echo flag')
  return { command, machine, echo, counter: reader.u32() }
}

/** VERSION 1 = 00 | COMMAND 1 | RESPONSE 1 | MACHINE_TYPE 1 | MACHINE_CTR 4. padding-spec 3.2. */
export function encodeCircuitPaddingNegotiated(value: CircuitPaddingNegotiated): Buffer {
  return new ByteWriter().u8(0).u8(COMMAND[value.command]).u8(RESPONSE[value.response]).u8(value.machine).u32(value.counter).finish()
}

/** Reads a PADDING_NEGOTIATED message. Throws {@link MalformedError}. */
export function decodeCircuitPaddingNegotiated(data: Uint8Array): CircuitPaddingNegotiated {
  const reader = new ByteReader(data)
  const command = readHeader(reader)
  const response = reader.u8()
  if (response !== RESPONSE.ok && response !== RESPONSE.error) throw new MalformedError('an unknown padding response')
  return { command, response: response === RESPONSE.ok ? 'ok' : 'error', machine: reader.u8(), counter: reader.u32() }
}
