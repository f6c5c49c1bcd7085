import { join } from 'node:path'
import { App } from '../app/app.ts'
import { runShell } from './shell.ts'

// Bundled to out/electron/main.js.
const folder = import.meta.dirname

// Awaited: Electron goes on to its ready event when this file has run to its end.
await runShell({
  folder,
  uiFolder: join(folder, '../renderer'),
  trayFolder: join(folder, '../../assets/tray'),
  iconFile: join(folder, '../../assets/icon-512.png'),
  createApp: options => new App(options),
})
