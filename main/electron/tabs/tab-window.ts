import { BaseWindow, type Input, ipcMain, type WebContents } from 'electron'
import { plainText } from '../../../shared/format.ts'
import type { LookChoice } from '../../../shared/state.ts'
import { TOOLBAR_ACTION_CHANNEL, type ToolbarAction, type ToolbarState, toolbarAction } from '../../../shared/toolbar.ts'
import type { HostedApp } from '../../app/hosted-app.ts'
import type { ScopedLog } from '../../lib/log.ts'
import { offerContextMenu } from '../context-menu.ts'
import { windowIcon } from '../desktop-identity.ts'
import { isTrusted } from '../ipc.ts'
import { speechOf } from '../speech.ts'
import { Downloads } from './downloads.ts'
import { FrameColours } from './frame-colours.ts'
import { keyWish } from './shortcuts.ts'
import { Tab, type TabOptions } from './tab.ts'
import { Toolbar } from './toolbar.ts'
import type { WebPage } from './web-page.ts'

/** Each has a proxy port and a renderer of its own. */
const MAX_TABS = 30
/** Around a page, in CSS pixels: the colour of its perspective. */
const FRAME = 4
/** Until the toolbar says how high it is. */
const TOOLBAR_HEIGHT = 132

export interface TabWindowOptions {
  /** Where the bundled preload of the toolbar lies. */
  readonly folder: string
  readonly iconFile: string
  readonly app: Pick<HostedApp, 'state' | 'onPatch' | 'openPerspectiveProxy'>
  readonly log: ScopedLog
}

/** Answers the toolbar's calls; once for all windows that there will be, of which one is open at most. */
export function handleToolbar(current: () => TabWindow | undefined): void {
  ipcMain.handle(TOOLBAR_ACTION_CHANNEL, (event, argument: unknown) => {
    const window = current()
    if (!window || !isTrusted(event, window.toolbar)) return false
    const parsed = toolbarAction.safeParse(argument)
    if (!parsed.success) return false
    window.act(parsed.data)
    return true
  })
}

/**
 * The window in which one looks through others: a page of ours with tabs, toolbar and frame, and in it the untrusted page of the tab in
 * front. What there is to say of a page that does not come stands in our page, with the untrusted one hidden.
 */
export class TabWindow {
  readonly #options: TabWindowOptions
  readonly #window: BaseWindow
  readonly #toolbar: Toolbar
  readonly #downloads: Downloads
  readonly #colours = new FrameColours()
  readonly #unwatch: () => void
  #tabs: Tab[] = []
  #front: Tab | undefined
  #nextId = 1
  #top = TOOLBAR_HEIGHT
  #lookedFor = ''
  #closed = false

