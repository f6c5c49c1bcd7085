import type { AppEvent } from './app-event.ts'
import type { Lock } from './journey.ts'

/** Says what happens as events (the lines of `--json`), and what stands only when it has changed. */
export class EventVoice {
  readonly #emit: (event: AppEvent) => void
  #listening: string | undefined
  #flags = ''
  #unlocked = false

  constructor(emit: (event: AppEvent) => void) {
    this.#emit = emit
  }

  event(event: AppEvent['event'], facts: Record<string, unknown> = {}): void {
    this.#emit({ event, time: new Date().toISOString(), ...facts })
  }

  /** Addresses and ports. */
  listening(facts: Record<string, unknown>): void {
    const text = JSON.stringify(facts)
    if (text === this.#listening) return
    this.#listening = text
    this.event('listening', facts)
  }

  /** Our own entry in the consensus. */
  listed(fingerprint: string | undefined, flags: ReadonlySet<string>): void {
    const text = [...flags].join(' ')
    if (fingerprint && flags.size > 0 && this.#flags !== text) this.event('listed', { fingerprint, flags: [...flags] })
    this.#flags = text
  }

  locks(locks: readonly Lock[]): void {
    const unlocked = locks.length === 0
    const before = this.#unlocked
    this.#unlocked = unlocked
    if (unlocked && !before) this.event('unlocked')
    if (!unlocked && before) this.event('locked', { why: locks })
  }
}
