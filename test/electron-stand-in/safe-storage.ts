// The keystore of a desktop: keys of 32 bytes in memory, as long as the process lives.

import type * as Electron from 'electron'
import { openAesGcm, sealAesGcm } from '../../main/crypto/password-box.ts'
import { randomBytes } from '../../main/crypto/random.ts'
import { type NothingInvented, strict } from './strict.ts'

/** What the desktop has, for tests to change; `asked`: how often something was to be encrypted. */
export const keystore = {
  backend: 'gnome_libsecret' as ReturnType<Electron.SafeStorage['getSelectedStorageBackend']>,
  available: true,
  /** Asks the person, who is away. */
  silent: false,
  asked: 0,
  /** The keyring that `backend` names is not there. */
  dead: false,
}

const key = randomBytes(32)
const PREFIX = Buffer.from('v11')

const standIn = {
  getSelectedStorageBackend: () => keystore.backend,
  isAsyncEncryptionAvailable: async () => keystore.available,
  async encryptStringAsync(text: string): Promise<Buffer> {
    keystore.asked++
    if (keystore.silent) await new Promise(() => {})
    const nonce = randomBytes(12)
    return Buffer.concat([keystore.dead ? Buffer.from('v10') : PREFIX, nonce, sealAesGcm(key, nonce, Buffer.from(text), PREFIX)])
  },
  async decryptStringAsync(sealed: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    if (keystore.silent) await new Promise(() => {})
    const plain = sealed.length > 15 && openAesGcm(key, sealed.subarray(3, 15), sealed.subarray(15), PREFIX)
    if (!plain) throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.')
    return { result: plain.toString(), shouldReEncrypt: false }
  },
}
true satisfies NothingInvented<typeof standIn, Electron.SafeStorage>

export const safeStorage = strict('safeStorage', standIn)
