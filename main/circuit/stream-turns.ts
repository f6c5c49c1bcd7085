import type { CircuitStream } from './stream.ts'

/** Streams of one edge that have something to send, in the order of their turns. What is written in one turn of the event loop goes out together. */
export class StreamTurns {
  readonly #awake: CircuitStream[] = []
  readonly #pump: () => void
  #scheduled = false
  #closed = false

  /** `pump`: sends what can be sent; called in a turn of its own after a `wake`. */
  constructor(pump: () => void) {
    this.#pump = pump
  }

  get length(): number {
    return this.#awake.length
  }

  [Symbol.iterator](): Iterator<CircuitStream> {
    return this.#awake.values()
  }

  /** The stream has data, or its end, to send. */
  wake(stream: CircuitStream): void {
    if (stream.awake || this.#closed) return
    stream.awake = true
    this.#awake.push(stream)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    this.#pump()
  }

  /** The stream whose turn it is; there must be one. */
  next(): CircuitStream {
    return this.#awake.shift()!
  }

  /** Its turn comes again, after all others'. */
  again(stream: CircuitStream): void {
    this.#awake.push(stream)
  }

  close(): void {
    this.#closed = true
    this.#awake.length = 0
  }
}
