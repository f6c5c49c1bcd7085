import type { Problem } from '../../shared/problem.ts'
import type { Choice } from '../../shared/state.ts'
import type { Log } from '../lib/log.ts'
import { Sequence } from '../lib/sequence.ts'
import type { AppOptions } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import type { EventVoice } from './event-voice.ts'
import { ownFlags, ownLocks } from './own-standing.ts'
import { RelayRun } from './relay-run.ts'
import type { Resources } from './resources.ts'
import { RunWatch } from './run-watch.ts'

interface RelaySwitchOptions {
  readonly options: AppOptions
  readonly log: Log
  readonly voice: EventVoice
  /** There from the app's start to its stop. */
  resources(): Resources | undefined
  choice(): Choice
  /** It must not run now; whoever says so starts it when that is over. */
  mustRest(): boolean
  mayPublish(): boolean
  /** Its ports have opened, or are others. */
  onPorts(): void
  onChange(): void
}

/** Starts and stops our relay, never two steps at once; knows whether its owner wants it, and what kept it from starting. */
export class RelaySwitch {
  run: RelayRun | undefined
  /** The owner has not stopped it. */
  wanted = true
  /** Why it did not start. */
  blocked: Problem | undefined
  /** What the run reports. */
  readonly watch: RunWatch
  readonly #o: RelaySwitchOptions
  readonly #steps = new Sequence()
  #retired = false

  constructor(options: RelaySwitchOptions) {
    this.#o = options
    this.watch = new RunWatch({ voice: options.voice, onChange: () => options.onChange() })
  }

  /** What prevents the start becomes `blocked`, not an exception. */
  start(): Promise<void> {
    return this.#steps.run(async () => {
      const running = this.#o.resources()
      if (!running || this.run || this.#retired || !running.consents.current.relay) return
      this.wanted = true
      this.blocked = undefined
      if (this.#o.mustRest()) return this.#o.onChange()
      try {
        await this.#begin(running)
      } catch (error) {
        this.#block(error)
      }
      this.#o.onChange()
    })
  }

  stop(): Promise<void> {
    return this.#steps.run(async () => {
      const { run } = this
      this.run = undefined
      this.watch.forget()
      this.#o.onChange()
      if (run) await this.#end(run)
      this.#o.onChange()
    })
  }

  /** For what takes effect with a new start only. A relay that is off stays off. */
  async restart(): Promise<void> {
    if (!this.run && !this.blocked) return
    await this.stop()
    await this.start()
  }

  /** Stops it until its owner starts it again. */
  async ownerStops(): Promise<void> {
    this.wanted = false
    this.blocked = undefined
    await this.stop()
  }

  /** Nothing starts it from now on: the program ends. */
  retire(): void {
    this.#retired = true
  }

  get retired(): boolean {
    return this.#retired
  }

  /** Takes over what shapes perspective access, while the relay goes on. Rejects with {@link AppStartError}. */
  applyPerspective({ network, consents, settings }: Resources): Promise<void> {
    return this.#steps.run(async () => {
      const perspective = consents.current.perspective !== undefined
      await this.run?.applyPerspective({ options: this.#o.options, settings: settings.current, network, perspective })
      this.#o.onPorts()
    })
  }

  async #begin(running: Resources): Promise<void> {
    const { settings, network, directory, records, consents, safety } = running
    const moved = safety.identity.problem
    if (moved) throw moved
    const run = await RelayRun.start({
      options: this.#o.options,
      settings: settings.current,
      network,
      directory,
      records,
      perspective: consents.current.perspective !== undefined,
      log: this.#o.log,
      mayPublish: () => this.#o.mayPublish(),
      client: {
        unlocked: () => ownLocks(this.run, running).length === 0,
        ownFlags: () => ownFlags(this.run, running),
        choice: () => {
          const choice = this.#o.choice()
          return choice.kind === 'off' ? undefined : choice
        },
        preferences: () => settings.current,
        corrections: () => settings.current.countryCorrections,
      },
    })
    this.run = run
    await safety.keeper.refresh()
    running.book.begin(Date.now())
    running.background.accounting.begin()
    this.watch.watch(run)
    this.#o.onPorts()
  }

  #block(error: unknown): void {
    const known = error instanceof AppStartError
    if (!known) this.#o.log.write('error', 'app', `the relay did not start: ${(error as Error)?.stack ?? error}`)
    const problem: Problem = known
      ? error.problem
      : { code: 'internal', detail: { reason: String((error as Error)?.message).slice(0, 200) } }
    this.blocked = problem
    this.#o.voice.event('problem', { code: problem.code, ...problem.detail })
  }

  /** What the last streams carried counts too, so the book is written up after they have ended. */
  async #end(run: RelayRun): Promise<void> {
    await run.stop()
    const { book, background } = this.#o.resources() ?? {}
    background?.accounting.count(run.carried, Date.now())
    book?.sample(run.counters, Date.now())
    book?.end()
    await book?.save(Date.now()).catch(() => this.#o.log.write('warn', 'app', 'the contribution book was not saved'))
  }
}
