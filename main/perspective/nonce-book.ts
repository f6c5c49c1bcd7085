import { randomBytes } from '../crypto/random.ts'
import type { IpAddress } from '../lib/ip.ts'

/** Where our DirPort serves canary nonces. */
export const NONCE_PATH = '/tor/x-perspective/nonce/'
const MAX_NONCES = 1000

/**
 * Single-use nonces that prove an exit: the tester publishes one on its own DirPort, asks for it through the tested PAPort, and sees it
 * fetched from the tested relay's address.
 */
export class NonceBook {
  readonly #waiting = new Map<string, { value: string; seen: (address: IpAddress) => void }>()

  /** A new nonce; `seenFrom` resolves with the address that first asked for it. `forget` must be called in the end. */
  issue(): { path: string; value: string; seenFrom: Promise<IpAddress>; forget: () => void } {
    if (this.#waiting.size >= MAX_NONCES) throw new Error('too many canaries at once')
    const id = randomBytes(16).toString('hex')
    const value = randomBytes(32).toString('hex')
    const { promise, resolve } = Promise.withResolvers<IpAddress>()
    this.#waiting.set(id, { value, seen: resolve })
    return { path: `${NONCE_PATH}${id}`, value, seenFrom: promise, forget: () => this.#waiting.delete(id) }
  }

  /** The answer to a request for a nonce, once; `undefined` for every other path and every second request. */
  answer(path: string, from: IpAddress): string | undefined {
    if (!path.startsWith(NONCE_PATH)) return undefined
    const id = path.slice(NONCE_PATH.length)
    const entry = this.#waiting.get(id)
    if (!entry) return undefined
    this.#waiting.delete(id)
    entry.seen(from)
    return entry.value
  }
}
