/** Anything that runs: nothing of it outlives `stop`. */
export interface Service {
  start(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** A small typed set of listeners; not for use per cell. */
export class Listeners<T extends unknown[]> {
  readonly #set = new Set<(...args: T) => void>()
  add(listener: (...args: T) => void): () => void {
    this.#set.add(listener)
    return () => this.#set.delete(listener)
  }
  emit(...args: T): void {
    for (const listener of [...this.#set]) listener(...args)
  }
}
