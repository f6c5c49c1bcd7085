/** Steps that must not overlap, such as writes to one file: each begins when the one before has ended, well or badly. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `step` in its turn, and settles as it does. */
  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step)
    this.#last = result.catch(() => {})
    return result
  }

  /** Resolves when every step that was given so far has ended. */
  async idle(): Promise<void> {
    await this.#last
  }
}
