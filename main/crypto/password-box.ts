import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto'

/** What guessing a password costs (RFC 7914): N = 2^logN, block size r, parallelism p. Takes 128 · N · r bytes of memory. */
export interface ScryptCost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

const TAG_LENGTH = 16

/** `length` bytes from a password, off the main thread. The password is taken in Unicode form NFKC, so that every keyboard gives the same. */
export function scryptKey(password: string, salt: Uint8Array, cost: ScryptCost, length: number): Promise<Buffer> {
  const N = 2 ** cost.logN
  const options = { N, r: cost.r, p: cost.p, maxmem: 128 * cost.r * (N + cost.p + 2) }
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key))),
  )
}

/** AES-256-GCM: the encrypted text and, behind it, its tag of 16 bytes. `nonce` has 12 bytes and is used once with a key. */
export function sealAesGcm(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH })
  cipher.setAAD(associated)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** What {@link sealAesGcm} sealed; `undefined` when the key is another one or a bit was changed. */
export function openAesGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Buffer | undefined {
  if (sealed.length < TAG_LENGTH) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH })
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_LENGTH)), decipher.final()])
  } catch {
    return undefined
  }
}
