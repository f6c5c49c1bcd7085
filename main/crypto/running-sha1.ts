import { createHash, type Hash } from 'node:crypto'

export class RunningSha1 {
  #hash: Hash
  constructor(seed: Uint8Array) {
    this.#hash = createHash('sha1').update(seed)
  }
  update(data: Uint8Array): void {
    this.#hash.update(data)
  }
  peek(): Buffer {
    return this.#hash.copy().digest()
  }
  clone(): RunningSha1 {
    const other = new RunningSha1(Buffer.alloc(0))
    other.#hash = this.#hash.copy()
    return other
  }
}
