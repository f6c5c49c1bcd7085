import { DestroyReason, EndReason } from '../cell/command.ts'
import type { Channel } from '../channel/channel.ts'
import { CircuitRefused, StreamRefused } from '../circuit/errors.ts'
import type { ExitConnection, HopRole, ResolvedAnswer, StreamTarget } from '../circuit/hop-role.ts'
import type { OrCircuit } from '../circuit/or-circuit.ts'
import type { CircuitStream } from '../circuit/stream.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ExitConnector } from '../relay/exit.ts'

/** A circuit of a perspective link carries what exits here and nothing else. */
async function refuseExtend(): Promise<Channel> {
  throw new CircuitRefused(DestroyReason.PROTOCOL, 'a perspective circuit ends here')
}

/** What an admitted peer may do on its one-hop circuits: open streams and look names up, under the perspective policy. */
export class BrowseRole implements HopRole {
  readonly trafficClass = 'pa' as const
  readonly extend = refuseExtend
  readonly #exit: ExitConnector
  readonly #connected: (stream: CircuitStream) => void

  constructor(exit: ExitConnector, connected: (stream: CircuitStream) => void) {
    this.#exit = exit
    this.#connected = connected
  }

  connect(target: StreamTarget, _circuit: OrCircuit, signal: AbortSignal): Promise<ExitConnection> {
    return this.#exit.connect(target, signal)
  }

  resolve(name: string, _circuit: OrCircuit, signal: AbortSignal): Promise<ResolvedAnswer[]> {
    return this.#exit.resolve(name, signal)
  }

  connected(stream: CircuitStream): void {
    this.#connected(stream)
  }
}

/** Bounds of one probe (perspective access, section 5). */
export const PROBE_LIMITS = { bytes: 4096, ms: 5000 } as const

/**
 * What a relay that is not admitted (yet) may do to test us: one stream, to its own listed DirPort (or ORPort, when it has none), for a few
 * kilobytes and seconds. The target comes from the consensus, so nobody can be pointed at anybody else.
 */
export class ProbeRole implements HopRole {
  readonly trafficClass = 'pa' as const
  readonly extend = refuseExtend
  readonly #target: { address: IpAddress; port: number }
  readonly #dial: (address: IpAddress, port: number, signal: AbortSignal) => Promise<ExitConnection>
  #used = false

  constructor(
    target: { address: IpAddress; port: number },
    dial: (address: IpAddress, port: number, signal: AbortSignal) => Promise<ExitConnection>,
  ) {
    this.#target = target
    this.#dial = dial
  }

  async connect(target: StreamTarget, _circuit: OrCircuit, signal: AbortSignal): Promise<ExitConnection> {
    const { address, port } = this.#target
    if (this.#used || target.host !== address || target.port !== port) {
      throw new StreamRefused(EndReason.EXITPOLICY, 'a probe may open one stream, to the listed port of the relay that probes', address)
    }
    this.#used = true
    return this.#dial(address, port, signal)
  }

  async resolve(): Promise<ResolvedAnswer[]> {
    return [{ kind: 'error', transient: false, ttl: 0 }]
  }

  connected(stream: CircuitStream): void {
    const timer = setTimeout(() => stream.abort(EndReason.TIMEOUT), PROBE_LIMITS.ms)
    const watch = setInterval(() => {
      if (stream.bytesIn + stream.bytesOut > PROBE_LIMITS.bytes) stream.abort(EndReason.RESOURCELIMIT)
    }, 20)
    stream.onClose.add(() => {
      clearTimeout(timer)
      clearInterval(watch)
    })
  }
}
