import { MalformedError } from '../lib/bytes.ts'
import { constantTimeEqual } from './digest.ts'
import { kdfTor } from './kdf.ts'
import { randomBytes } from './random.ts'

/*
 * CREATE_FAST, tor-spec 5.1.5 and 5.2.1: for a first hop, whose link already proved who it is.
 *
 *     onionskin: X 20        reply: Y 20 | KH 20
 *
 * K0 = X | Y; KDF-TOR gives KH 20 | Df 20 | Db 20 | Kf 16 | Kb 16. Here KH is moved to the end, so that key material has the same layout
 * after every handshake: Df | Db | Kf | Kb | KH.
 */

const HASH = 20
/** Bytes of key material a CREATE_FAST circuit gets. */
const FAST_KEY_LENGTH = 92

function derive(x: Uint8Array, y: Uint8Array): { check: Buffer; keys: Buffer } {
  const material = kdfTor(Buffer.concat([x, y]), FAST_KEY_LENGTH)
  const check = material.subarray(0, HASH)
  return { check, keys: Buffer.concat([material.subarray(HASH), check]) }
}

/** A handshake that waits for the relay's reply. */
export interface FastClient {
  /** 20 bytes for CREATE_FAST. */
  readonly onionskin: Buffer
  /** The 92 bytes Df | Db | Kf | Kb | KH; throws {@link MalformedError} when the reply is not 40 bytes or KH is wrong. */
  finish(reply: Uint8Array): Buffer
}

/** Starts a handshake. */
export function createFastClient(): FastClient {
  const x = randomBytes(HASH)
  return {
    onionskin: x,
    finish(reply) {
      if (reply.length !== 2 * HASH) throw new MalformedError('a CREATED_FAST has 40 bytes')
      const { check, keys } = derive(x, reply.subarray(0, HASH))
      if (!constantTimeEqual(check, reply.subarray(HASH))) throw new MalformedError('a CREATED_FAST with a wrong key hash')
      return keys
    },
  }
}

/** Answers the 20 bytes of a CREATE_FAST with 40, and gives the 92 bytes Df | Db | Kf | Kb | KH. Throws {@link MalformedError} for other lengths. */
export function createFastServer(onionskin: Uint8Array): { reply: Buffer; keys: Buffer } {
  if (onionskin.length !== HASH) throw new MalformedError('a CREATE_FAST has 20 bytes')
  const y = randomBytes(HASH)
  const { check, keys } = derive(onionskin, y)
  return { reply: Buffer.concat([y, check]), keys }
}
