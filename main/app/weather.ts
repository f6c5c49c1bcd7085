import type { Notice, NoticeKind } from '../../shared/background.ts'

const DAY_MS = 86_400_000
/** The same is not told again for so long: a port that comes and goes is one story. */
const QUIET_MS = 6 * 3_600_000
/** Electron is mended for about 24 weeks after a release (electron.md 6.4); an older build browses with known holes. */
const OLD_BUILD_MS = 24 * 7 * DAY_MS
/** From this part of the monthly cap on it is near. */
const CAP_NEAR = 0.9

/** What news is made of, as known now. */
export interface WeatherFacts {
  /** The relay runs as its owner wants it; whatever is lost while it rests is no news. */
  readonly running: boolean
  /** The list that flags are read from is fresh. */
  readonly listLive: boolean
  readonly flags: ReadonlySet<string>
  readonly unlocked: boolean
  /** Names of ports that were proved, and that failed, at the last test. */
  readonly proved: readonly string[]
  readonly failed: readonly string[]
  readonly overload: string | undefined
  readonly cap: { readonly used: number; readonly limit: number; readonly reached: boolean }
  readonly builtAt: number | undefined
  /** What the authorities require of every relay and this version lacks; empty: nothing. */
  readonly lacks: string
}

type News = Pick<Notice, 'kind' | 'what' | 'detail'>
const news = (kind: NoticeKind, what: Notice['what'], detail: Notice['detail'] = {}): News => ({ kind, what, detail })

/** What has become worth telling between two looks. Pure. */
export function newsOf(before: WeatherFacts, now: WeatherFacts, time: number): News[] {
  const found: News[] = []
  if (now.unlocked && !before.unlocked) found.push(news('unlocked', 'unlocked'))
  if (now.running && before.running && now.listLive) {
    const lost = (flag: string) => before.flags.has(flag) && !now.flags.has(flag)
    if (lost('Running')) found.push(news('flags', 'lost-running'))
    else if (lost('Stable')) found.push(news('flags', 'lost-stable'))
    const closed = now.failed.filter(port => before.proved.includes(port))
    if (closed.length > 0) found.push(news('ports', 'ports-closed', { ports: closed.join(' ') }))
    if (now.overload && !before.overload) found.push(news('overload', 'overload', { cause: now.overload }))
  }
  const { used, limit, reached } = now.cap
  if (reached && !before.cap.reached) found.push(news('cap', 'cap-reached', { limit }))
  else if (limit > 0 && !reached && used >= limit * CAP_NEAR && !(before.cap.limit === limit && before.cap.used >= limit * CAP_NEAR))
    found.push(news('cap', 'cap-near', { used, limit }))
  if (now.builtAt !== undefined && time - now.builtAt >= OLD_BUILD_MS)
    found.push(news('version', 'old-build', { days: Math.floor((time - now.builtAt) / DAY_MS) }))
  if (now.lacks !== '') found.push(news('version', 'network-asks-more', { lacks: now.lacks.slice(0, 200) }))
  return found
}

/** What was told and is not told again until the opposite was. */
export interface Told {
  unlocked: boolean
}

/** The local Tor Weather: looks at facts again and again, and gives out what is news, each kind of news rarely. */
export class WeatherWatch {
  readonly #told: Told
  readonly #saidAt = new Map<Notice['what'], number>()
  #before: WeatherFacts | undefined

  /** `told`: from an earlier run; changed in place. */
  constructor(told: Told) {
    this.#told = told
  }

  /** `steady`: a clock that only goes on, ms. The first look takes things as they are. */
  look(facts: WeatherFacts, now: { wall: number; steady: number }): Notice[] {
    const before = this.#before ?? { ...facts, unlocked: false }
    this.#before = facts
    return newsOf(before, facts, now.wall)
      .filter(({ what }) => {
        // Each start unlocks again what was unlocked before; that is no news.
        if (what === 'unlocked' && this.#told.unlocked) return false
        const last = this.#saidAt.get(what)
        return last === undefined || (!isOnce(what) && now.steady - last >= QUIET_MS)
      })
      .map(found => {
        this.#saidAt.set(found.what, now.steady)
        if (found.what === 'unlocked') this.#told.unlocked = true
        if (found.what === 'lost-running' || found.what === 'lost-stable') this.#told.unlocked = false
        return { ...found, at: now.wall }
      })
  }
}

/** Told once a run of the program: nothing changes until another version is installed. */
const isOnce = (what: Notice['what']) => what === 'old-build' || what === 'network-asks-more'
