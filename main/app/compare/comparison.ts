import {
  COMPARE_PICTURE_BYTES,
  type CompareColumn,
  type ComparePlace,
  type CompareRequest,
  type CompareState,
} from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import { Listeners } from '../../lib/service.ts'
import type { PerspectiveChoice } from '../../perspective/choice-name.ts'
import type { ProxyHandler } from '../../perspective/proxy-target.ts'
import { openTabProxy } from '../tab-proxy.ts'
import { NoPicture, type PageCamera, type PagePicture } from './camera.ts'
import { fetchPage } from './page-fetch.ts'
import type { WebWay } from './web-exchange.ts'

/** What comparisons need of the app. */
export interface CompareWorld {
  /** Leads through the perspective that a request names. */
  readonly perspective: ProxyHandler
  /** Leads out by the person's own line. */
  readonly home: Pick<ProxyHandler, 'open'>
  /** Absent where the host has no browser inside. */
  readonly camera: PageCamera | undefined
  /** Roots of web certificates that are trusted beside the system's. */
  extraRoots(): readonly string[]
  /** Nickname and country of a relay, as far as they are known. */
  relay(fingerprint: string): { readonly nickname: string; readonly country: string } | undefined
}

/** Pictures that are taken at once: each is a page in a browser. */
const CAMERAS = 2
const PICTURE_MS = 45_000

interface Column {
  readonly place: ComparePlace
  through: CompareState['columns'][number]['through']
  step: CompareState['columns'][number]['step']
  picture: CompareState['columns'][number]['picture']
  seen: CompareColumn | undefined
  image: PagePicture | undefined
}

/** One address looked at from several places, from start to end. Every column goes on by itself; none waits for another. */
export class Comparison {
  readonly onChange = new Listeners<[]>()
  readonly id: number
  readonly #request: CompareRequest
  readonly #world: CompareWorld
  readonly #at = Date.now()
  readonly #abort = new AbortController()
  readonly #columns: Column[]
  #running = true
  /** Columns that wait for a camera. */
  readonly #waiting: (() => void)[] = []
  #cameras = CAMERAS
  /** Resolves when nothing of it goes on any more. */
  readonly ended: Promise<void>

  constructor(id: number, request: CompareRequest, world: CompareWorld) {
    this.id = id
    this.#request = request
    this.#world = world
    const picture = request.pictures && world.camera ? 'waiting' : 'none'
    this.#columns = request.places.map(place => ({
      place,
      through: undefined,
      step: 'waiting',
      picture,
      seen: undefined,
      image: undefined,
    }))
    this.ended = Promise.all(this.#columns.map((column, index) => this.#look(column, index))).then(() => {
      this.#running = false
      this.onChange.emit()
    })
  }

  get state(): CompareState {
    const columns = this.#columns.map(({ place, through, step, picture }) => ({ place, through, step, picture }))
    return { id: this.id, url: this.#request.url, at: this.#at, running: this.#running, columns }
  }

  /** What a place saw; `undefined` while it is still looking. */
  column(index: number): CompareColumn | undefined {
    return this.#columns[index]?.seen
  }

  picture(index: number): PagePicture | undefined {
    return this.#columns[index]?.image
  }

  /** Ends what is under way; what was found stays. */
  cancel(): void {
    this.#abort.abort()
    for (const go of this.#waiting.splice(0)) go()
  }

  async #look(column: Column, index: number): Promise<void> {
    const set = (change: Partial<Column>) => {
      Object.assign(column, change)
      this.onChange.emit()
    }
    const way = this.#wayOf(column.place, index)
    column.step = 'connecting'
    const seen = await fetchPage(this.#request.url, {
      way,
      signal: this.#abort.signal,
      extraRoots: this.#world.extraRoots(),
      onThrough: fingerprint => set({ through: this.#relay(fingerprint) }),
      onConnected: () => set({ step: 'loading' }),
    })
    set({ seen, step: 'done' })
    if (column.picture === 'none') return
    if (!seen.page || this.#abort.signal.aborted) return set({ picture: 'none' })
    await this.#takePicture(column, way, set)
  }

  #wayOf(place: ComparePlace, index: number): WebWay {
    const user = `compare ${this.id} ${index}`
    if (place.kind === 'home') return { handler: this.#world.home, choice: { kind: 'any' }, user, isHome: true }
    return { handler: this.#world.perspective, choice: place, user, isHome: false }
  }

  #relay(fingerprint: string): Column['through'] {
    const known = this.#world.relay(fingerprint)
    return { fingerprint, nickname: plainText(known?.nickname ?? '', 19), country: (known?.country ?? '').slice(0, 2) }
  }

  async #takePicture(column: Column, way: WebWay, set: (change: Partial<Column>) => void): Promise<void> {
    const { through, place } = column
    const fail = (code: string) => set({ picture: 'failed', seen: { ...column.seen!, pictureFailure: plainText(code, 60) } })
    await this.#camera()
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(PICTURE_MS)])
    // The same relay as before, or the picture might be of something else.
    const choice: PerspectiveChoice = place.kind === 'country' && through ? { kind: 'relay', fingerprint: through.fingerprint } : way.choice
    const { handler, user } = way
    try {
      signal.throwIfAborted()
      set({ picture: 'taking' })
      const proxy = await openTabProxy(handler, choice, user)
      try {
        const image = await this.#world.camera!.take({ url: this.#request.url, proxy }, signal)
        if (image.png.length > COMPARE_PICTURE_BYTES) fail('too large')
        else set({ picture: 'done', image })
      } finally {
        await proxy.close()
      }
    } catch (error) {
      fail(error instanceof NoPicture ? error.code : this.#abort.signal.aborted ? 'cancelled' : 'ERR_TIMED_OUT')
    } finally {
      this.#cameras++
      this.#waiting.shift()?.()
    }
  }

  /** Resolves when a camera is free, which is then taken. */
  async #camera(): Promise<void> {
    if (this.#cameras <= 0 && !this.#abort.signal.aborted) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#cameras--
  }
}
