import { app } from 'electron'

/** By which Windows knows whose windows, notifications and login item these are; the installer writes the same into the start menu. */
export const APP_ID = 'org.vantage.Vantage'

/** Without this Windows shows no notification of ours, and gives our windows a button of their own in the taskbar. Before ready. */
export function takeIdentity(): void {
  if (process.platform === 'win32') app.setAppUserModelId(app.isPackaged ? APP_ID : process.execPath)
}

/**
 * The picture of our windows, for `new BrowserWindow`: on Linux they have none of the program's, where no desktop entry is found that belongs to them (an
 * AppImage that was just downloaded).
 */
export function windowIcon(file: string): { icon?: string } {
  return process.platform === 'linux' ? { icon: file } : {}
}
