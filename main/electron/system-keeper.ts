import { safeStorage } from 'electron'
import { KEEPER_SYSTEM, type KeyKeeper } from '../perspective/key-keeper.ts'

/** Whether the system has a keystore worth the name. Asks for it only when something is to be kept: a keychain may ask the person. */
async function isThere(): Promise<boolean> {
  // Without a keyring Chromium on Linux encrypts with a password that everybody knows.
  if (process.platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())) return false
  return safeStorage.isAsyncEncryptionAvailable()
}

/** The keystore of the system: Keychain, DPAPI, Secret Service or KWallet, by way of Electron. */
export const systemKeeper: KeyKeeper = {
  id: KEEPER_SYSTEM,

  async seal(secret) {
    if (!(await isThere())) throw new Error('the system has no keystore')
    return safeStorage.encryptStringAsync(secret.toString('base64'))
  },

  async open(sealed) {
    try {
      const { result } = await safeStorage.decryptStringAsync(sealed)
      return Buffer.from(result, 'base64')
    } catch {
      return undefined
    }
  },

  /** What it seals has no key of its own here: the system keeps one for the whole app. */
  async forget() {},
}
