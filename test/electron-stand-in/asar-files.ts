// Lets the app's code come from an archive, as Electron does: its modules, and of node:fs what Electron answers inside an archive and the
// app asks there. Anything else meets the operating system, for which a path through a file does not exist.
import fs from 'node:fs'
import { registerHooks, syncBuiltinESMExports } from 'node:module'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AsarArchive } from './asar-archive.ts'

type Options = BufferEncoding | { encoding?: BufferEncoding | null } | null | undefined

/** `path` is that of the archive. */
export function readThroughArchive(path: string): void {
  const archive = new AsarArchive(path)
  /** The path inside; `undefined` for all that lies elsewhere. */
  const inside = (name: unknown) => {
    const text = name instanceof URL ? fileURLToPath(name) : name
    return typeof text === 'string' && text.startsWith(path + sep) ? text.slice(path.length + 1).replaceAll(sep, '/') : undefined
  }
  const decoded = (bytes: Buffer, options: Options) => {
    const encoding = typeof options === 'string' ? options : options?.encoding
    return encoding ? bytes.toString(encoding) : bytes
  }
  /** Replaces a function by one that answers for paths inside. */
  const answer = <O extends object>(owner: O, name: keyof O & string, own: (name: string, options: Options) => unknown) => {
    const real = owner[name] as (...args: unknown[]) => unknown
    const wrapped = (...args: unknown[]) => {
      const at = inside(args[0])
      return at === undefined ? real(...args) : own(at, args[1] as Options)
    }
    Object.assign(owner, { [name]: wrapped })
  }
  const stat = (at: string) => {
    const kind = archive.kind(at)
    if (!kind) throw Object.assign(new Error(`ENOENT, ${at} not found in the archive`), { code: 'ENOENT' })
    return { isDirectory: () => kind === 'folder', isFile: () => kind === 'file' }
  }
  const plain = (at: string, options: Options) => {
    if (options !== undefined) throw new Error('electron: readdir with options inside an archive is not in the stand-in')
    return archive.list(at)
  }
  answer(fs, 'existsSync', at => archive.kind(at) !== undefined)
  answer(fs, 'readFileSync', (at, options) => decoded(archive.read(at), options))
  answer(fs.promises, 'readFile', async (at, options) => decoded(archive.read(at), options))
  answer(fs.promises, 'readdir', async (at, options) => plain(at, options))
  answer(fs.promises, 'stat', async at => stat(at))
  syncBuiltinESMExports()
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('file:') && inside(new URL(specifier)) !== undefined
        ? { url: specifier, format: 'module', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) => {
      const at = url.startsWith('file:') ? inside(new URL(url)) : undefined
      return at === undefined ? next(url, context) : { format: 'module', source: archive.read(at), shortCircuit: true }
    },
  })
}
