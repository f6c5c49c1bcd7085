import { uptime } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type BackgroundState,
  type Notice,
  type PauseReason,
  type PauseSpan,
  type Share,
  type Standing,
  share as shareSchema,
} from '../../shared/background.ts'
import { moment } from '../../shared/moment.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Settings } from '../../shared/settings.ts'
import { Sequence } from '../lib/sequence.ts'
import { Listeners } from '../lib/service.ts'
import { Accounting, capMargin } from './accounting.ts'
import { JsonFile } from './json-file.ts'
import { askSystemMetered, networkIdOf, type SystemSaysMetered } from './metered-network.ts'
import {
  type AskedPause,
  askedPause,
  CAN_PASS_OVER,
  type Clocks,
  causesOf,
  isOver,
  type PauseFacts,
  resumedPause,
  standingOf,
} from './pauses.ts'
import { type PowerSource, readPowerSource } from './power-source.ts'
import { type Told, type WeatherFacts, WeatherWatch } from './weather.ts'

/** How often the computer is asked about its power and its network, ms. */
const ASK_MS = 15_000
/** … and the system about the price of the network, which starts a program each time. */
const ASK_PRICE_MS = 60_000
/** A resume that never came: whoever counts so long since the suspend is awake. */
const AWAKE_AFTER_MS = 120_000
const MAX_NOTICES = 20

const stored = z.object({
  pause: z.object({ from: moment, until: moment }).optional(),
  share: shareSchema.default(1),
  told: z.object({ unlocked: z.boolean() }).default({ unlocked: false }),
})
type Stored = z.infer<typeof stored>

/** What only the host knows. */
export interface HostFacts {
  readonly power?: PowerSource
  readonly login?: BackgroundState['login']
  readonly awake?: boolean
}

export interface BackgroundOptions {
  readonly dataFolder: string
  readonly settings: () => Settings
  readonly clocks?: () => Clocks
  readonly readPower?: () => Promise<PowerSource>
  readonly readNetwork?: () => string | undefined
  readonly readMetered?: () => Promise<SystemSaysMetered>
}

/** The two clocks of this computer. The time since it started counts its sleeps too, and nobody can set it. */
export const realClocks = (): Clocks => ({ wall: Date.now(), steady: uptime() * 1000 })

/**
 * Whether the relay may run now, how fast, and what the computer tells about itself: one place where a person's pause, the plan, the cap, the
 * battery, the network and the computer's sleep meet. It decides nothing by itself: `pauses.ts` does, from facts that are gathered here.
 */
export class Background {
  readonly accounting: Accounting
  readonly onNotice = new Listeners<[notice: Notice]>()
  readonly problem: Problem | undefined
  readonly #o: BackgroundOptions
  readonly #clocks: () => Clocks
  readonly #file: JsonFile<Stored>
  readonly #told: Told
  readonly #watch: WeatherWatch
  readonly #passedOver = new Set<PauseReason>()
  #asked: AskedPause | undefined
  #share: Share
  #asleepAt: number | undefined
  #host: HostFacts = {}
  #power: PowerSource = 'unknown'
  #network: string | undefined
  #price: SystemSaysMetered = 'unknown'
  #askedAt = Number.NEGATIVE_INFINITY
  #pricedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> = Promise.resolve()
  #notices: readonly Notice[] = []
  readonly #writes = new Sequence()

  private constructor(
    options: BackgroundOptions,
    accounting: Accounting,
    file: JsonFile<Stored>,
    value: Stored,
    problem: Problem | undefined,
  ) {
    this.#o = options
    this.#clocks = options.clocks ?? realClocks
    this.accounting = accounting
    this.#file = file
    this.#share = value.share
    this.#told = { ...value.told }
    this.#watch = new WeatherWatch(this.#told)
    this.#asked = resumedPause(value.pause && { kind: 'until', ...value.pause }, this.#clocks())
    this.problem = problem ?? accounting.problem
  }

  static async load(options: BackgroundOptions): Promise<Background> {
    const { wall } = (options.clocks ?? realClocks)()
    const accounting = await Accounting.load(options.dataFolder, { now: wall, startDay: options.settings().capStartDay })
    const file = new JsonFile(join(options.dataFolder, 'background.json'), stored)
    const { value, problem } = await file.load(wall)
    const background = new Background(options, accounting, file, value, problem)
    await background.#ask(background.#clocks(), true)
    return background
  }

