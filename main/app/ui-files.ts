import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

export interface UiFile {
  readonly type: string
  readonly body: Buffer
}

/**
 * The built UI, read whole at start: requests are looked up in this table and never become paths. Files of unknown types are left out.
 * Empty when the UI has not been built. Asks the file system only for what it also answers inside Electron's archive.
 */
export async function readUiFiles(folder: string): Promise<ReadonlyMap<string, UiFile>> {
  const files = new Map<string, UiFile>()
  const read = async (path: string, name: string): Promise<void> => {
    if ((await stat(path)).isDirectory()) {
      for (const entry of await readdir(path)) await read(join(path, entry), `${name}/${entry}`)
      return
    }
    const type = TYPES[extname(name)]
    if (type !== undefined) files.set(name, { type, body: await readFile(path) })
  }
  if (existsSync(folder)) await read(folder, '')
  const index = files.get('/index.html')
  if (index) files.set('/', index)
  return files
}
