import { AesCtr } from '../crypto/aes-ctr.ts'
import { MalformedError } from '../lib/bytes.ts'
import { RelayDigest } from './relay-digest.ts'

/** Key material of one TOR1 hop: Df 20 | Db 20 | Kf 16 | Kb 16 (tor-spec 5.2). */
export const TOR1_KEY_LENGTH = 72
/** As above, then 20 bytes that both ends know and that name the circuit in ESTABLISH_INTRO (rend-spec-v3 3.1.1). */
export const HOP_KEY_LENGTH = TOR1_KEY_LENGTH + 20

/**
 * One onion layer, at either of its two ends. `encrypt` is for bodies going away from us, `decrypt` for bodies coming to us; a call takes the
 * next whole cells of that direction, n × 509 bytes, and costs one native AES call however many they are.
 */
export class CryptoLayer {
  readonly #away: AesCtr
  readonly #here: AesCtr
  /** Of the messages that we start, and that the other end of this layer starts. */
  readonly sent: RelayDigest
  readonly received: RelayDigest

  private constructor(away: AesCtr, here: AesCtr, sent: RelayDigest, received: RelayDigest) {
    this.#away = away
    this.#here = here
    this.sent = sent
    this.received = received
  }

  /** `keys` starts with the 72 bytes of {@link TOR1_KEY_LENGTH}; more are ignored. */
  static tor1(keys: Uint8Array, side: 'relay' | 'client'): CryptoLayer {
    if (keys.length < TOR1_KEY_LENGTH) throw new MalformedError('too few bytes of key')
    const forward = { digest: new RelayDigest(keys.subarray(0, 20)), aes: new AesCtr(keys.subarray(40, 56)) }
    const backward = { digest: new RelayDigest(keys.subarray(20, 40)), aes: new AesCtr(keys.subarray(56, 72)) }
    const [away, here] = side === 'client' ? [forward, backward] : [backward, forward]
    return new CryptoLayer(away.aes, here.aes, away.digest, here.digest)
  }

  encrypt(bodies: Uint8Array): Buffer {
    return this.#away.apply(bodies)
  }

  decrypt(bodies: Uint8Array): Buffer {
    return this.#here.apply(bodies)
  }
}
