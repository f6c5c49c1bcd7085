import { EndReason } from '../cell/command.ts'
import type { Channel } from '../channel/channel.ts'
import { StreamRefused } from '../circuit/errors.ts'
import type { OriginCircuit } from '../circuit/origin-circuit.ts'
import { streamDuplex } from '../circuit/stream-duplex.ts'
import { DirectoryClient } from '../directory/client.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import { peerCertificateOver } from '../net/tls.ts'
import type { OwnCircuits } from './own-circuits.ts'
import { NoPathError, type PathRequest } from './path.ts'
import type { Relay } from './relay.ts'

export type OwnPort = 'or' | 'dir' | 'pa'

/** What is known of one of our ports from outside. */
export type PortProof =
  | { readonly state: 'untested' }
  | { readonly state: 'testing'; readonly since: number }
  /** `by`: how many different relays reached it in this round. */
  | { readonly state: 'proved'; readonly at: number; readonly by: number }
  | { readonly state: 'failed'; readonly at: number; readonly reason: string }

export interface SelfTestOptions {
  readonly relay: Relay
  readonly circuits: OwnCircuits
  /** Where the world should find us now; `undefined` while the address is unknown. A port of 0 is not tested. */
  advertised(): { address: IpAddress; orPort: number; dirPort: number; paPort: number } | undefined
  /** How many different relays should reach the ORPort. */
  readonly witnesses: number
  readonly attempts: number
  readonly timeoutMs: number
  readonly log: ScopedLog
}

class WrongIdentity extends Error {
  override name = 'WrongIdentity'
}

/** Why a port was not reached, in the few words that the UI knows. */
function failureReason(error: unknown): 'timeout' | 'connection-refused' | 'wrong-identity' | 'not-usable' {
  if (error instanceof WrongIdentity) return 'wrong-identity'
  if (error instanceof StreamRefused) {
    if (error.reason === EndReason.CONNECTREFUSED) return 'connection-refused'
    return error.reason === EndReason.TIMEOUT ? 'timeout' : 'not-usable'
  }
  return (error as Error)?.name === 'TimeoutError' || (error as { code?: string })?.code === 'timeout' ? 'timeout' : 'not-usable'
}

/**
 * Proves our ports from outside, through other relays: the ORPort by circuits that end at us, so that another relay must dial it; the
 * DirPort by fetching our own descriptor through an exit; the PAPort by a TLS handshake through an exit that shows our own link
 * certificate. A port is never called open for any lesser reason.
 */
export class SelfTest {
  readonly onProof = new Listeners<[port: OwnPort, proof: PortProof]>()
  readonly proofs: Record<OwnPort, PortProof> = { or: { state: 'untested' }, dir: { state: 'untested' }, pa: { state: 'untested' } }
  readonly #options: SelfTestOptions
  readonly #reachedBy = new Set<string>()
  #round: Promise<void> | undefined
  readonly #abort = new AbortController()

  constructor(options: SelfTestOptions) {
    this.#options = options
    options.relay.onReached.add(channel => this.#reached(channel))
  }

  #set(port: OwnPort, proof: PortProof): void {
    this.proofs[port] = proof
    this.onProof.emit(port, proof)
  }

  /** The port is another one now, or gone: what was proved says nothing. */
  forget(port: OwnPort): void {
    this.#set(port, { state: 'untested' })
  }

