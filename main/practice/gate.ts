/** Wakes those who wait for a condition whenever something happened that may have made it true. */
export class Gate {
  readonly #waiting = new Set<() => void>()

  /** Something happened: every waiter looks again. */
  open(): void {
    for (const look of [...this.#waiting]) look()
  }

  /** Resolves true when `condition` holds, false after `timeoutMs` (at once when that is not positive). */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true)
    if (timeoutMs <= 0) return Promise.resolve(false)
    return new Promise(resolve => {
      const done = (value: boolean) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(value)
      }
      const look = () => {
        if (condition()) done(true)
      }
      const timer = setTimeout(() => done(false), timeoutMs)
      this.#waiting.add(look)
    })
  }
}