  constructor(options: TabWindowOptions, onClosed: () => void) {
    this.#options = options
    this.#window = new BaseWindow({
      width: 1100,
      height: 800,
      minWidth: 480,
      minHeight: 360,
      title: 'Vantage',
      autoHideMenuBar: true,
      ...windowIcon(options.iconFile),
    })
    this.#toolbar = new Toolbar({
      folder: options.folder,
      log: options.log,
      state: () => this.#state(),
      onLost: () => this.close(),
    })
    this.#downloads = new Downloads(this.#window, () => this.#tell())
    this.#window.contentView.addChildView(this.#toolbar.view)
    this.#window.on('resize', () => this.#layOut())
    this.#window.once('closed', () => {
      this.#end()
      onClosed()
    })
    this.#unwatch = options.app.onPatch.add(({ sections }) => {
      if (sections.perspective || sections.settings) this.#tell()
    })
    this.#layOut()
    const { toolbar } = this
    offerContextMenu(toolbar, this.#speech)
    toolbar.on('before-input-event', (event, input) => this.#onKey(event, input))
    toolbar.on('page-title-updated', (_event, title) => this.#window.setTitle(title))
    this.#toolbar.load()
  }

  get toolbar(): WebContents {
    return this.#toolbar.contents
  }

  show(): void {
    if (this.#window.isMinimized()) this.#window.restore()
    this.#window.show()
    this.#window.focus()
  }

  close(): void {
    if (!this.#closed) this.#window.destroy()
  }

  /** Opens a tab in front. Settles when its page stands; the address is then on its way. */
  async open(choice: LookChoice, url?: string, opener?: Tab): Promise<void> {
    if (this.#closed || this.#tabs.length >= MAX_TABS) return
    const options: TabOptions = {
      colours: this.#colours,
      openProxy: of => this.#options.app.openPerspectiveProxy(of),
      pageOptions: own => ({
        plain: this.#plainSites(),
        onChange: () => this.#onPageChange(own),
        onKey: (event, input) => this.#onKey(event, input),
        onOpenBeside: address => void this.open(own.choice, address, own),
      }),
      onPage: (page, own) => this.#onPage(page, own),
      onPageEnd: page => this.#onPageEnd(page),
      onGone: own => this.#closeTab(own),
    }
    const tab = new Tab(this.#nextId++, choice, options, opener)
    const at = opener ? this.#tabs.indexOf(opener) : -1
    this.#tabs = at < 0 ? [...this.#tabs, tab] : this.#tabs.toSpliced(at + 1, 0, tab)
    this.#select(tab)
    await tab.begin(choice, url)
    this.#tell()
  }

  act(action: ToolbarAction): void {
    const tab = this.#front
    const page = tab?.page
    switch (action.do) {
      case 'go':
        page?.go(action.url)
        page?.contents.focus()
        break
      case 'back':
        page?.contents.navigationHistory.goBack()
        break
      case 'forward':
        page?.contents.navigationHistory.goForward()
        break
      case 'reload':
        if (page) page.reload()
        else if (tab) void this.#begin(tab, tab.choice)
        break
      case 'stop':
        page?.contents.stop()
        break
      case 'load-plain':
        page?.loadPlain()
        break
      case 'find':
        this.#lookedFor = action.text
        page?.find(action.text, action.forward, action.next)
        break
      case 'end-find':
        page?.endFind()
        page?.contents.focus()
        break
      case 'zoom':
        page?.zoomBy(action.by)
        break
      case 'new-tab':
        if (tab || action.choice) void this.open(action.choice ?? tab!.choice).then(() => this.#toolbar.focus('address'))
        break
      case 'private-tab':
        void this.open({ kind: 'tor' }).then(() => this.#toolbar.focus('address'))
        break
      case 'new-identity':
        if (tab) void this.#begin(tab, tab.choice)
        break
      case 'look':
        if (tab) void this.#begin(tab, action.choice, page?.url || undefined)
        break
      case 'select-tab':
        this.#select(this.#tabs.find(({ id }) => id === action.id))
        break
      case 'close-tab':
        this.#closeTab(this.#tabs.find(({ id }) => id === action.id))
        break
      case 'download':
        this.#downloads.answer(action).catch(error => this.#options.log.error(`a download was not stored: ${(error as Error).message}`))
        break
      case 'layout':
        this.#top = action.top
        this.#layOut()
        break
      default:
        action satisfies never
    }
    this.#tell()
  }

  readonly #speech = () => speechOf(this.#options.app.state.settings.language)

  async #begin(tab: Tab, choice: LookChoice, url?: string): Promise<void> {
    await tab.begin(choice, url)
    this.#tell()
  }

  /** The site of the practice network lies within this program, and speaks plain http only. */
  #plainSites(): string[] {
    const { kind, site } = this.#options.app.state.network
    return kind === 'practice' && site !== undefined ? [site] : []
  }

  #onPage(page: WebPage, tab: Tab): void {
    page.identity.session.on('will-download', (event, item) => this.#downloads.begin(event, item, page, tab.choice))
    page.identity.proxy.onThrough.add(() => this.#tell())
    offerContextMenu(page.contents, this.#speech, url => void this.open(tab.choice, url, tab))
    this.#window.contentView.addChildView(page.view)
    this.#layOut()
  }

  #onPageEnd(page: WebPage): void {
    this.#downloads.dropAll(page)
    if (!this.#closed) this.#window.contentView.removeChildView(page.view)
  }

  #onPageChange(tab: Tab): void {
    if (tab === this.#front) this.#layOut()
    this.#tell()
  }

  #select(tab: Tab | undefined): void {
    if (!tab || tab === this.#front) return
    this.#front?.page?.endFind()
    this.#front = tab
    this.#layOut()
    this.#tell()
  }

  /** The last tab takes the window with it. */
  #closeTab(tab: Tab | undefined): void {
    if (!tab) return
    if (this.#tabs.length === 1) return this.close()
    const at = this.#tabs.indexOf(tab)
    this.#tabs = this.#tabs.filter(other => other !== tab)
    if (tab === this.#front) this.#select(this.#tabs.find(other => other === tab.opener) ?? this.#tabs[Math.min(at, this.#tabs.length - 1)])
    tab.close()
    this.#tell()
  }

  #onKey(event: { preventDefault(): void }, input: Input): void {
    if (input.type !== 'keyDown') return
    const wish = keyWish(input, process.platform === 'darwin')
    if (!wish) return
    if (wish.do !== 'stop') event.preventDefault()
    switch (wish.do) {
      case 'focus':
        return this.#toolbar.focus(wish.on)
      case 'change-side':
        return this.toolbar.isFocused() && this.#front?.page ? this.#front.page.contents.focus() : this.#toolbar.focus('address')
      case 'find-again':
        if (this.#lookedFor === '') return this.#toolbar.focus('find')
        return this.act({ do: 'find', text: this.#lookedFor, forward: wish.forward, next: true })
      case 'close-tab':
        return this.#closeTab(this.#front)
      case 'next-tab':
        return this.#select(this.#tabs.at((this.#tabs.indexOf(this.#front!) + wish.by) % this.#tabs.length))
      case 'tab-at':
        return this.#select(this.#tabs.at(wish.at < 0 ? -1 : wish.at - 1))
      default:
        return this.act(wish)
    }
  }

  #tell(): void {
    this.#toolbar.tell()
  }

  #state(): ToolbarState | undefined {
    const front = this.#front
    if (!front) return undefined
    const { state } = this.#options.app
    const { page } = front
    const { perspective, settings } = state
    return {
      tabs: this.#tabs.map(tab => tab.facts(state)),
      active: front.id,
      page: {
        url: plainText(page?.url ?? '', 5000),
        loading: front.isLoading,
        canGoBack: page?.contents.navigationHistory.canGoBack() ?? false,
        canGoForward: page?.contents.navigationHistory.canGoForward() ?? false,
        zoom: page?.zoom ?? 100,
        obstacle: front.obstacle,
        found: page?.found,
      },
      downloads: this.#downloads.list,
      countries: perspective.countries,
      locked: perspective.locks.length > 0,
      lists: settings.lists.map(({ id, name }) => ({ id, name: plainText(name) })),
      language: settings.language,
      theme: settings.theme,
    }
  }

  #layOut(): void {
    if (this.#closed) return
    const { width, height } = this.#window.getContentBounds()
    this.#toolbar.view.setBounds({ x: 0, y: 0, width, height })
    for (const tab of this.#tabs) {
      const view = tab.page?.view
      if (!view) continue
      view.setVisible(tab === this.#front && tab.obstacle === undefined)
      view.setBounds({
        x: FRAME,
        y: this.#top,
        width: Math.max(0, width - 2 * FRAME),
        height: Math.max(0, height - this.#top - FRAME),
      })
    }
  }

  #end(): void {
    this.#closed = true
    this.#unwatch()
    this.#downloads.dropAll()
    for (const tab of this.#tabs) tab.close()
    this.#toolbar.end()
  }
}
