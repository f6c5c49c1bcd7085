import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ensurePrivateFolder, readFileIfPresent, writeFileAtomically } from '../lib/files.ts'

const LOCK_FILE = 'instance.lock'

/** Another living process uses the data folder. */
export class FolderInUseError extends Error {
  override name = 'FolderInUseError'
  readonly folder: string
  /** The other's process id, where it could be read. */
  readonly pid: number | undefined
  constructor(folder: string, pid: number | undefined) {
    super(`the data folder is in use${pid === undefined ? '' : ` by process ${pid}`}`)
    this.folder = folder
    this.pid = pid
  }
}

/**
 * The sole right to a data folder. Two instances with one relay identity would ruin its standing, so this is held by the operating
 * system's file lock, by way of SQLite: it ends with the process, however that ends, and a lock left by a dead one cannot exist.
 * `instance.lock` is the locked file, `instance.json` says whose it is.
 */
export class InstanceLock {
  readonly #database: DatabaseSync

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Makes the folder if need be. Rejects with {@link FolderInUseError}, and has then changed nothing in it. */
  static async acquire(folder: string): Promise<InstanceLock> {
    await ensurePrivateFolder(folder)
    const database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 })
    try {
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      if (isBusy(error)) throw new FolderInUseError(folder, await readHolder(folder))
      // SQLite does not say which file it means.
      throw new Error(`${LOCK_FILE}: ${(error as Error).message}`, { cause: error })
    }
    // Only a second instance asks for it, and does without: a disk that is full is no reason to keep a relay from running.
    await writeFileAtomically(holderPath(folder), JSON.stringify({ pid: process.pid })).catch(() => rm(holderPath(folder), { force: true }))
    return new InstanceLock(database)
  }

  /** May be called more than once. */
  release(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

/** SQLITE_BUSY */
function isBusy(error: unknown): boolean {
  return (error as { errcode?: unknown }).errcode === 5
}

function holderPath(folder: string): string {
  return join(folder, 'instance.json')
}

async function readHolder(folder: string): Promise<number | undefined> {
  try {
    const { pid } = JSON.parse(String(await readFileIfPresent(holderPath(folder)))) as { pid?: unknown }
    return typeof pid === 'number' ? pid : undefined
  } catch {
    return undefined
  }
}
