import { CELL_BODY } from '../cell/command.ts'
import { RELAY_DIGEST_AT } from '../cell/relay-cell.ts'
import { RunningSha1 } from '../crypto/running-sha1.ts'

/**
 * The running digest of one direction of one hop (tor-spec 6.1): SHA-1 over the seed and every body that started or ended at that hop, digest
 * field taken as zero. All of a relay's per-cell hashing goes through these three methods, so another SHA-1 can be put behind them.
 */
export class RelayDigest {
  readonly #sha: RunningSha1
  #spare: RunningSha1 | undefined

  /** `seed`: Df or Db, 20 bytes. */
  constructor(seed: Uint8Array) {
    this.#sha = new RunningSha1(seed)
  }

  /** A copy of the 20-byte digest after the newest body: the tag of an authenticated SENDME. */
  get tag(): Buffer {
    return this.#sha.peek()
  }

  /** Takes in the body at `at` (its digest field must be zero) and writes its digest into it. */
  seal(bodies: Buffer, at: number): void {
    this.#sha.update(bodies.subarray(at, at + CELL_BODY))
    bodies.writeUInt32BE(this.#sha.peekWord(), at + RELAY_DIGEST_AT)
  }

  /** Takes in the body at `at` and says whether its digest was right. After false the digest is of no use any more: the circuit must end. */
  check(bodies: Buffer, at: number): boolean {
    const field = at + RELAY_DIGEST_AT
    const claimed = bodies.readUInt32BE(field)
    bodies.writeUInt32BE(0, field)
    this.#sha.update(bodies.subarray(at, at + CELL_BODY))
    return this.#sha.peekWord() === claimed
  }

  /** As `check`, but where the cell may be for a hop farther on: after false everything, the body too, is as before. */
  probe(bodies: Buffer, at: number): boolean {
    this.#spare ??= new RunningSha1()
    this.#spare.copyFrom(this.#sha)
    const claimed = bodies.readUInt32BE(at + RELAY_DIGEST_AT)
    if (this.check(bodies, at)) return true
    bodies.writeUInt32BE(claimed, at + RELAY_DIGEST_AT)
    this.#sha.copyFrom(this.#spare)
    return false
  }
}
