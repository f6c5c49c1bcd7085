import { sha3_256 } from '@noble/hashes/sha3.js'

/** SHA3-256 of data that comes in parts. In JavaScript, because Electron's BoringSSL has no SHA-3: 64 KiB take some 2 to 4 ms. */
export class RunningSha3 {
  readonly #hash = sha3_256.create()

  update(data: Uint8Array): void {
    this.#hash.update(data)
  }

  /** The digest (32 bytes) of everything; nothing can be added after. */
  digest(): Buffer {
    return Buffer.from(this.#hash.digest())
  }
}
