const NOTHING = Buffer.alloc(0)

/** Bytes waiting to be packed into cells: buffers in order, taken from the front in pieces of any size. */
export class SendQueue {
  #chunks: Buffer[] = []
  /** Index of the first chunk not yet used up, and how much of it is. */
  #head = 0
  #used = 0
  length = 0

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.length += chunk.length
  }

  /** Copies the next `count` bytes (there must be as many) to `at`. */
  take(target: Buffer, at: number, count: number): void {
    this.length -= count
    while (count > 0) {
      const chunk = this.#chunks[this.#head]!
      const part = Math.min(count, chunk.length - this.#used)
      chunk.copy(target, at, this.#used, this.#used + part)
      at += part
      count -= part
      this.#used += part
      if (this.#used === chunk.length) this.#next()
    }
  }

  #next(): void {
    this.#used = 0
    // Not kept alive by the array until that is trimmed.
    this.#chunks[this.#head++] = NOTHING
    if (this.#head === this.#chunks.length) {
      this.#chunks = []
      this.#head = 0
    } else if (this.#head >= 64) {
      this.#chunks.splice(0, this.#head)
      this.#head = 0
    }
  }

  clear(): void {
    this.#chunks = []
    this.#head = this.#used = this.length = 0
  }
}
