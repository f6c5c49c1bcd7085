import { createSocket } from 'node:dgram'
import { ByteReader, ByteWriter, MalformedError } from '../../lib/bytes.ts'
import { bytesToIp, type IpAddress } from '../../lib/ip.ts'
import type { Gateway } from './gateway.ts'
import { type GatewayClient, type Mapped, MappingError } from './gateway-client.ts'

const NAT_PMP_PORT = 5351
/** Waits after each sending, in ms. RFC 6886 section 3.1 doubles up to 64 s; a router in the same house answers at once or never. */
const WAITS = [250, 500, 1000, 2000]
const Opcode = { EXTERNAL_ADDRESS: 0, MAP_TCP: 2 } as const
const RESULTS = ['success', 'unsupported version', 'not authorized', 'network failure', 'out of resources', 'unsupported opcode'] as const

/** RFC 6886 section 3.2: VERS u8 = 0 · OP u8 = 0. */
function encodeExternalAddressRequest(): Buffer {
  return Buffer.of(0, Opcode.EXTERNAL_ADDRESS)
}

/** RFC 6886 section 3.3: VERS u8 = 0 · OP u8 = 2 · reserved u16 · internal port u16 · suggested external port u16 · lifetime u32 (s). */
export function encodeMapRequest(internalPort: number, externalPort: number, lifetimeSeconds: number): Buffer {
  return new ByteWriter().u8(0).u8(Opcode.MAP_TCP).u16(0).u16(internalPort).u16(externalPort).u32(lifetimeSeconds).finish()
}

export type NatPmpResponse =
  | { readonly kind: 'external-address'; readonly address: IpAddress }
  | { readonly kind: 'mapped'; readonly internalPort: number; readonly externalPort: number; readonly lifetimeSeconds: number }
  | { readonly kind: 'failed'; readonly opcode: number; readonly result: number }

/**
 * VERS u8 = 0 · OP u8 = 128 + the request's · result u16 · epoch u32, then the address (4 bytes), or internal port u16 · external
 * port u16 · lifetime u32. Failures may be shorter. @throws MalformedError
 */
export function decodeResponse(datagram: Uint8Array): NatPmpResponse {
  const reader = new ByteReader(datagram)
  const version = reader.u8()
  const opcode = reader.u8() - 128
  const result = reader.u16()
  if (result !== 0) return { kind: 'failed', opcode, result }
  if (version !== 0) throw new MalformedError('not NAT-PMP')
  reader.skip(4)
  if (opcode === Opcode.EXTERNAL_ADDRESS) return { kind: 'external-address', address: bytesToIp(reader.bytes(4)) }
  if (opcode !== Opcode.MAP_TCP) throw new MalformedError('unexpected opcode')
  return { kind: 'mapped', internalPort: reader.u16(), externalPort: reader.u16(), lifetimeSeconds: reader.u32() }
}

/** NAT-PMP (RFC 6886) with one router. Datagrams from anyone else never reach us: the socket is connected. */
export class NatPmpClient implements GatewayClient {
  readonly method = 'nat-pmp'
  readonly #gateway: Gateway
  readonly #port: number

  constructor(gateway: Gateway, port: number = NAT_PMP_PORT) {
    this.#gateway = gateway
    this.#port = port
  }

  get gatewayAddress(): IpAddress {
    return this.#gateway.address
  }

  async externalAddress(signal: AbortSignal): Promise<IpAddress> {
    const response = await this.#ask(encodeExternalAddressRequest(), r => r.kind === 'external-address', signal)
    return response.kind === 'external-address' ? response.address : fail(response)
  }

  async map(internalPort: number, externalPort: number, lifetimeSeconds: number, signal: AbortSignal): Promise<Mapped> {
    const request = encodeMapRequest(internalPort, externalPort, lifetimeSeconds)
    const response = await this.#ask(request, r => r.kind === 'mapped' && r.internalPort === internalPort, signal)
    if (response.kind !== 'mapped') return fail(response)
    if (response.externalPort === 0 || response.lifetimeSeconds === 0) throw new MappingError('refused', 'the router granted nothing')
    return response
  }

  /** RFC 6886 section 3.4: lifetime 0 and suggested port 0 remove. */
  async unmap(internalPort: number, _externalPort: number, signal: AbortSignal): Promise<void> {
    const response = await this.#ask(
      encodeMapRequest(internalPort, 0, 0),
      r => r.kind === 'mapped' && r.internalPort === internalPort,
      signal,
    )
    if (response.kind === 'failed') fail(response)
  }

  /** Sends until an answer to this request comes: the wanted kind, or a failure of its opcode. Others are ignored. */
  #ask(request: Buffer, isAnswer: (response: NatPmpResponse) => boolean, signal: AbortSignal): Promise<NatPmpResponse> {
    signal.throwIfAborted()
    const socket = createSocket('udp4')
    let timer: NodeJS.Timeout | undefined
    const { promise, resolve, reject } = Promise.withResolvers<NatPmpResponse>()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    const send = (attempt: number) => {
      const wait = WAITS[attempt]
      if (wait === undefined) return reject(new MappingError('no-answer', 'NAT-PMP: no answer'))
      socket.send(request)
      timer = setTimeout(send, wait, attempt + 1)
    }
    socket.on('message', datagram => {
      try {
        const response = decodeResponse(datagram)
        if (response.kind === 'failed' ? response.opcode === request[1] : isAnswer(response)) resolve(response)
      } catch (error) {
        if (!(error instanceof MalformedError)) reject(error as Error)
      }
    })
    // "Port unreachable" comes back as an error: nobody speaks NAT-PMP there.
    socket.on('error', error => reject(new MappingError('no-answer', 'NAT-PMP: not spoken here', { cause: error })))
    socket.once('connect', () => send(0))
    socket.bind({ address: this.#gateway.localAddress }, () => socket.connect(this.#port, this.#gateway.address))
    return promise.finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.close()
    })
  }
}

function fail(response: NatPmpResponse): never {
  const result = response.kind === 'failed' ? response.result : -1
  const words = `NAT-PMP: ${RESULTS[result] ?? `result ${result}`}`
  // A router that speaks another version only (PCP) is, for us, one that does not speak.
  throw new MappingError(result === 1 || result === 5 ? 'no-answer' : 'refused', words)
}
