import { DestroyReason, EndReason, leadsOnward } from '../cell/command.ts'
import type { Channel } from '../channel/channel.ts'
import { CircuitRefused, StreamRefused } from '../circuit/errors.ts'
import type { ExitConnection, HopRole, ResolvedAnswer, ServedCircuit, StreamTarget } from '../circuit/hop-role.ts'
import type { CircuitStream } from '../circuit/stream.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ExitConnector } from '../relay/exit.ts'
import type { ExitGuard } from './exit-guard.ts'
import type { PeerAccount } from './peer-accounts.ts'

/** A circuit of a perspective link carries what exits here and nothing else. */
async function refuseExtend(): Promise<Channel> {
  throw new CircuitRefused(DestroyReason.PROTOCOL, 'a perspective circuit ends here')
}

function refuseOnward(command: number, _data: Buffer, circuit: ServedCircuit): boolean {
  if (!leadsOnward(command)) return false
  circuit.close(DestroyReason.PROTOCOL)
  return true
}

/** What the server knows of the peer that a circuit belongs to. */
export interface BrowsingPeer {
  readonly fingerprint: string
  readonly account: PeerAccount
  readonly guard: ExitGuard
  /** Where its streams leave; asks the guard about every address. */
  readonly exit: ExitConnector
}

export interface BrowseRoleOptions {
  readonly peer: BrowsingPeer
  /** Perspective access has stepped back for Tor. */
  isPaused(): boolean
  connected(stream: CircuitStream, address: IpAddress, port: number): void
}

/** What an admitted peer may do on its one-hop circuits: open streams and look names up, under the perspective policy and its quota. */
export class BrowseRole implements HopRole {
  readonly trafficClass = 'pa' as const
  readonly extend = refuseExtend
  readonly message = refuseOnward
  readonly #o: BrowseRoleOptions

  constructor(options: BrowseRoleOptions) {
    this.#o = options
  }

  async connect(target: StreamTarget, _circuit: ServedCircuit, signal: AbortSignal): Promise<ExitConnection> {
    const { account, guard, exit } = this.#o.peer
    if (this.#o.isPaused()) throw new StreamRefused(EndReason.RESOURCELIMIT, 'the relay is busy')
    const over = account.takeStream(Date.now())
    if (over) throw new StreamRefused(EndReason.RESOURCELIMIT, `over the quota of ${over.what}`)
    try {
      const connection = await exit.connect(target, signal)
      const closed = guard.opened(connection.address, target.port)
      connection.socket.once('close', () => {
        account.giveStream()
        closed()
      })
      return connection
    } catch (error) {
      account.giveStream()
      throw error
    }
  }

  async resolve(name: string, _circuit: ServedCircuit, signal: AbortSignal): Promise<ResolvedAnswer[]> {
    const { account, exit } = this.#o.peer
    if (this.#o.isPaused() || account.takeLookup(Date.now())) return [{ kind: 'error', transient: true, ttl: 0 }]
    return exit.resolve(name, signal)
  }

  connected(stream: CircuitStream, target: StreamTarget, address: IpAddress): void {
    this.#o.connected(stream, address, target.port)
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
  readonly message = refuseOnward
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

  async connect(target: StreamTarget, _circuit: ServedCircuit, signal: AbortSignal): Promise<ExitConnection> {
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

/** Where a probe by this relay may go: its own listed DirPort, else its ORPort. */
export function probeTarget(descriptor: ServerDescriptor): { address: IpAddress; port: number } {
  return { address: descriptor.address, port: descriptor.dirPort || descriptor.orPort }
}
