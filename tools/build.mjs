// Builds out/ when it is missing or older than what it is made of.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, node24, root, run, say } from './setup.mjs'

const SOURCES = ['main', 'renderer', 'shared', 'packaging', 'vite.config.ts', 'package.json', 'package-lock.json']
/** Written last, when all of the others are there. */
const PRODUCT = 'out/headless/notices.json'

/** @param {string} path @returns {number} when the newest file at or under the path was written */
function newest(path) {
  const entry = statSync(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  // A folder's own time changes when something in it is removed.
  return Math.max(entry.mtimeMs, ...readdirSync(path).map(name => newest(join(path, name))))
}

function isStale() {
  const product = join(root, PRODUCT)
  if (!existsSync(product)) return true
  const written = statSync(product).mtimeMs
  return SOURCES.some(path => newest(join(root, path)) > written)
}

/** Builds the UI and the bundles of both hosts. It takes a second, and the UI shows the licences of all of it. */
export function bundle() {
  say('building …')
  if (!run(node24(), [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'])) fail('the build failed; see above')
}

/** The same, where something is newer than the last build. */
export function build() {
  if (isStale()) bundle()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build()
