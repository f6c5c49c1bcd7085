import { mkdtempSync } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { app, type BaseWindow, type DownloadItem, dialog, type Event, shell } from 'electron'
import { plainText } from '../../../shared/format.ts'
import type { LookChoice } from '../../../shared/state.ts'
import type { Download, ToolbarAction } from '../../../shared/toolbar.ts'
import { safeFileName } from './file-name.ts'

/** Questions that wait at once, and downloads that are listed; a page that wants more gets none. */
const MAX_ASKED = 5
const MAX_LISTED = 20

interface Entry {
  facts: Download
  readonly item: DownloadItem
  /** Who it came to: a tab's identity. */
  readonly owner: object
  /** Only for us to read, and gone when the download is decided. */
  readonly folder: string
  /** Every byte is there. */
  whole: boolean
  /** Where the person wants it. */
  target: string | undefined
}

/**
 * Nothing that a page sends becomes a file before a person said so, and nothing is ever opened. Until then the download is held, what of
 * it has come already in a folder of our own. It is not asked for a second time: the site could send something else.
 */
export class Downloads {
  readonly #window: BaseWindow
  readonly #onChange: () => void
  readonly #entries = new Map<number, Entry>()
  #next = 1

  constructor(window: BaseWindow, onChange: () => void) {
    this.#window = window
    this.#onChange = onChange
  }

  get list(): Download[] {
    return [...this.#entries.values()].map(({ facts }) => facts)
  }

  /** For `will-download` of a session. */
  begin(event: Event, item: DownloadItem, owner: object, choice: LookChoice): void {
    const asked = this.list.filter(({ step }) => step === 'asked')
    if (asked.length >= MAX_ASKED || this.#entries.size >= MAX_LISTED) return event.preventDefault()
    const folder = mkdtempSync(join(app.getPath('temp'), 'vantage-download-'))
    item.setSavePath(join(folder, 'part'))
    item.pause()
    const id = this.#next++
    const from = URL.parse(item.getURLChain().at(-1) ?? item.getURL())
    // blob:https://site/… comes from the page of that site.
    const origin = from?.protocol === 'blob:' ? URL.parse(from.pathname) : from
    const facts: Download = {
      id,
      name: safeFileName(item.getFilename()),
      size: item.getTotalBytes() > 0 ? item.getTotalBytes() : undefined,
      received: 0,
      host: plainText(origin?.host ?? '', 260),
      encrypted: origin?.protocol === 'https:',
      choice,
      step: 'asked',
    }
    const entry: Entry = { facts, item, owner, folder, whole: false, target: undefined }
    this.#entries.set(id, entry)
    item.on('updated', () => this.#change(entry, { received: item.getReceivedBytes() }))
    item.once('done', (_event, state) => {
      entry.whole = state === 'completed'
      if (!entry.whole) this.#end(entry, 'failed')
      else if (entry.target !== undefined) void this.#store(entry)
    })
    this.#onChange()
  }

  async answer({ id, answer }: Extract<ToolbarAction, { do: 'download' }>): Promise<void> {
    const entry = this.#entries.get(id)
    if (!entry) return
    const { step } = entry.facts
    if (answer === 'save' && step === 'asked') await this.#save(entry)
    else if (answer === 'cancel' && (step === 'asked' || step === 'running')) this.#drop(entry)
    else if (answer === 'show' && step === 'saved') shell.showItemInFolder(entry.target!)
    else if (answer === 'forget' && (step === 'saved' || step === 'failed')) this.#entries.delete(id)
    this.#onChange()
  }

  /** What has not arrived for this owner, or for anybody, never will. */
  dropAll(owner?: object): void {
    for (const entry of this.#entries.values())
      if ((owner === undefined || entry.owner === owner) && (entry.facts.step === 'asked' || entry.facts.step === 'running'))
        this.#drop(entry)
  }

  async #save(entry: Entry): Promise<void> {
    const defaultPath = join(app.getPath('downloads'), entry.facts.name)
    const { canceled, filePath } = await dialog.showSaveDialog(this.#window, { defaultPath, properties: ['showOverwriteConfirmation'] })
    if (canceled || !filePath || entry.facts.step !== 'asked' || !this.#entries.has(entry.facts.id)) return
    entry.target = filePath
    this.#change(entry, { step: 'running' })
    if (entry.whole) await this.#store(entry)
    else entry.item.resume()
  }

  async #store(entry: Entry): Promise<void> {
    const part = join(entry.folder, 'part')
    try {
      // Another disk takes no renaming.
      await rename(part, entry.target!).catch(() => copyFile(part, entry.target!))
      this.#end(entry, 'saved')
    } catch {
      this.#end(entry, 'failed')
    }
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.facts.id)
    entry.item.cancel()
    void this.#clear(entry)
    this.#onChange()
  }

  #end(entry: Entry, step: 'saved' | 'failed'): void {
    void this.#clear(entry)
    if (this.#entries.has(entry.facts.id)) this.#change(entry, { step, received: entry.item.getReceivedBytes() })
  }

  async #clear({ folder }: Entry): Promise<void> {
    // What cannot be removed now lies in the system's folder for such things.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {})
  }

  #change(entry: Entry, facts: Partial<Download>): void {
    entry.facts = { ...entry.facts, ...facts }
    this.#onChange()
  }
}
