// npm start: sets up what is missing, builds what is stale, then runs the app: Electron when its binary and a display are there, else
// headless. Options go to the app unread. Nothing of ours is written to stdout: with --json it holds the app's JSON lines only.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { node24, root, run, say, setup } from './setup.mjs'

/** What waits at most for the Electron binary to come, in ms. */
const DOWNLOAD_MS = 5 * 60_000
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** @returns {string | undefined} */
function electronBinary() {
  const folder = join(root, 'node_modules/electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const file = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), readFileSync(pathFile, 'utf8').trim())
  return existsSync(file) ? file : undefined
}

function hasDisplay() {
  return process.platform === 'win32' || process.platform === 'darwin' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

/** @returns {string | undefined} the Electron to run, or nothing, having said why */
function chooseElectron() {
  if (!hasDisplay()) {
    say('no display here: running headless, the window opens in your browser')
    return undefined
  }
  if (!electronBinary()) {
    say('fetching the Electron binary …')
    run(node24(), [join(root, 'node_modules/electron/install.js')], { timeout: DOWNLOAD_MS })
  }
  const binary = electronBinary()
  if (!binary) say('the Electron binary is not to be had: running headless, the window opens in your browser')
  return binary
}

const args = process.argv.slice(2)
const command = args.find(argument => argument === 'status' || argument === 'stop' || argument === '--help')

setup()
const electron = command || args.includes('--headless') ? undefined : chooseElectron()
if (!command) build()

const child = electron
  ? spawn(electron, [root, ...args], { stdio: 'inherit' })
  : // Through the fourth pipe the app notices when we are killed, and ends too.
    spawn(node24(), [join(root, 'main/headless/main.ts'), ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      // Our TypeScript as compiled code: the second start takes half the time.
      env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'out/compile-cache') },
    })
for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
if (process.env.npm_lifecycle_event === 'start') endWith(starters(), () => child.kill('SIGTERM'))
child.on('error', error => {
  say(`cannot run the app: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))

/** npm and the shell it put between us: a signal to npm alone ends that shell, which tells us nothing. @returns {number[]} */
function starters() {
  try {
    const fields = readFileSync(`/proc/${process.ppid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ')
    return [process.ppid, Number(fields[1])]
  } catch {
    return [process.ppid]
  }
}

/** @param {number[]} pids @param {() => void} then */
function endWith(pids, then) {
  const timer = setInterval(() => {
    try {
      for (const pid of pids) process.kill(pid, 0)
      if (process.ppid === pids[0]) return
    } catch {}
    clearInterval(timer)
    then()
  }, 1000)
  timer.unref()
}
