import type { Cell } from '../cell/frame.ts'
import { PaStatusCode } from '../cell/pa.ts'
import type { Channel } from '../channel/channel.ts'
import type { CircuitServer } from '../circuit/circuit-server.ts'
import { Sequence } from '../lib/sequence.ts'
import { Listeners, type Service } from '../lib/service.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { Listener } from '../net/listener.ts'
import type { ListenPoint, SecondDoor } from '../relay/relay.ts'
import type { AccessLog } from './access-log.ts'
import { type AdmissionRules, AdmissionSteps } from './admission-steps.ts'
import type { BlockBook } from './block-book.ts'
import { type OverloadCause, OverloadWatch } from './overload.ts'
import { listenPaPort } from './pa-port.ts'
import { RETRY_SECONDS } from './pa-status.ts'
import type { GroupSources } from './peer-groups.ts'
import { PeerLinks, type PeerSession } from './peer-links.ts'
import { type PeerAlarm, PeerRegistry } from './peer-registry.ts'
import { PeerShares } from './peer-shares.ts'
import { ServedStreams, type ServedTotals } from './served-streams.ts'
import type { UsefulnessBook } from './usefulness.ts'

/** Where perspective access is offered: a listener of its own, only on links to the ORPort, or nowhere. */
export type PaDoor = ListenPoint | 'virtual' | 'off'

export interface PerspectiveServerOptions extends AdmissionRules {
  readonly door: PaDoor
  readonly blocks: BlockBook
  readonly usefulness: UsefulnessBook
  readonly groups: Pick<GroupSources, 'countryOf' | 'systemOf'>
  readonly accessLog?: AccessLog
  /** How often it is looked whether an admitted peer is due for a new test, ms. */
  readonly retestMs: number
}

/**
 * The server's side of perspective access: the PAPort and its virtual twin, who comes in, and what they may do (perspective-access.md 2–6).
 */
export class PerspectiveServer implements Service, SecondDoor {
  readonly onAdmitted = new Listeners<[fingerprint: string]>()
  readonly onRefused = new Listeners<[fingerprint: string | undefined, status: PaStatusCode]>()
  readonly onAlarm = new Listeners<[alarm: PeerAlarm]>()
  readonly onPause = new Listeners<[cause: OverloadCause | undefined]>()
  readonly streams: ServedStreams
  readonly shares: PeerShares
  readonly #o: PerspectiveServerOptions
  readonly #links: PeerLinks
  readonly #steps: AdmissionSteps
  readonly #overload: OverloadWatch
  readonly #forget: (() => void)[] = []
  #door: PaDoor
  #listener: Listener | undefined
  #retest: NodeJS.Timeout | undefined
  readonly #doorChanges = new Sequence()
  #stopped = false

  constructor(options: PerspectiveServerOptions) {
    this.#o = options
    this.#door = options.door
    this.streams = new ServedStreams(options.accessLog)
    this.shares = new PeerShares({ limiter: options.relay.limiter, shares: () => options.limits() })
    this.#links = new PeerLinks({
      shares: this.shares,
      streams: this.streams,
      onRefused: (fingerprint, status) => this.onRefused.emit(fingerprint, status),
    })
    this.#steps = new AdmissionSteps({
      ...options,
      links: this.#links,
      peers: new PeerRegistry({ ...options, limits: () => options.limits(), onAlarm: alarm => this.onAlarm.emit(alarm) }),
      shares: this.shares,
      streams: this.streams,
      isOffered: () => this.#door !== 'off' && !this.#stopped,
      onAdmitted: fingerprint => this.onAdmitted.emit(fingerprint),
    })
    this.#overload = new OverloadWatch({
      most: () => options.limits().overload,
      orQueueBytes: () => this.#orQueueBytes(),
      onChange: cause => this.#pause(cause),
    })
  }

  get door(): PaDoor {
    return this.#door
  }

  get listener(): Listener | undefined {
    return this.#listener
  }

  get served(): ServedTotals {
    return this.streams.totals
  }

  /** Why perspective access has stepped back, `undefined` when it has not. */
  get pausedFor(): OverloadCause | undefined {
    return this.#overload.overload.cause
  }

  /** Fingerprints of the peers that are admitted now. */
  get peers(): string[] {
    return this.sessions.map(session => session.fingerprint)
  }

  /** The peers that are admitted now, with what they hold and have used today. */
  get sessions(): PeerSession[] {
    return this.#links.sessions
  }

  async start(): Promise<void> {
    const { relay, blocks, probes, usefulness, retestMs } = this.#o
    relay.secondDoor = this
    relay.limiter.leftover = this.shares
    this.#forget.push(
      blocks.onChange.add(() => this.recheck()),
      probes.onResult.add((fingerprint, result) => usefulness.note(fingerprint, result.usable)),
    )
    this.#overload.start()
    this.#retest = setInterval(() => this.#steps.testAgain(), retestMs)
    if (typeof this.#door === 'object') this.#listener = await this.#listen(this.#door)
  }

  /** Opens another door, or none, while the relay runs. Peers that came through the old one lose their admission with status 12. */
  setDoor(door: PaDoor): Promise<void> {
    return this.#doorChanges.run(async () => {
      const listener = typeof door === 'object' ? await this.#listen(door) : undefined
      const old = this.#listener
      this.#listener = listener
      this.#door = door
      for (const [channel, link] of this.#links) {
        if (door === 'off' || this.#links.isAtPaPort(channel)) this.#links.lose(channel, link, PaStatusCode.OFF, RETRY_SECONDS.long)
      }
      await old?.close()
    })
  }

  #listen(at: ListenPoint): Promise<Listener> {
    return listenPaPort({
      at,
      relay: this.#o.relay,
      door: this,
      onLink: channel => this.#links.arrived(channel, this.#o.limits().negotiateMs),
    })
  }

  circuitsFor(channel: Channel): CircuitServer | undefined {
    return this.#links.circuitsFor(channel)
  }

  onControl(channel: Channel, cell: Cell): void {
    this.#steps.take(channel, cell)
  }

  onClose(channel: Channel): void {
    this.#links.end(channel)
  }

  /** At a new consensus and at every change of the block list: steps 2 to 5 are taken again for all links. */
  recheck(): void {
    for (const [channel] of [...this.#links]) this.#steps.recheck(channel)
  }

  #orQueueBytes(): number {
    const now = steadyNow()
    let bytes = 0
    for (const channel of this.#o.relay.channels.all()) {
      // A peer that takes nothing is slow itself; that says nothing of us.
      if (channel.stuckSince === undefined || now - channel.stuckSince < 1000) bytes += channel.queuedBytes('or')
    }
    return bytes
  }

  #pause(cause: OverloadCause | undefined): void {
    this.#o.log.info(cause ? `perspective access steps back: ${cause}` : 'perspective access goes on')
    this.shares.paused = cause !== undefined
    this.onPause.emit(cause)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const { relay } = this.#o
    if (relay.secondDoor === this) relay.secondDoor = undefined
    if (relay.limiter.leftover === this.shares) relay.limiter.leftover = undefined
    clearInterval(this.#retest)
    for (const forget of this.#forget) forget()
    this.#overload.stop()
    await this.#doorChanges.idle()
    for (const [channel, link] of this.#links) {
      this.#links.lose(channel, link, PaStatusCode.OFF, RETRY_SECONDS.long)
      channel.close('perspective access is off')
    }
    this.shares.stop()
    await this.#listener?.close()
    this.#listener = undefined
  }
}
