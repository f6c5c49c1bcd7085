import { join } from 'node:path'
import { App } from '../app/app.ts'
import { runShell } from './shell.ts'

// Bundled to out/electron/main.js.
const folder = import.meta.dirname

void runShell({
  folder,
  uiFolder: join(folder, '../renderer'),
  trayFolder: join(folder, '../../assets/tray'),
  createApp: options => new App(options),
})
