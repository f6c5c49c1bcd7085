import { join } from 'node:path'
import { Menu, type MenuItemConstructorOptions, nativeImage, nativeTheme, Tray } from 'electron'
import type { TrayAction, TrayIcon, TrayItem, TrayModel } from '../app/tray-menu.ts'

/** Shows a {@link TrayModel}. The menu is set again after every change, as Linux asks. */
export class AppTray {
  readonly #tray: Tray
  readonly #folder: string
  readonly #act: (action: TrayAction) => void
  #shown = ''
  #icon: TrayIcon = 'off'

  /** `folder`: the tray icons. Throws where there is no tray to be had. */
  constructor(folder: string, act: (action: TrayAction) => void) {
    this.#folder = folder
    this.#act = act
    this.#tray = new Tray(this.#image('off'))
    // Not everywhere does a click come; the menu has all of it. On macOS it opens that menu, and should do nothing else.
    if (process.platform !== 'darwin') this.#tray.on('click', () => act({ kind: 'show-window' }))
    nativeTheme.on('updated', this.#draw)
  }

  /** Windows' taskbar may have got another colour. */
  readonly #draw = (): void => this.#tray.setImage(this.#image(this.#icon))

  show(model: TrayModel): void {
    const shown = JSON.stringify(model)
    if (shown === this.#shown) return
    this.#shown = shown
    this.#icon = model.icon
    this.#draw()
    this.#tray.setToolTip(model.tooltip)
    this.#tray.setContextMenu(Menu.buildFromTemplate(model.items.map(item => this.#template(item))))
  }

  destroy(): void {
    nativeTheme.off('updated', this.#draw)
    this.#tray.destroy()
  }

  #template(item: TrayItem): MenuItemConstructorOptions {
    switch (item.type) {
      case 'separator':
        return { type: 'separator' }
      case 'words':
        return { label: item.label, enabled: false }
      case 'action':
        return { label: item.label, enabled: item.enabled ?? true, click: () => this.#act(item.action) }
      case 'radio':
        return { type: 'radio', label: item.label, checked: item.checked, click: () => this.#act(item.action) }
      case 'submenu':
        return { label: item.label, submenu: item.items.map(child => this.#template(child)) }
      default:
        return item satisfies never
    }
  }

  #image(icon: TrayIcon) {
    return nativeImage.createFromPath(join(this.#folder, `${icon}${suffix()}.png`))
  }
}

/** Which of the drawings: macOS colours a template by itself; Windows tells its taskbar's colour; panels on Linux are dark, most of them. */
function suffix(): string {
  if (process.platform === 'darwin') return 'Template'
  return process.platform === 'win32' && !nativeTheme.shouldUseDarkColorsForSystemIntegratedUI ? '-on-light' : '-on-dark'
}
