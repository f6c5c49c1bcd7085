// The desktop shell, the real one, around an app with nothing behind it: started by Electron or the stand-in.
import { join } from 'node:path'
import { runShell } from '../../main/electron/shell.ts'
import { FakeApp } from '../headless/fake-app.ts'

const root = join(import.meta.dirname, '../..')
const app = new FakeApp('electron')
Object.assign(globalThis, { fakeApp: app })

void runShell({
  folder: join(root, 'out/electron'),
  uiFolder: join(root, 'out/renderer'),
  trayFolder: join(root, 'assets/tray'),
  createApp: () => app,
})
