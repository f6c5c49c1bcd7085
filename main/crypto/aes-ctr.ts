import { type Cipheriv, createCipheriv } from 'node:crypto'

const ZERO_IV = Buffer.alloc(16)

/**
 * One AES-CTR key stream: every call goes on where the last one stopped, so a relay's layer is one object for the life of a circuit.
 * Encrypting and decrypting are the same operation. tor-spec 0.3 (128-bit counter, big endian), ntor-v3 uses the 256-bit key form.
 */
export class AesCtr {
  readonly #cipher: Cipheriv

  /** `key` has 16 or 32 bytes; `iv` is the first counter block of 16 bytes, all zero when left out. */
  constructor(key: Uint8Array, iv: Uint8Array = ZERO_IV) {
    this.#cipher = createCipheriv(key.length === 32 ? 'aes-256-ctr' : 'aes-128-ctr', key, iv)
  }

  /** The next `data.length` bytes of the stream, XORed into a new buffer. A call costs about as much for 16 KB as for 500 bytes: pass runs. */
  apply(data: Uint8Array): Buffer {
    return this.#cipher.update(data)
  }
}
