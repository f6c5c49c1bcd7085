import { MalformedError } from '../lib/bytes.ts'
import { AesCtr } from './aes-ctr.ts'
import { constantTimeEqual, sha3_256, shake256 } from './digest.ts'
import { generateX25519, importX25519Public, type X25519KeyPair, x25519 } from './x25519.ts'

/*
 * The ntor-v3 handshake, proposal 332, tor-spec 5.1.5. CREATE2 type 3:
 *
 *     onionskin: NODEID 32 (Ed25519 identity) | KEYID 32 (B) | CLIENT_PK 32 (X) | MSG (encrypted) | MAC 32
 *     reply:     SERVER_PK 32 (Y) | AUTH 32 | MSG (encrypted)
 *
 * The messages carry circuit extensions (cell/extensions.ts). Key material follows the reply's message key in one SHAKE-256 stream.
 */

const PROTOID = 'ntor3-curve25519-sha3_256-1'
const PROTOID_BYTES = Buffer.from(PROTOID)
const SERVER = Buffer.from('Server')

/** ENCAP(s): the length in 8 bytes, then s. */
function encap(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(8 + bytes.length)
  out.writeBigUInt64BE(BigInt(bytes.length))
  out.set(bytes, 8)
  return out
}

const tweak = (name: string) => encap(Buffer.from(`${PROTOID}:${name}`))
const T_MSGKDF = tweak('kdf_phase1')
const T_MSGMAC = tweak('msg_mac')
const T_KEY_SEED = tweak('key_seed')
const T_VERIFY = tweak('verify')
const T_FINAL = tweak('kdf_final')
const T_AUTH = tweak('auth_final')

/** What is public about a handshake and fixed from its first message on. */
interface Context {
  readonly id: Uint8Array
  readonly b: Uint8Array
  readonly x: Uint8Array
  /** ENCAP(VER) */
  readonly verification: Buffer
}

/** The keys of the client's message, from EXP(B,x) = EXP(X,b). */
function messageKeys({ id, b, x, verification }: Context, xb: Buffer): { encrypt: Buffer; mac: (encrypted: Uint8Array) => Buffer } {
  const keys = shake256(64, T_MSGKDF, xb, id, x, b, PROTOID_BYTES, verification)
  const macKey = encap(keys.subarray(32))
  return { encrypt: keys.subarray(0, 32), mac: encrypted => sha3_256(T_MSGMAC, macKey, id, b, x, encrypted) }
}

/** The keys after both Diffie-Hellmans, and what AUTH has to be. */
function finalKeys({ id, b, x, verification }: Context, xb: Buffer, xy: Buffer, y: Uint8Array, messageMac: Uint8Array, keyLength: number) {
  const secretInput = Buffer.concat([xy, xb, id, b, x, y, PROTOID_BYTES, verification])
  const keySeed = sha3_256(T_KEY_SEED, secretInput)
  const verify = sha3_256(T_VERIFY, secretInput)
  const stream = shake256(32 + keyLength, T_FINAL, keySeed)
  return {
    encrypt: stream.subarray(0, 32),
    keys: stream.subarray(32),
    auth: (encrypted: Uint8Array) => sha3_256(T_AUTH, verify, id, b, y, x, messageMac, encap(encrypted), PROTOID_BYTES, SERVER),
  }
}

/** A handshake that waits for the relay's reply. */
export interface NtorV3Client {
  /** 128 bytes and the encrypted message. */
  readonly onionskin: Buffer
  /** The key material and the relay's message; throws {@link MalformedError} unless the reply proves that the relay has the onion key. */
  finish(reply: Uint8Array, keyLength: number): { keys: Buffer; message: Buffer }
}

/**
 * Starts a handshake with the relay of Ed25519 identity `ed25519Identity` and ntor onion key `onionKey`, giving it `message` to read.
 * Throws {@link MalformedError} for an onion key of small order. `ephemeral` is for known-answer tests.
 */
export function ntorV3Client(
  ed25519Identity: Uint8Array,
  onionKey: Uint8Array,
  message: Uint8Array,
  verification = 'circuit extend',
  ephemeral: X25519KeyPair = generateX25519(),
): NtorV3Client {
  const context: Context = {
    id: Buffer.from(ed25519Identity),
    b: Buffer.from(onionKey),
    x: ephemeral.public,
    verification: encap(Buffer.from(verification)),
  }
  const xb = x25519(ephemeral, context.b)
  const { encrypt, mac } = messageKeys(context, xb)
  const encrypted = new AesCtr(encrypt).apply(message)
  const messageMac = mac(encrypted)
  return {
    onionskin: Buffer.concat([context.id, context.b, context.x, encrypted, messageMac]),
    finish(reply, keyLength) {
      if (reply.length < 64) throw new MalformedError('an ntor-v3 reply has at least 64 bytes')
      const y = reply.subarray(0, 32)
      const answer = reply.subarray(64)
      const final = finalKeys(context, xb, x25519(ephemeral, y), y, messageMac, keyLength)
      if (!constantTimeEqual(final.auth(answer), reply.subarray(32, 64))) throw new MalformedError('the relay did not prove its onion key')
      return { keys: final.keys, message: new AesCtr(final.encrypt).apply(answer) }
    },
  }
}

/**
 * Answers an onionskin. `findKey` gives the onion key pair of a public key, current or of late; `handle` reads the client's message and gives
 * ours (it throws to refuse, and that goes through). Throws {@link MalformedError} for anything that is not a good onionskin for us.
 * `ephemeral` is for known-answer tests.
 */
export function ntorV3Server(
  onionskin: Uint8Array,
  ed25519Identity: Uint8Array,
  findKey: (publicKey: Buffer) => X25519KeyPair | undefined,
  handle: (clientMessage: Buffer) => Uint8Array,
  keyLength: number,
  verification = 'circuit extend',
  ephemeral: X25519KeyPair = generateX25519(),
): { reply: Buffer; keys: Buffer } {
  if (onionskin.length < 128) throw new MalformedError('an ntor-v3 onionskin has at least 128 bytes')
  if (!constantTimeEqual(onionskin.subarray(0, 32), ed25519Identity)) throw new MalformedError('an onionskin for another relay')
  const own = findKey(Buffer.from(onionskin.subarray(32, 64)))
  if (!own) throw new MalformedError('an onionskin for an onion key that is not ours')
  const x = onionskin.subarray(64, 96)
  const encrypted = onionskin.subarray(96, -32)
  const messageMac = onionskin.subarray(-32)
  const context: Context = { id: ed25519Identity, b: own.public, x, verification: encap(Buffer.from(verification)) }
  const peer = importX25519Public(x)
  const xb = x25519(own, peer)
  const { encrypt, mac } = messageKeys(context, xb)
  if (!constantTimeEqual(mac(encrypted), messageMac)) throw new MalformedError('an onionskin with a bad MAC')
  const answer = handle(new AesCtr(encrypt).apply(encrypted))
  const y = ephemeral.public
  const final = finalKeys(context, xb, x25519(ephemeral, peer), y, messageMac, keyLength)
  const encryptedAnswer = new AesCtr(final.encrypt).apply(answer)
  return { reply: Buffer.concat([y, final.auth(encryptedAnswer), encryptedAnswer]), keys: final.keys }
}
