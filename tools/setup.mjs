// Brings a checkout to where it can run: packages, a Node 24, and for the tests the programs they talk to. Plain JavaScript for
// Node 18 and newer, without dependencies: this is what runs before anything is there. Says what it does on stderr, asks nothing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeAsNumbers } from './as-numbers.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @param {string} text one line for the person who waits */
export function say(text) {
  process.stderr.write(`vantage: ${text}\n`)
}

/** @param {string} text @returns {never} */
export function fail(text) {
  say(text)
  process.exit(1)
}

/**
 * Runs a program to its end, all its output on our stderr.
 * @param {string} file @param {string[]} args @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {boolean} whether it succeeded
 */
export function run(file, args, options = {}) {
  return spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2], ...options }).status === 0
}

/** Runs npm, by the copy that started us where there is one. @param {string[]} args */
function npm(args) {
  const script = process.env.npm_execpath
  // Its warnings are about packages that only packaging uses.
  const options = { env: { ...process.env, npm_config_loglevel: 'error' } }
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args], options)
  return run('npm', args, { ...options, shell: process.platform === 'win32' })
}

/** Installs the packages when they are missing or are not those of the lock file. */
function installPackages() {
  // npm ci empties the folder first, through a link too: the packages of another checkout are not ours to renew.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return
  const lock = join(root, 'package-lock.json')
  const stamp = join(root, 'node_modules/.vantage-lock')
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  // npm keeps its own copy of the lock file; newer than ours, it is an installation made by hand after it.
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    say('installing packages (npm ci) …')
    if (!npm(['ci', '--no-audit', '--no-fund'])) fail('npm ci failed; see above')
  }
  writeFileSync(stamp, hash)
}

/** The npm package that holds Node 24 for this machine; Apple's ARM machines have a name of their own. */
function nodePackage() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  return `${platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${process.arch}`
}

/** @returns {string} a Node that runs our TypeScript: this one if it is 24 or newer, else the one from npm */
export function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const file = join(root, 'node_modules', nodePackage(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(file)) return file
  return fail(
    `Node 24 is needed, this is ${process.versions.node}, and npm has none for ${process.platform} ${process.arch}: install it from https://nodejs.org`,
  )
}

/** @param {string} program @returns {boolean} */
export function hasProgram(program) {
  // Debian keeps tor and ip where only root looks.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some(folder => folder !== '' && existsSync(join(folder, program)))
}

/** Programs that tests talk to, and the Debian packages that hold them. */
const TEST_PROGRAMS = { tor: 'tor', chromium: 'chromium', Xvfb: 'xvfb', curl: 'curl', ip: 'iproute2', tcpdump: 'tcpdump' }

/** Installs the programs of the tests where we may (root on Debian); elsewhere their tests are skipped and say so. */
function installTestPrograms() {
  const missing = Object.entries(TEST_PROGRAMS).filter(([program]) => !hasProgram(program))
  if (missing.length === 0) return
  const packages = missing.map(([, name]) => name)
  if (!hasProgram('apt-get') || process.getuid?.() !== 0) {
    say(
      `some tests will be skipped: ${missing.map(([program]) => program).join(', ')} not found (Debian: apt-get install ${packages.join(' ')})`,
    )
    return
  }
  say(`installing ${packages.join(', ')} for the tests …`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const install = () => run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options)
  if (!install()) {
    run('apt-get', ['update', '-q'], options)
    if (!install()) say(`${packages.join(', ')} could not be installed: their tests will be skipped`)
  }
}

/** @param {{ tests?: boolean }} [options] */
export function setup({ tests = false } = {}) {
  installPackages()
  makeAsNumbers()
  node24()
  if (tests) installTestPrograms()
}
