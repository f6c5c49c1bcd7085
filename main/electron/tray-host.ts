import { execFile } from 'node:child_process'

const WATCHER = 'org.kde.StatusNotifierWatcher'
const ASK_MS = 2000

/**
 * Whether an icon in the tray will be seen. On Linux Electron makes one in any case, but only desktops with a StatusNotifier host show it (GNOME needs an
 * extension); the host's registration is asked for on the session's bus, with systemd's `busctl`. Where nobody can be asked, there is none.
 */
export function hasTrayHost(platform: NodeJS.Platform = process.platform): Promise<boolean> {
  if (platform !== 'linux') return Promise.resolve(true)
  const question = ['--user', '--no-pager', 'get-property', WATCHER, '/StatusNotifierWatcher', WATCHER, 'IsStatusNotifierHostRegistered']
  return new Promise(resolve =>
    execFile('busctl', question, { timeout: ASK_MS, maxBuffer: 1000 }, (error, answer) => resolve(!error && answer.trim() === 'b true')),
  )
}
