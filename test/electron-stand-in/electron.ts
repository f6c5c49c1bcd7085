/**
 * Stands in for the `electron` module of the main process where there is no Electron binary: real pages in Debian's Chromium, isolated
 * preloads, proxied sessions; windows, tray and dialogs only remembered. What it does not have throws. What it cannot show: Electron's
 * own Node and BoringSSL, asar, fuses, real tray and menus, permission prompts, window chrome. See ARCHITECTURE.md.
 */
import { app } from './app.ts'
import {
  clipboard,
  dialog,
  Menu,
  MenuItem,
  Notification,
  nativeImage,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  screen,
  shell,
  Tray,
} from './desktop.ts'
import { ipcMain } from './ipc-main.ts'
import { safeStorage } from './safe-storage.ts'
import { session } from './session.ts'
import { strict } from './strict.ts'
import { webContents } from './web-contents.ts'
import { BaseWindow, BrowserWindow, WebContentsView } from './windows.ts'

const protocol = strict('protocol', { registerSchemesAsPrivileged: () => {} })

export {
  app,
  BaseWindow,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  Notification,
  nativeImage,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  WebContentsView,
  webContents,
}
