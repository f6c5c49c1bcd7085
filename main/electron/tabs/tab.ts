import { plainText } from '../../../shared/format.ts'
import type { AppState, LookChoice } from '../../../shared/state.ts'
import type { Obstacle, ToolbarTab } from '../../../shared/toolbar.ts'
import type { PerspectiveProxy } from '../../app/hosted-app.ts'
import { formatChoiceName } from '../../perspective/choice-name.ts'
import type { FrameColours } from './frame-colours.ts'
import { Identity } from './identity.ts'
import { WebPage, type WebPageOptions } from './web-page.ts'

export interface TabOptions {
  readonly colours: FrameColours
  openProxy(choice: LookChoice): Promise<PerspectiveProxy>
  /** For each identity's page. */
  pageOptions(tab: Tab): Omit<WebPageOptions, 'identity' | 'onGone'>
  /** A page begins, hidden and empty. */
  onPage(page: WebPage, tab: Tab): void
  /** A page is about to end. */
  onPageEnd(page: WebPage): void
  /** The page has closed itself. */
  onGone(tab: Tab): void
}

/** One tab: a perspective, and one identity at a time that looks through it. */
export class Tab {
  readonly id: number
  /** Whose page it was opened from. */
  readonly opener: Tab | undefined
  readonly #options: TabOptions
  #choice: LookChoice
  #colour: number
  #page: WebPage | undefined
  #trouble: Obstacle | undefined
  #closed = false
  /** Counts identities, so that one that comes late is not taken for the newest. */
  #identities = 0

  constructor(id: number, choice: LookChoice, options: TabOptions, opener?: Tab) {
    this.id = id
    this.opener = opener
    this.#options = options
    this.#choice = choice
    this.#colour = options.colours.take(formatChoiceName(choice))
  }

  get choice(): LookChoice {
    return this.#choice
  }
  /** Absent while its proxy is opened, or when that could not be. */
  get page(): WebPage | undefined {
    return this.#page
  }
  get obstacle(): Obstacle | undefined {
    return this.#page ? this.#page.obstacle : (this.#trouble ?? { kind: 'empty' })
  }
  get isLoading(): boolean {
    return this.#page ? this.#page.contents.isLoading() : this.#trouble === undefined
  }

  /** Begins anew as nobody in particular, through `choice`: what the tab held is forgotten. Settles when the page stands. */
  async begin(choice: LookChoice, url?: string): Promise<void> {
    const number = ++this.#identities
    this.#endPage()
    if (this.#closed) return
    const { colours } = this.#options
    colours.release(formatChoiceName(this.#choice))
    this.#choice = choice
    this.#colour = colours.take(formatChoiceName(choice))
    this.#trouble = undefined
    let identity: Identity
    try {
      identity = await Identity.begin(await this.#options.openProxy(choice))
    } catch {
      if (number === this.#identities) this.#trouble = { kind: 'failed', host: '', code: 'ERR_PROXY_CONNECTION_FAILED' }
      return
    }
    if (number !== this.#identities) {
      await identity.end()
      return
    }
    const page: WebPage = new WebPage({ ...this.#options.pageOptions(this), identity, onGone: () => this.#onGone(page, number) })
    this.#page = page
    this.#options.onPage(page, this)
    if (url !== undefined) page.go(url)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#identities++
    this.#endPage()
    this.#options.colours.release(formatChoiceName(this.#choice))
  }

  /** As the toolbar shows it. */
  facts({ perspective }: AppState): ToolbarTab {
    const fingerprint = this.#page?.identity.proxy.through
    const known = [...perspective.relays, ...perspective.active].find(relay => relay.fingerprint === fingerprint)
    return {
      id: this.id,
      title: this.#page?.title ?? '',
      loading: this.isLoading,
      choice: this.#choice,
      through:
        fingerprint === undefined ? undefined : { fingerprint, nickname: known && plainText(known.nickname, 19), country: known?.country },
      colour: this.#colour,
    }
  }

  #endPage(): void {
    const page = this.#page
    if (!page) return
    this.#page = undefined
    this.#options.onPageEnd(page)
    void page.close()
  }

  /** At once nobody asks the page for anything any more; the rest waits, lest a view be taken apart that is just being destroyed. */
  #onGone(page: WebPage, number: number): void {
    if (page !== this.#page) return
    this.#page = undefined
    setImmediate(() => {
      this.#options.onPageEnd(page)
      void page.close()
      if (number === this.#identities) this.#options.onGone(this)
    })
  }
}
