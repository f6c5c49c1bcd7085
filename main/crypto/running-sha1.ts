import { BLOCKS_CAPACITY, blocks, compress, state } from './sha1-wasm.ts'

const BLOCK = 64
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
const CHUNK = BLOCKS_CAPACITY - BLOCK

/**
 * The running digest of relay crypto: SHA-1 over everything one end of a circuit layer has sent, looked at after each cell. tor-spec 6.1.
 * Looking does not disturb it, and copying is cheap.
 */
export class RunningSha1 {
  readonly #state = Int32Array.from(INITIAL)
  readonly #partial = new Uint8Array(BLOCK)
  /** bytes taken in so far */
  #length = 0

  /** Starts with `seed` taken in. */
  constructor(seed?: Uint8Array) {
    if (seed) this.update(seed)
  }

  /** Takes in more bytes. */
  update(data: Uint8Array): void {
    for (let at = 0; at < data.length; at += CHUNK) this.#take(data.length <= CHUNK ? data : data.subarray(at, at + CHUNK))
  }

  #take(data: Uint8Array): void {
    const filled = this.#length % BLOCK
    const total = filled + data.length
    this.#length += data.length
    if (total < BLOCK) {
      this.#partial.set(data, filled)
      return
    }
    blocks.set(this.#partial, 0)
    blocks.set(data, filled)
    const whole = total - (total % BLOCK)
    state.set(this.#state)
    compress(whole)
    this.#state.set(state)
    for (let i = whole; i < total; i++) this.#partial[i - whole] = blocks[i]!
  }

  /** Leaves the digest of everything so far in {@link state}, in the machine's order of bytes. */
  #finish(): void {
    const filled = this.#length % BLOCK
    const end = filled < BLOCK - 8 ? BLOCK : 2 * BLOCK
    blocks.set(this.#partial, 0)
    blocks[filled] = 0x80
    blocks.fill(0, filled + 1, end - 8)
    const bits = this.#length * 8
    blocks.writeUInt32BE(Math.floor(bits / 0x1_0000_0000), end - 8)
    blocks.writeUInt32BE(bits >>> 0, end - 4)
    state.set(this.#state)
    compress(end)
  }

  /** The digest of everything so far, 20 bytes; the stream goes on. */
  peek(): Buffer {
    this.#finish()
    const digest = Buffer.allocUnsafe(20)
    for (let i = 0; i < 5; i++) digest.writeInt32BE(state[i]!, 4 * i)
    return digest
  }

  /** The first four bytes of the digest as an unsigned big-endian number: what a relay cell's digest field holds. Allocates nothing. */
  peekWord(): number {
    this.#finish()
    return state[0]! >>> 0
  }

  /** An independent copy. */
  clone(): RunningSha1 {
    const copy = new RunningSha1()
    copy.copyFrom(this)
    return copy
  }

  /** Becomes a copy of `other`, without a new object. */
  copyFrom(other: RunningSha1): void {
    this.#state.set(other.#state)
    this.#partial.set(other.#partial)
    this.#length = other.#length
  }
}