  /** Any authenticated, listed relay that dials our ORPort proves it, asked or not. */
  #reached(channel: Channel): void {
    const fingerprint = channel.peer?.rsaIdentity.toString('hex').toUpperCase()
    const { relay } = this.#options
    if (!fingerprint || !relay.options.directory.consensus?.byFingerprint.has(fingerprint)) return
    this.#reachedBy.add(fingerprint)
    this.#set('or', { state: 'proved', at: Date.now(), by: this.#reachedBy.size })
  }

  /** Tests the given ports; a round under way is joined. Never rejects. */
  run(ports: readonly OwnPort[] = ['or', 'dir', 'pa']): Promise<void> {
    this.#round ??= this.#runAll(ports).finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  async #runAll(ports: readonly OwnPort[]): Promise<void> {
    const at = this.#options.advertised()
    if (!at) return
    const wanted = { or: at.orPort, dir: at.dirPort, pa: at.paPort }
    const due = ports.filter(port => wanted[port] > 0)
    for (const port of due) if (this.proofs[port].state !== 'proved') this.#set(port, { state: 'testing', since: Date.now() })
    await Promise.all(due.map(port => this.#test(port, at)))
  }

  async #test(port: OwnPort, at: { address: IpAddress; orPort: number; dirPort: number; paPort: number }): Promise<void> {
    let failure: unknown
    if (port === 'or') this.#reachedBy.clear()
    let witnesses = 0
    for (let attempt = 0; attempt < this.#options.attempts && !this.#abort.signal.aborted; attempt++) {
      try {
        const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(this.#options.timeoutMs)])
        if (port === 'or') await this.#proveOrPort(signal)
        else if (port === 'dir') await this.#proveDirPort(at.address, at.dirPort, signal)
        else await this.#provePaPort(at.address, at.paPort, signal)
        witnesses = port === 'or' ? this.#reachedBy.size : witnesses + 1
        if (port !== 'or') this.#set(port, { state: 'proved', at: Date.now(), by: witnesses })
        if (port !== 'or' || witnesses >= this.#options.witnesses) return
      } catch (error) {
        failure = error
      }
    }
    if (witnesses > 0 || this.#abort.signal.aborted) return
    // Nobody was there to try it: that says nothing of the port, and is tried again.
    if (failure instanceof NoPathError) return this.#set(port, { state: 'untested' })
    this.#options.log.warn(`the ${port} port was not reached from outside: ${(failure as Error)?.message}`)
    this.#set(port, { state: 'failed', at: Date.now(), reason: failureReason(failure) })
  }

  #exclude(): Set<string> {
    return new Set([this.#options.relay.options.keys.fingerprint])
  }

  async #proveOrPort(signal: AbortSignal): Promise<void> {
    const { circuits, relay } = this.#options
    const at = this.#options.advertised()
    const { keys } = relay.options
    if (!at) throw new Error('our address is not known')
    const last = {
      rsaIdentity: keys.rsa.fingerprint,
      ed25519Identity: keys.edIdentity.public,
      ntorKey: keys.ntor.key.public,
      addresses: [{ address: at.address, port: at.orPort }],
      ntorV3: true,
      congestionControl: true,
    }
    const before = this.#reachedBy.size
    const exclude = new Set([...this.#exclude(), ...this.#reachedBy])
    const hops = circuits.path({ length: 2, last, exclude })
    const circuit = await circuits.buildAsClient(hops, signal)
    circuit.close()
    // It may have come over a link that this relay had opened to us earlier: that is an ORPort reached from outside all the same.
    for (const channel of relay.channels.byIdentity(hops[0]!.rsaIdentity)) if (!channel.initiated) this.#reached(channel)
    if (this.#reachedBy.size === before) throw new NoPathError('a circuit came back to us over a link of ours, so nobody dialled us')
  }

  /** A two-hop circuit whose exit lets `port` out, and is not asked from one hop away. */
  async #exitCircuit(address: IpAddress, port: number, signal: AbortSignal): Promise<OriginCircuit> {
    const { circuits } = this.#options
    const request: PathRequest = { length: 2, exitPort: port, exitAddress: address, exclude: this.#exclude() }
    return circuits.build(circuits.path(request), signal)
  }

  async #proveDirPort(address: IpAddress, port: number, signal: AbortSignal): Promise<void> {
    const circuit = await this.#exitCircuit(address, port, signal)
    try {
      const client = new DirectoryClient()
      const open = async (inner: AbortSignal) => streamDuplex(await circuit.openStream({ host: address, port }, { signal: inner }))
      const answer = await client.get({ kind: 'begindir', open }, '/tor/server/authority', { signal, maxBytes: 40_000 })
      const own = this.#options.relay.options.ownDescriptor()?.descriptor
      // Before the first descriptor is built the server answers 404; that it answers with our own words is proof enough.
      const isOurs = own === undefined ? answer.status === 404 : answer.status === 200 && answer.body.toString('latin1') === own
      if (!isOurs) throw new WrongIdentity('something else answers at our DirPort')
    } finally {
      circuit.close()
    }
  }

  async #provePaPort(address: IpAddress, port: number, signal: AbortSignal): Promise<void> {
    const circuit = await this.#exitCircuit(address, port, signal)
    try {
      const stream = streamDuplex(await circuit.openStream({ host: address, port }, { signal }))
      try {
        const seen = await peerCertificateOver(stream, signal)
        if (!this.#options.relay.linkCertificates.isOurs(seen)) throw new WrongIdentity('another TLS certificate answers at our PAPort')
      } finally {
        stream.destroy()
      }
    } finally {
      circuit.close()
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#round
  }
}
