import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from 'playwright-core'

const root = join(import.meta.dirname, '../..')
/** Takes the Electron binary's command line. */
export const STAND_IN = join(root, 'test/electron-stand-in/electron')
/** A real Electron to test instead: the path of its binary. */
const realElectron = process.env['ELECTRON_BINARY']
export const isStandIn = realElectron === undefined

/** Why the desktop app cannot be tested here; `false` when it can. For `test(…, { skip: cannotLaunch() }, …)`. */
export function cannotLaunch(): string | false {
  if (!isStandIn) return false
  return existsSync(process.env['CHROMIUM'] ?? '/usr/bin/chromium') ? false : 'neither Electron (ELECTRON_BINARY) nor Chromium is here'
}

export interface Launched {
  readonly app: ElectronApplication
  /** The data folder, removed by `end` unless it was given. */
  readonly data: string
  /** What the app wrote. */
  readonly output: { out: string; err: string }
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>
  /** Closes the app if it still runs, and removes its data. */
  end(): Promise<void>
}

/** Builds out/ when it is not up to date. */
export function buildApp(): void {
  execFileSync(process.execPath, [join(root, 'tools/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/**
 * Starts the desktop app: `entry` is the app's folder or script, default the built app; `packaged` is the binary of a packaged one instead. Runs on the real Electron when
 * ELECTRON_BINARY names one, else on the stand-in with Chromium, headless.
 */
export async function launchApp(
  options: { entry?: string; packaged?: string; args?: string[]; data?: string; env?: Record<string, string> } = {},
): Promise<Launched> {
  buildApp()
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'vantage-e2e-')))
  const { DISPLAY: _, ...environment } = process.env as Record<string, string>
  const app = await _electron.launch({
    executablePath: options.packaged ?? realElectron ?? STAND_IN,
    args: [...(options.packaged ? [] : [options.entry ?? root]), '--data', data, ...(options.args ?? [])],
    cwd: root,
    env: {
      ...(isStandIn ? { ...environment, STAND_IN_NODE: process.execPath } : (process.env as Record<string, string>)),
      ...options.env,
    },
    timeout: 30_000,
  })
  const output = { out: '', err: '' }
  const child = app.process()
  child.stdout?.on('data', chunk => {
    output.out += chunk
  })
  child.stderr?.on('data', chunk => {
    output.err += chunk
  })
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  return {
    app,
    data,
    output,
    exited,
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) await app.close()
      await exited
      if (!options.data) await rm(data, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
