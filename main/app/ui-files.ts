import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

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
 * Empty when the UI has not been built.
 */
export async function readUiFiles(folder: string): Promise<ReadonlyMap<string, UiFile>> {
  const files = new Map<string, UiFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const path = join(entry.parentPath, entry.name)
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { type, body: await readFile(path) })
  }
  const index = files.get('/index.html')
  if (index) files.set('/', index)
  return files
}
