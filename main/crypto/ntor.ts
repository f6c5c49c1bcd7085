import { MalformedError } from '../lib/bytes.ts'
import { constantTimeEqual, hmacSha256 } from './digest.ts'
import { hkdfExpandSha256 } from './kdf.ts'
import { generateX25519, importX25519Public, type X25519KeyPair, x25519 } from './x25519.ts'

/*
 * The ntor handshake, tor-spec 5.1.4. CREATE2 type 2:
 *
 *     onionskin: NODEID 20 (SHA1 of the RSA identity) | KEYID 32 (B) | CLIENT_PK 32 (X)
 *     reply:     SERVER_PK 32 (Y) | AUTH 32
 *
 * Key material is HKDF-SHA256 of secret_input; circuits take 92 bytes: Df 20 | Db 20 | Kf 16 | Kb 16 | KH 20.
 */

const NTOR_ONIONSKIN_LENGTH = 84
const NTOR_REPLY_LENGTH = 64

const PROTOID = 'ntor-curve25519-sha256-1'
const PROTOID_BYTES = Buffer.from(PROTOID)
const T_MAC = Buffer.from(`${PROTOID}:mac`)
const T_KEY = Buffer.from(`${PROTOID}:key_extract`)
const T_VERIFY = Buffer.from(`${PROTOID}:verify`)
const M_EXPAND = Buffer.from(`${PROTOID}:key_expand`)
const SERVER = Buffer.from('Server')

interface Shared {
  readonly auth: Buffer
  keys(length: number): Buffer
}

/** What both ends compute alike from EXP(Y,x) = EXP(X,y), EXP(B,x) = EXP(X,b), ID, B, X and Y. */
function shared(xy: Buffer, xb: Buffer, id: Uint8Array, b: Uint8Array, x: Uint8Array, y: Uint8Array): Shared {
  const secretInput = Buffer.concat([xy, xb, id, b, x, y, PROTOID_BYTES])
  const verify = hmacSha256(T_VERIFY, secretInput)
  return {
    auth: hmacSha256(T_MAC, verify, id, b, y, x, PROTOID_BYTES, SERVER),
    keys: length => hkdfExpandSha256(hmacSha256(T_KEY, secretInput), M_EXPAND, length),
  }
}

/** A handshake that waits for the relay's reply. */
export interface NtorClient {
  /** 84 bytes for CREATE2 or EXTEND2. */
  readonly onionskin: Buffer
  /** The key material; throws {@link MalformedError} unless the reply proves that the relay has the onion key. */
  finish(reply: Uint8Array, keyLength: number): Buffer
}

/** Starts a handshake with the relay of RSA identity `nodeId` and ntor onion key `onionKey`. `ephemeral` is for known-answer tests. */
export function ntorClient(nodeId: Uint8Array, onionKey: Uint8Array, ephemeral: X25519KeyPair = generateX25519()): NtorClient {
  const id = Buffer.from(nodeId)
  const b = Buffer.from(onionKey)
  return {
    onionskin: Buffer.concat([id, b, ephemeral.public]),
    finish(reply, keyLength) {
      if (reply.length !== NTOR_REPLY_LENGTH) throw new MalformedError('an ntor reply has 64 bytes')
      const y = reply.subarray(0, 32)
      const { auth, keys } = shared(x25519(ephemeral, y), x25519(ephemeral, b), id, b, ephemeral.public, y)
      if (!constantTimeEqual(auth, reply.subarray(32))) throw new MalformedError('the relay did not prove its onion key')
      return keys(keyLength)
    },
  }
}

let junkKey: X25519KeyPair | undefined

/**
 * Answers an onionskin. `findKey` gives the onion key pair of a public key, current or of late. Throws {@link MalformedError} for a wrong
 * length, another relay's id and bad keys. For an onion key that is not ours the answer is made with a junk key, so that the client's check
 * fails without our telling which keys we have. `ephemeral` is for known-answer tests.
 */
export function ntorServer(
  onionskin: Uint8Array,
  nodeId: Uint8Array,
  findKey: (publicKey: Buffer) => X25519KeyPair | undefined,
  keyLength: number,
  ephemeral: X25519KeyPair = generateX25519(),
): { reply: Buffer; keys: Buffer } {
  if (onionskin.length !== NTOR_ONIONSKIN_LENGTH) throw new MalformedError('an ntor onionskin has 84 bytes')
  if (!constantTimeEqual(onionskin.subarray(0, 20), nodeId)) throw new MalformedError('an onionskin for another relay')
  let own = findKey(Buffer.from(onionskin.subarray(20, 52)))
  if (!own) own = junkKey ??= generateX25519()
  const x = onionskin.subarray(52)
  const peer = importX25519Public(x)
  const { auth, keys } = shared(x25519(ephemeral, peer), x25519(own, peer), nodeId, own.public, x, ephemeral.public)
  return { reply: Buffer.concat([ephemeral.public, auth]), keys: keys(keyLength) }
}
