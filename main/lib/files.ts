import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Makes the folder (and its parents) readable by its owner only. */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
}

/** Writes a whole file, piece by piece when it comes in several, so that a crash leaves either the old or the new content, never half of one. Mode 0600. */
export async function writeFileAtomically(path: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** What {@link writeFileAtomically} left in a folder when the program was killed; nobody else may be writing there. Passes over what cannot be removed. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  for (const name of names) if (/\.[0-9a-f]{12}\.tmp$/.test(name)) await rm(join(folder, name), { force: true }).catch(() => {})
}

/** What stands where a file of ours should be is none: a folder, a device, a pipe that would be waited for. */
export class NotAFileError extends Error {
  override name = 'NotAFileError'
  /** As the errors of the system have one. */
  readonly code = 'NOT_A_FILE'
  readonly path: string
  constructor(path: string) {
    super(`${path} is not a file`)
    this.path = path
  }
}

/**
 * The content of a file, or `undefined` when there is none. Of one that is larger than `most` (bytes) only so much is read, and one byte more, by which
 * that is seen. Throws NotAFileError, and the system's error for any other failure.
 */
export async function readFileIfPresent(path: string, most?: number): Promise<Buffer | undefined> {
  try {
    // Without waiting for somebody who writes into a pipe.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const found = await file.stat()
      if (!found.isFile()) throw new NotAFileError(path)
      if (most === undefined || found.size <= most) return await file.readFile()
      const content = Buffer.alloc(most + 1)
      const { bytesRead } = await file.read(content, 0, content.length, 0)
      return content.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Codes with which a system says that it will not write, rather than that we have a fault. */
const REFUSALS: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'])

/** The system's code when it refused to write a file, else `undefined`. */
export function diskRefusal(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  return code !== undefined && REFUSALS.has(code) && ['open', 'write', 'fsync', 'rename', 'mkdir'].includes(syscall ?? '')
    ? code
    : undefined
}
