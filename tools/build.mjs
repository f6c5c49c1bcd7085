// Builds out/ when it is missing or older than what it is made of.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, node24, root, run, say } from './setup.mjs'

const SOURCES = {
  client: ['renderer', 'shared', 'vite.config.ts', 'package-lock.json'],
  main: ['main', 'shared', 'vite.config.ts', 'package-lock.json'],
}
const PRODUCTS = {
  client: ['out/renderer/index.html', 'out/renderer/toolbar/toolbar.html'],
  main: ['out/electron/main.js', 'out/electron/preload.cjs', 'out/electron/toolbar-preload.cjs'],
}

/** @param {string} path @returns {number} when the newest file at or under the path was written */
function newest(path) {
  const entry = statSync(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  // A folder's own time changes when something in it is removed.
  return Math.max(entry.mtimeMs, ...readdirSync(path).map(name => newest(join(path, name))))
}

/** @param {keyof typeof SOURCES} part */
function isStale(part) {
  try {
    const oldest = Math.min(...PRODUCTS[part].map(file => statSync(join(root, file)).mtimeMs))
    return SOURCES[part].some(path => newest(join(root, path)) > oldest)
  } catch {
    return true
  }
}

/** Builds the UI, and for Electron the main process too. @param {{ electron: boolean }} options */
export function build({ electron }) {
  const stale = isStale('client') || (electron && isStale('main'))
  if (!stale) return
  say('building …')
  const env = { ...process.env, VANTAGE_BUILD: electron ? 'all' : 'client' }
  if (!run(node24(), [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], { env }))
    fail('the build failed; see above')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build({ electron: true })
