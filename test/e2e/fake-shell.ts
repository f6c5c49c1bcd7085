// The desktop shell, the real one, around an app with nothing behind it: started by Electron or the stand-in.
import { join } from 'node:path'
import { AppStartError } from '../../main/app/app-start-error.ts'
import { WindowCamera } from '../../main/electron/page-camera.ts'
import { runShell } from '../../main/electron/shell.ts'
import { FakeApp } from '../headless/fake-app.ts'

const root = join(import.meta.dirname, '../..')
const app = new FakeApp('electron')
if (process.env['FAKE_START_ERROR']) app.startError = new AppStartError('data-folder-unreadable', { folder: 'x' })
/** The camera, with less patience. */
const camera = new WindowCamera(700)
Object.assign(globalThis, { fakeApp: app, camera })

await runShell({
  folder: join(root, 'out/electron'),
  uiFolder: join(root, 'out/renderer'),
  trayFolder: join(root, 'assets/tray'),
  iconFile: join(root, 'assets/icon-512.png'),
  createApp: () => app,
})