  /** Looks at the clocks and at what was carried (bytes of the present run, both directions); to be called every second or so. */
  look(carried: number | undefined): Standing {
    const now = this.#clocks()
    if (carried !== undefined) this.accounting.count(carried, now.wall)
    this.accounting.setStartDay(this.#o.settings().capStartDay, now.wall)
    if (this.#asleepAt !== undefined && now.steady - this.#asleepAt > AWAKE_AFTER_MS) this.#asleepAt = undefined
    if (this.#asked && isOver(this.#asked, now)) this.#setAsked(undefined)
    if (now.steady - this.#askedAt >= ASK_MS) void this.#ask(now, false)
    const facts = this.#facts(now)
    const causes = causesOf(facts, now)
    for (const reason of this.#passedOver) if (!causes.some(cause => cause.reason === reason)) this.#passedOver.delete(reason)
    return standingOf(facts, now)
  }

  /** What `look` answered last would be answered now. */
  get standing(): Standing {
    const now = this.#clocks()
    return standingOf(this.#facts(now), now)
  }

  #facts(now: Clocks): PauseFacts {
    const settings = this.#o.settings()
    const { used, resetsAt } = this.accounting.volume(now.wall)
    const { monthlyCap, bandwidthRate } = settings
    return {
      asked: this.#asked,
      asleep: this.#asleepAt !== undefined,
      passedOver: this.#passedOver,
      rate: bandwidthRate,
      share: this.#share,
      plan: settings.plan,
      pauseOnBattery: settings.pauseOnBattery,
      power: this.#powerNow,
      pauseOnMetered: settings.pauseOnMetered,
      metered: this.#isMetered,
      capReached: monthlyCap > 0 && used >= monthlyCap - capMargin(monthlyCap, bandwidthRate),
      capResetsAt: resetsAt,
    }
  }

  get #powerNow(): PowerSource {
    return this.#host.power ?? this.#power
  }

  /** The owner's word counts beside the system's: either is enough. */
  get #isMetered(): boolean {
    if (this.#network === undefined) return false
    return this.#price === 'metered' || this.#o.settings().meteredNetworks.includes(this.#network)
  }

  /** Asks the computer about its power and its network. */
  #ask(now: Clocks, price: boolean): Promise<void> {
    this.#askedAt = now.steady
    const { readPower = readPowerSource, readNetwork = networkIdOf, readMetered = askSystemMetered } = this.#o
    const network = readNetwork()
    const moved = network !== this.#network
    const due = this.#o.settings().pauseOnMetered && now.steady - this.#pricedAt >= ASK_PRICE_MS
    this.#network = network
    this.#asking = this.#asking.then(async () => {
      this.#power = await readPower()
      if (!price && !moved && !due) return
      this.#pricedAt = now.steady
      this.#price = await readMetered()
    })
    return this.#asking
  }

  setHostFacts(facts: HostFacts): void {
    this.#host = { ...this.#host, ...facts }
  }

  /** The computer goes to sleep, or is awake again. */
  setAsleep(asleep: boolean): void {
    this.#asleepAt = asleep ? this.#clocks().steady : undefined
  }

  pause(span: PauseSpan): void {
    this.#setAsked(askedPause(span, this.#clocks()))
  }

  /** The relay may run in spite of whatever holds it back now, as far as a person can say so. */
  endPause(): void {
    const now = this.#clocks()
    this.#setAsked(undefined)
    for (const { reason } of causesOf(this.#facts(now), now)) if (CAN_PASS_OVER.has(reason)) this.#passedOver.add(reason)
  }

  setShare(share: Share): void {
    this.#share = share
    this.#save()
  }

  #setAsked(asked: AskedPause | undefined): void {
    this.#asked = asked
    this.#save()
  }

  /** Tells what has become news, unless it is muted. */
  tell(facts: Omit<WeatherFacts, 'cap'>): void {
    const now = this.#clocks()
    const { capReached } = this.#facts(now)
    const { used } = this.accounting.volume(now.wall)
    const { monthlyCap, mutedNotices } = this.#o.settings()
    const told = this.#told.unlocked
    for (const notice of this.#watch.look({ ...facts, cap: { used, limit: monthlyCap, reached: capReached } }, now)) {
      this.#notices = [...this.#notices, notice].slice(-MAX_NOTICES)
      if (!mutedNotices.includes(notice.kind)) this.onNotice.emit(notice)
    }
    if (told !== this.#told.unlocked) this.#save()
  }

  /** As the contract shows it. */
  section(standing: Standing): BackgroundState {
    return {
      standing,
      share: this.#share,
      power: this.#powerNow,
      network: this.#network === undefined ? undefined : { id: this.#network, system: this.#price },
      volume: this.accounting.volume(this.#clocks().wall),
      login: this.#host.login ?? 'unavailable',
      awake: this.#host.awake ?? false,
      notices: [...this.#notices],
    }
  }

  #save(): void {
    const asked = this.#asked
    const pause = asked?.kind === 'until' ? { from: asked.from, until: asked.until } : undefined
    const value: Stored = { pause, share: this.#share, told: { ...this.#told } }
    // What cannot be written is lost with the program; that is no reason to stop anything.
    this.#writes.run(() => this.#file.save(value)).catch(() => {})
  }

  /** Writes what there is to keep. */
  async close(): Promise<void> {
    await this.#asking
    await this.#writes.idle()
    await this.accounting.save(this.#clocks().wall).catch(() => {})
  }
}
