import { chmod, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openAesGcm, sealAesGcm } from '../crypto/password-box.ts'
import { randomBytes } from '../crypto/random.ts'
import { ensurePrivateFolder, readFileIfPresent } from '../lib/files.ts'

/** Keeps small secrets for us: what it seals, only the same user on the same machine can open again. */
export interface KeyKeeper {
  /** Written beside what it sealed, so that the right keeper is asked for it: 1 a file, 2 the system's keystore. */
  readonly id: number
  /** At most 1000 bytes. Rejects when it cannot be had now. */
  seal(secret: Buffer): Promise<Buffer>
  /** `undefined`: another keeper sealed it, or its key is gone. */
  open(sealed: Buffer): Promise<Buffer | undefined>
  /** Forgets the key, if it has one of its own: what it sealed stays shut for ever. */
  forget(): Promise<void>
}

export const KEEPER_FILE = 1
export const KEEPER_SYSTEM = 2

const KEY_LENGTH = 32
const NONCE_LENGTH = 12
const NOTHING = Buffer.alloc(0)

/**
 * Keeps a key in a file that its owner alone may read: all that there is without a keystore of the system. Who reads this user's files reads
 * the key as well.
 */
export class FileKeyKeeper implements KeyKeeper {
  readonly id = KEEPER_FILE
  readonly #path: string
  #key: Buffer | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** NONCE 12 | AES-256-GCM with its tag of 16. */
  async seal(secret: Buffer): Promise<Buffer> {
    const key = (await this.#read()) ?? (await this.#make())
    const nonce = randomBytes(NONCE_LENGTH)
    return Buffer.concat([nonce, sealAesGcm(key, nonce, secret, NOTHING)])
  }

  async open(sealed: Buffer): Promise<Buffer | undefined> {
    const key = await this.#read()
    if (!key || sealed.length < NONCE_LENGTH) return undefined
    return openAesGcm(key, sealed.subarray(0, NONCE_LENGTH), sealed.subarray(NONCE_LENGTH), NOTHING)
  }

  async forget(): Promise<void> {
    this.#key = undefined
    await overwrite(this.#path, 0, KEY_LENGTH)
    await rm(this.#path, { force: true })
  }

  async #read(): Promise<Buffer | undefined> {
    if (this.#key) return this.#key
    const bytes = await readFileIfPresent(this.#path)
    if (bytes?.length === KEY_LENGTH) this.#key = bytes
    return this.#key
  }

  async #make(): Promise<Buffer> {
    await ensurePrivateFolder(dirname(this.#path))
    const key = randomBytes(KEY_LENGTH)
    const file = await open(this.#path, 'w', 0o600)
    try {
      await file.writeFile(key)
      await file.sync()
    } finally {
      await file.close()
    }
    // A file that was there before, damaged, may have had other rights.
    await chmod(this.#path, 0o600)
    this.#key = key
    return key
  }
}

/** Puts random bytes in the place of some of a file's, on the disk when it settles; a file that is not there is passed over. */
export async function overwrite(path: string, at: number, length: number): Promise<void> {
  const file = await open(path, 'r+').catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return
  try {
    await file.write(randomBytes(length), 0, length, at)
    await file.datasync()
  } finally {
    await file.close()
  }
}
