/** What the clocks say happened between two looks, seconds; both may have happened at once. */
export interface ClockEvent {
  /** The machine slept, or the program was held, for so long. */
  readonly slept: number
  /** Somebody set the clock: so far forwards (positive) or back. */
  readonly moved: number
}

/** A look comes late by this much when the machine is only busy, seconds. */
const LATE_SECONDS = 30
/** The system's own corrections are smaller than this, seconds. */
const MOVED_SECONDS = 30

/**
 * Tells a sleep from a clock that was set, by two clocks: the one on the wall, and the time since the machine started, which counts sleep
 * and which nobody can set. To be looked at regularly.
 */
export class ClockWatch {
  readonly #everySeconds: number
  #wall: number
  #uptime: number

  /** `wall`: ms since 1970; `uptime`: seconds since the machine started. */
  constructor(everySeconds: number, wall: number, uptime: number) {
    this.#everySeconds = everySeconds
    this.#wall = wall
    this.#uptime = uptime
  }

  look(wall: number, uptime: number): ClockEvent {
    const passed = uptime - this.#uptime
    const moved = (wall - this.#wall) / 1000 - passed
    this.#wall = wall
    this.#uptime = uptime
    return {
      slept: passed > this.#everySeconds + LATE_SECONDS ? passed : 0,
      moved: Math.abs(moved) >= MOVED_SECONDS ? Math.round(moved) : 0,
    }
  }
}
