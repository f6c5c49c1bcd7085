import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { moment } from '../../shared/moment.ts'
import { readFileIfPresent, writeFileAtomically } from '../lib/files.ts'
import type { ScopedLog } from '../lib/log.ts'
import { KeyFileError, RelayKeys } from '../relay/keys.ts'
import { ED25519_IDENTITY_FILE, ONION_FILE, RSA_IDENTITY_FILE, readRsaIdentity, SIGNING_FILE } from '../relay/keys-files.ts'
import { IdentityFileError } from './identity-file.ts'

const KEY_FILES = [RSA_IDENTITY_FILE, ED25519_IDENTITY_FILE, SIGNING_FILE, ONION_FILE]
/** Says that the identity was moved away: JSON {at: ms, fingerprint}. That it is there is what counts. */
const MARKER = 'identity-moved.json'

/**
 * Whose relay this installation is: the folder `keys` of the data folder, and whether its identity was moved to another computer. An identity
 * comes into force by renaming folders, so that a crash at any moment leaves the old one or the new one, whole:
 *
 *     keys.incoming   being written and checked        keys.ready   checked, about to become `keys`        keys.replaced-<time>   put aside
 */
export class IdentityKeeper {
  readonly #folder: string
  #fingerprint: string | undefined
  #movedAt: number | undefined

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Finishes what a crash interrupted, and looks who we are. */
  static async load(dataFolder: string): Promise<IdentityKeeper> {
    const keeper = new IdentityKeeper(dataFolder)
    await rm(keeper.#at('keys.incoming'), { recursive: true, force: true })
    if (await exists(keeper.#at('keys.ready'))) {
      if (await exists(keeper.#at('keys'))) await rm(keeper.#at('keys.ready'), { recursive: true, force: true })
      else await rename(keeper.#at('keys.ready'), keeper.#at('keys'))
    }
    keeper.#movedAt = await readMarker(keeper.#at(MARKER))
    await keeper.refresh()
    return keeper
  }

  #at(name: string): string {
    return join(this.#folder, name)
  }

  get keyFolder(): string {
    return this.#at('keys')
  }

  /** 40 upper-case hex digits; `undefined` before the first start, and while the key files are damaged. */
  get fingerprint(): string | undefined {
    return this.#fingerprint
  }

  /** When the identity was moved away, ms: it must not run here. */
  get movedAt(): number | undefined {
    return this.#movedAt
  }

  /** After the relay's first start, when its keys have been made. */
  async refresh(): Promise<void> {
    const rsa = await readRsaIdentity(join(this.keyFolder, RSA_IDENTITY_FILE)).catch(error => {
      if (error instanceof KeyFileError) return undefined
      throw error
    })
    this.#fingerprint = rsa?.fingerprint.toString('hex').toUpperCase()
  }

  /** The key files as they are, by name. Rejects with KeyFileError when they do not make a relay. */
  async read(): Promise<Record<string, string>> {
    // Loading checks them all; nothing is exported that could not be imported.
    await RelayKeys.load(this.keyFolder, { renew: false })
    const files: Record<string, string> = {}
    for (const name of KEY_FILES) {
      const content = await readFileIfPresent(join(this.keyFolder, name))
      if (content) files[name] = content.toString('utf8')
    }
    return files
  }

  /** From now on the identity does not run here. */
  async markMoved(now: number): Promise<void> {
    await writeFileAtomically(this.#at(MARKER), `${JSON.stringify({ at: now, fingerprint: this.#fingerprint })}\n`)
    this.#movedAt = now
  }

  async keep(): Promise<void> {
    await rm(this.#at(MARKER), { force: true })
    this.#movedAt = undefined
  }

  /**
   * Puts another identity in force, and the one that is here aside; answers with the name of its folder. The relay must not run. Rejects with
   * IdentityFileError when the files are not those of `fingerprint`; nothing has changed then.
   */
  async install(files: Readonly<Record<string, string>>, fingerprint: string, now: number, log: ScopedLog): Promise<string | undefined> {
    const incoming = this.#at('keys.incoming')
    await rm(incoming, { recursive: true, force: true })
    try {
      await mkdir(incoming, { recursive: true, mode: 0o700 })
      for (const name of KEY_FILES) {
        const content = files[name]
        if (content !== undefined) await writeFileAtomically(join(incoming, name), content)
      }
      // A lone RSA key would be completed with a new Ed25519 identity, and authorities would refuse the pair for ever.
      if (files[RSA_IDENTITY_FILE] === undefined || files[ED25519_IDENTITY_FILE] === undefined) throw new IdentityFileError('damaged')
      const keys = await RelayKeys.load(incoming, { log, now: () => now })
      if (keys.fingerprint !== fingerprint) throw new IdentityFileError('damaged')
    } catch (error) {
      await rm(incoming, { recursive: true, force: true })
      throw error instanceof KeyFileError ? new IdentityFileError('damaged') : error
    }
    await rename(incoming, this.#at('keys.ready'))
    let keptAs: string | undefined
    if (await exists(this.keyFolder)) {
      keptAs = `keys.replaced-${new Date(now).toISOString().replace(/[-:.]/g, '')}`
      await rename(this.keyFolder, this.#at(keptAs))
    }
    await rename(this.#at('keys.ready'), this.keyFolder)
    await this.keep()
    await this.refresh()
    return keptAs
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

/** A marker that cannot be read still locks. */
async function readMarker(path: string): Promise<number | undefined> {
  const content = await readFileIfPresent(path)
  if (!content) return undefined
  try {
    const { at } = JSON.parse(content.toString('utf8')) as { at?: unknown }
    return typeof at === 'number' && Number.isInteger(at) && moment.safeParse(at).success ? at : 0
  } catch {
    return 0
  }
}
