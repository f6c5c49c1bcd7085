import { safeStorage } from 'electron'
import { steadyNow } from '../lib/steady-clock.ts'
import { KEEPER_SYSTEM, type KeyKeeper } from '../perspective/key-keeper.ts'

/** A keychain may ask the person, who may be away: so long (ms) it is waited for, and so long it is not asked again. */
const PATIENCE_MS = 4000
const PAUSE_MS = 60_000

/** The keystore of the system: Keychain, DPAPI, Secret Service or KWallet, by way of Electron. It is asked only when there is something to keep. */
export class SystemKeeper implements KeyKeeper {
  readonly id = KEEPER_SYSTEM
  readonly #patienceMs: number
  readonly #now: () => number
  #pauseUntil = 0

  constructor(options: { patienceMs?: number; now?: () => number } = {}) {
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS
    this.#now = options.now ?? steadyNow
  }

  async seal(secret: Buffer): Promise<Buffer> {
    return this.#ask(async () => {
      if (!(await isThere())) throw new Error('the system has no keystore')
      const sealed = await safeStorage.encryptStringAsync(secret.toString('base64'))
      if (isEverybodys(sealed)) throw new Error('the system has no keystore')
      return sealed
    })
  }

  async open(sealed: Buffer): Promise<Buffer | undefined> {
    try {
      const { result } = await this.#ask(() => safeStorage.decryptStringAsync(sealed))
      return Buffer.from(result, 'base64')
    } catch {
      return undefined
    }
  }

  /** What it seals has no key of its own here: the system keeps one for the whole app. */
  async forget(): Promise<void> {}

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    if (this.#now() < this.#pauseUntil) throw new Error('the keystore did not answer a while ago')
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#pauseUntil = this.#now() + PAUSE_MS
        reject(new Error('the keystore does not answer'))
      }, this.#patienceMs)
    })
    try {
      return await Promise.race([question(), late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** A keyring that the desktop should have, but that does not answer: Chromium on Linux then takes its own password, too, and marks that in front. */
function isEverybodys(sealed: Buffer): boolean {
  return process.platform === 'linux' && sealed.toString('latin1', 0, 3) === 'v10'
}

async function isThere(): Promise<boolean> {
  // Without a keyring Chromium on Linux encrypts with a password that everybody knows.
  if (process.platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())) return false
  return safeStorage.isAsyncEncryptionAvailable()
}
