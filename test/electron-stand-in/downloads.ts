import { EventEmitter } from 'node:events'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type * as Electron from 'electron'
import { chromium } from './app.ts'
import type { Message } from './chromium.ts'
import { dialog } from './desktop.ts'
import { DOWNLOADS } from './downloads-folder.ts'
import { innerUrl } from './session.ts'
import { type NothingInvented, strict } from './strict.ts'

/**
 * A download that Chromium has begun. DevTools cannot hold it up: while it is paused its bytes gather in the stand-in's own folder, and only
 * what is resumed comes to the save path.
 */
class DownloadItem extends EventEmitter {
  readonly #guid: string
  readonly #url: string
  readonly #name: string
  readonly #total: number
  #received = 0
  #savePath = ''
  #options: Electron.SaveDialogOptions = {}
  #paused = false
  #whole = false
  #over = false

  constructor({ guid, url, suggestedFilename }: Message, totalBytes: number) {
    super()
    this.#guid = guid
    this.#url = innerUrl(url)
    this.#name = suggestedFilename
    this.#total = totalBytes
  }

  getURL(): string {
    return this.#url
  }
  getURLChain(): string[] {
    return [this.#url]
  }
  getFilename(): string {
    return this.#name
  }
  getTotalBytes(): number {
    return this.#total
  }
  getReceivedBytes(): number {
    return this.#received
  }
  setSavePath(path: string): void {
    this.#savePath = path
  }
  setSaveDialogOptions(options: Electron.SaveDialogOptions): void {
    this.#options = options
  }
  pause(): void {
    this.#paused = true
  }
  resume(): void {
    this.#paused = false
    void this.settle()
  }
  cancel(): void {
    if (this.#over) return
    this.#over = true
    if (!this.#whole)
      chromium()
        .send('Browser.cancelDownload', { guid: this.#guid })
        .catch(() => {})
    void rm(join(DOWNLOADS, this.#guid), { force: true })
    this.emit('done', {}, 'cancelled')
  }

  /** What Chromium says of it. */
  progress({ receivedBytes, state }: Message): void {
    if (this.#over) return
    this.#received = receivedBytes
    if (state === 'canceled') {
      this.#over = true
      this.emit('done', {}, 'interrupted')
      return
    }
    this.#whole = state === 'completed'
    this.emit('updated', {}, 'progressing')
    void this.settle()
  }

  /** As Electron does, asks for a place where the app has named none. */
  async settle(): Promise<void> {
    if (!this.#whole || this.#paused || this.#over) return
    this.#over = true
    if (this.#savePath === '') {
      const { canceled, filePath } = await dialog.showSaveDialog(undefined, this.#options)
      if (canceled) {
        await rm(join(DOWNLOADS, this.#guid), { force: true })
        this.emit('done', {}, 'cancelled')
        return
      }
      this.#savePath = filePath
    }
    await copyFile(join(DOWNLOADS, this.#guid), this.#savePath)
    await rm(join(DOWNLOADS, this.#guid), { force: true })
    this.emit('done', {}, 'completed')
  }
}
true satisfies NothingInvented<DownloadItem, Electron.DownloadItem, 'progress' | 'settle'>

/** Begins `will-download` when it is known how much comes; `ask` gives the item to the app, and answers whether it was refused. */
export function watchDownloads(on: (method: string, listener: (params: Message) => void) => void, ask: (item: object) => boolean): void {
  const begun = new Map<string, Message>()
  const items = new Map<string, DownloadItem>()
  on('Page.downloadWillBegin', params => begun.set(params.guid, params))
  on('Page.downloadProgress', params => {
    const first = begun.get(params.guid)
    if (first) {
      begun.delete(params.guid)
      const item = new DownloadItem(first, params.totalBytes)
      items.set(params.guid, item)
      if (ask(strict('downloadItem', item))) item.cancel()
    }
    items.get(params.guid)?.progress(params)
  })
}
