import { EndReason } from '../../main/cell/command.ts'
import type { ResolvedAnswer } from '../../main/circuit/hop-role.ts'
import { CircuitStream } from '../../main/circuit/stream.ts'
import { PortSummary } from '../../main/document/exit-policy.ts'
import { Listeners } from '../../main/lib/service.ts'
import type { Offer } from '../../main/perspective/offers.ts'
import { PerspectiveRefused } from '../../main/perspective/perspective-link.ts'
import type { SessionCircuit, SessionLink } from '../../main/perspective/session-pool.ts'

/** A fingerprint of one repeated digit pair. */
export const fp = (n: number): string => n.toString(16).toUpperCase().padStart(2, '0').repeat(20)

export interface OfferPlan {
  readonly country?: string
  readonly policy?: string
  readonly admits?: 'running' | 'stable'
  readonly bandwidth?: number
}

/** A relay that offers perspective access; only what the client looks at is real. */
export function offer(n: number, plan: OfferPlan = {}): Offer {
  const { country = 'se', policy = 'accept 80,443', admits = 'stable', bandwidth = 1000 } = plan
  return {
    fingerprint: fp(n),
    status: { fingerprint: fp(n), nickname: `relay${n}`, address: `192.0.2.${n}`, orPort: 9001, bandwidth },
    descriptor: { fingerprint: fp(n), perspective: { version: 1, port: 9040, admits }, perspectivePolicy: PortSummary.parse(policy) },
    country,
  } as unknown as Offer
}

/** A stream over nothing: it counts what is written, and ends when told. */
export function stream(): CircuitStream {
  const host = { wake() {}, holding() {}, finish() {} }
  return new CircuitStream(1, { drained() {} } as never, host)
}

/** A server with which everything works until a test says otherwise. */
export class FakeServer {
  /** What the next links meet: an error, a refusal, or silence. */
  behaviour: 'fine' | 'unreachable' | 'silent' | { status: number; retryAfter: number } = 'fine'
  /** What streams meet. */
  streams: 'fine' | Error = 'fine'
  readonly links: (SessionLink & { closed: boolean })[] = []
  readonly opened: { host: string; port: number; stream: CircuitStream }[] = []
  circuits = 0
  answers: ResolvedAnswer[] = [{ kind: 'address', address: '198.51.100.7', ttl: 60 }]
  dials = 0

  async open(signal: AbortSignal): Promise<SessionLink> {
    this.dials++
    const { behaviour } = this
    if (behaviour === 'unreachable') throw new Error('unreachable')
    if (typeof behaviour === 'object') throw new PerspectiveRefused(behaviour.status, behaviour.retryAfter)
    if (behaviour === 'silent') await new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))
    const circuits = new Set<SessionCircuit>()
    const onLost = new Listeners<[status: number | undefined]>()
    const link = {
      onLost,
      closed: false,
      circuit: async () => {
        this.circuits++
        const circuit = this.#circuit(() => circuits.delete(circuit))
        circuits.add(circuit)
        return circuit
      },
      close() {
        link.closed = true
        for (const circuit of [...circuits]) circuit.close()
        onLost.emit(undefined)
      },
    }
    this.links.push(link)
    return link
  }

  #circuit(gone: () => void): SessionCircuit {
    const open = new Set<CircuitStream>()
    const onClose = new Listeners<[number]>()
    const server = this
    let closed = false
    return {
      get closed() {
        return closed
      },
      get streamCount() {
        return open.size
      },
      onClose,
      async openStream({ host, port }) {
        if (server.streams !== 'fine') throw server.streams
        const one = stream()
        open.add(one)
        one.onClose.add(() => open.delete(one))
        server.opened.push({ host, port, stream: one })
        return one
      },
      resolve: async () => server.answers,
      close() {
        if (closed) return
        closed = true
        gone()
        for (const one of [...open]) one.abort(EndReason.DESTROY)
        onClose.emit(0)
      },
    }
  }
}
