import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { app as electron } from 'electron'
import type { CallAnswer, HostedApp } from '../app/hosted-app.ts'
import type { ScopedLog } from '../lib/log.ts'
import { autostartFile, isAutostartOn, loginCommand, setAutostart } from './autostart.ts'

/** macOS starts login items without arguments of ours, but says that it did. */
export function isStartedByLogin(): boolean {
  return process.platform === 'darwin' && electron.getLoginItemSettings().wasOpenedAtLogin
}

/**
 * Whether the app starts with the session of this user. The system has the last word (its owner may have switched it off there), so nothing of
 * it is kept by us.
 */
export class LoginItem {
  readonly #app: HostedApp
  /** Program and arguments that start the app as it was started, in the tray. */
  readonly command: readonly [string, ...string[]]
  readonly #log: ScopedLog
  readonly #file = autostartFile(process.env, homedir())

  /** `own`: the app's own arguments. */
  constructor(app: HostedApp, own: readonly string[], log: ScopedLog) {
    this.#app = app
    this.#log = log
    this.command = loginCommand({
      appImage: process.env['APPIMAGE'],
      program: process.execPath,
      isPackaged: electron.isPackaged,
      appPath: resolve(electron.getAppPath()),
      own,
    })
  }

  /** Tells the app how it stands. An entry of ours follows the program when that has moved. */
  async begin(): Promise<void> {
    const on = await this.#isOn()
    // A checkout must not take the entry of an installed program over.
    if (on && electron.isPackaged && process.platform === 'linux') await this.set({ on: true })
    else this.#tell(on)
  }

  async set({ on }: { on: boolean }): Promise<CallAnswer> {
    const [path, ...args] = this.command
    try {
      if (process.platform === 'linux') await setAutostart(this.#file, on ? this.command : undefined)
      else electron.setLoginItemSettings({ openAtLogin: on, path, args })
      this.#tell(await this.#isOn())
      return { ok: true, result: undefined }
    } catch (error) {
      this.#log.warn(`starting with the session was not set: ${(error as Error).message}`)
      return { ok: false, problem: { code: 'internal', detail: { reason: (error as Error).message.slice(0, 200) } } }
    }
  }

  async #isOn(): Promise<boolean> {
    if (process.platform === 'linux') return isAutostartOn(this.#file).catch(() => false)
    const [path, ...args] = this.command
    const { openAtLogin, executableWillLaunchAtLogin } = electron.getLoginItemSettings({ path, args })
    // Windows keeps the entry of what its owner switched off in the Task Manager.
    return openAtLogin && (process.platform !== 'win32' || executableWillLaunchAtLogin)
  }

  #tell(on: boolean): void {
    this.#app.setHostFacts({ login: on ? 'on' : 'off' })
  }
}
