import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>
  readonly size?: number
  readonly offset?: string
  readonly integrity?: { readonly algorithm: string; readonly hash: string }
}

/**
 * An asar archive, read whole: u32 4, u32 header size, u32, u32 length of the header's JSON, the JSON, padding, the files. Files whose
 * bytes are not those that the header's checksum is of are refused, as Electron's own reader does.
 */
export class AsarArchive {
  /** The JSON as it stands there: what Info.plist and Windows' resource hold the SHA-256 of. */
  readonly headerText: string
  readonly #root: Entry
  readonly #bytes: Buffer
  readonly #start: number

  constructor(path: string) {
    this.#bytes = readFileSync(path)
    const length = this.#bytes.readUInt32LE(12)
    this.headerText = this.#bytes.toString('utf8', 16, 16 + length)
    this.#root = JSON.parse(this.headerText) as Entry
    this.#start = 8 + this.#bytes.readUInt32LE(4)
  }

  /** Of every file: its path, with slashes, none at the front. */
  *paths(entry: Entry = this.#root, at = ''): Generator<string> {
    if (!entry.files) yield at
    for (const [name, inner] of Object.entries(entry.files ?? {})) yield* this.paths(inner, at === '' ? name : `${at}/${name}`)
  }

  kind(path: string): 'file' | 'folder' | undefined {
    const entry = this.#find(path)
    return entry && (entry.files ? 'folder' : 'file')
  }

  list(path: string): string[] {
    const files = this.#find(path)?.files
    if (!files) throw missing(path)
    return Object.keys(files)
  }

  read(path: string): Buffer {
    const { size, offset, integrity } = this.#find(path) ?? {}
    if (size === undefined || offset === undefined) throw missing(path)
    const from = this.#start + Number(offset)
    const bytes = Buffer.from(this.#bytes.subarray(from, from + size))
    if (integrity?.algorithm !== 'SHA256' || createHash('sha256').update(bytes).digest('hex') !== integrity.hash)
      throw new Error(`asar: ${path} is not what the header says`)
    return bytes
  }

  #find(path: string): Entry | undefined {
    let entry: Entry | undefined = this.#root
    for (const name of path.split('/').filter(part => part !== ''))
      entry = Object.hasOwn(entry?.files ?? {}, name) ? entry!.files![name] : undefined
    return entry
  }
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT, ${path} not found in the archive`), { code: 'ENOENT' })
}
