// What a desktop would show: remembered, so that a test can look at it, and never shown.
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import type * as Electron from 'electron'
import { type NothingInvented, strict } from './strict.ts'

export interface StandInImage {
  readonly path: string
}
export const nativeImage = strict('nativeImage', {
  createFromPath(path: string): StandInImage {
    // Electron makes an empty, invisible image of a missing file; here that is found out.
    if (!existsSync(path)) throw new Error(`electron: no such image: ${path}`)
    return strict('image', { path })
  },
})

/** A picture of a page: what can be read of a PNG file without decoding it. */
export function capturedImage(png: Buffer) {
  return strict('image', {
    isEmpty: () => png.length === 0,
    // IHDR comes first: width and height stand at 16 and 20.
    getSize: () => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) }),
    toPNG: () => png,
  })
}
true satisfies NothingInvented<ReturnType<typeof capturedImage>, Electron.NativeImage>

export class MenuItem {
  readonly label: string
  readonly type: string
  readonly enabled: boolean
  readonly checked: boolean
  readonly submenu: Menu | undefined
  readonly click: () => void

  constructor(options: Electron.MenuItemConstructorOptions) {
    this.label = options.label ?? ''
    this.type = options.type ?? (options.submenu ? 'submenu' : 'normal')
    this.enabled = options.enabled ?? true
    this.checked = options.checked ?? false
    this.submenu = Array.isArray(options.submenu) ? Menu.buildFromTemplate(options.submenu) : undefined
    this.click = () => (options.click as (() => void) | undefined)?.()
  }
}
true satisfies NothingInvented<MenuItem, Electron.MenuItem>

export class Menu {
  readonly items: readonly MenuItem[]
  constructor(items: readonly MenuItem[] = []) {
    this.items = items
  }
  /** Only in the stand-in: what was set last; undefined while Electron's own menu would be there. */
  static application: Menu | null | undefined
  static setApplicationMenu(menu: Menu | null): void {
    Menu.application = menu
  }
  /** Only in the stand-in: what was opened last. */
  static opened: Menu | undefined
  popup(): void {
    Menu.opened = this
  }
  static buildFromTemplate(template: readonly Electron.MenuItemConstructorOptions[]): Menu {
    return new Menu(template.map(options => new MenuItem(options)))
  }
}

export class Tray extends EventEmitter {
  /** Only in the stand-in. */
  static readonly all = new Set<Tray>()
  image: StandInImage
  toolTip = ''
  menu: Menu | undefined

  constructor(image: StandInImage) {
    super()
    this.image = image
    Tray.all.add(this)
    // biome-ignore lint/correctness/noConstructorReturn: the app is to meet the strict one only
    return strict('tray', this)
  }
  setImage(image: StandInImage): void {
    this.image = image
  }
  setToolTip(toolTip: string): void {
    this.toolTip = toolTip
  }
  setContextMenu(menu: Menu): void {
    this.menu = menu
  }
  destroy(): void {
    Tray.all.clear()
  }
}
true satisfies NothingInvented<Tray, Electron.Tray, 'image' | 'toolTip' | 'menu'>

export class Notification extends EventEmitter {
  /** Only in the stand-in. */
  static readonly all: Notification[] = []
  readonly title: string
  readonly body: string
  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super()
    this.title = options.title ?? ''
    this.body = options.body ?? ''
  }
  static isSupported(): boolean {
    return true
  }
  show(): void {
    Notification.all.push(this)
    this.emit('show')
  }
}
true satisfies NothingInvented<Notification, Electron.Notification>

export const dialog = strict('dialog', {
  /** Only in the stand-in. */
  shown: [] as { title: string; content: string }[],
  /** Only in the stand-in: questions, the newest last, and the answers that a test has ready for the next ones (the cancelling one when there is none). */
  asked: [] as Electron.MessageBoxOptions[],
  answers: [] as number[],
  showErrorBox: (title: string, content: string) => void dialog.shown.push({ title, content }),
  async showMessageBox(options: Electron.MessageBoxOptions): Promise<Electron.MessageBoxReturnValue> {
    dialog.asked.push(options)
    return { response: dialog.answers.shift() ?? options.cancelId ?? 0, checkboxChecked: false }
  },
  /** Only in the stand-in: what save dialogs were asked with, and what the person will answer, in order; nothing: the dialog is cancelled. */
  saveQuestions: [] as Electron.SaveDialogOptions[],
  saveAnswers: [] as string[],
  async showSaveDialog(_window: unknown, options: Electron.SaveDialogOptions): Promise<Electron.SaveDialogReturnValue> {
    dialog.saveQuestions.push(options)
    const filePath = dialog.saveAnswers.shift()
    return filePath === undefined ? { canceled: true, filePath: '' } : { canceled: false, filePath }
  },
})
export const clipboard = strict('clipboard', {
  /** Only in the stand-in. */
  text: '',
  async writeText(text: string): Promise<void> {
    clipboard.text = text
  },
})
export const shell = strict('shell', {
  /** Only in the stand-in. */
  shown: [] as string[],
  showItemInFolder: (path: string) => void shell.shown.push(path),
})
class NativeTheme extends EventEmitter {
  shouldUseDarkColorsForSystemIntegratedUI = true
}
true satisfies NothingInvented<NativeTheme, Electron.NativeTheme>
export const nativeTheme = strict('nativeTheme', new NativeTheme())

class PowerMonitor extends EventEmitter {
  /** Only in the stand-in. */
  onBattery = false
  isOnBatteryPower(): boolean {
    return this.onBattery
  }
}
true satisfies NothingInvented<PowerMonitor, Electron.PowerMonitor, 'onBattery'>
export const powerMonitor = strict('powerMonitor', new PowerMonitor())

export const powerSaveBlocker = strict('powerSaveBlocker', {
  /** Only in the stand-in: what is being blocked. */
  running: new Map<number, string>(),
  next: 0,
  start(type: 'prevent-app-suspension' | 'prevent-display-sleep'): number {
    powerSaveBlocker.running.set(++powerSaveBlocker.next, type)
    return powerSaveBlocker.next
  },
  stop: (id: number): boolean => powerSaveBlocker.running.delete(id),
  isStarted: (id: number): boolean => powerSaveBlocker.running.has(id),
})
true satisfies NothingInvented<typeof powerSaveBlocker, Electron.PowerSaveBlocker, 'running' | 'next'>

type StandInDisplay = Pick<Electron.Display, 'id' | 'bounds' | 'workArea'>
export const screen = strict('screen', {
  /** Only in the stand-in: a test may plug screens in and out; the first is the main one. */
  displays: [
    { id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 }, workArea: { x: 0, y: 27, width: 1920, height: 1053 } },
  ] as StandInDisplay[],
  getPrimaryDisplay: (): StandInDisplay => strict('display', screen.displays[0]!),
  getAllDisplays: (): StandInDisplay[] => screen.displays.map(display => strict('display', display)),
})
true satisfies NothingInvented<typeof screen, Electron.Screen, 'displays'>
