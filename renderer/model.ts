import { plainText } from '../shared/format.ts'
import type { AppState, Choice, PerspectiveRelay, PortState } from '../shared/state.ts'
import type { Stage } from './i18n/en/journey.ts'

/** The stages in their order. */
export const STAGES: readonly Stage[] = ['agree', 'ports', 'publish', 'listed', 'stable', 'look']

/** The three ports, in the order in which they are shown. */
export const PORT_KEYS = ['or', 'dir', 'pa'] as const
export type PortKey = (typeof PORT_KEYS)[number]

/** Whether a port is open as far as it is wanted: proved from outside, or without a door of its own. */
export function portSettled(port: PortState): boolean {
  return port.wanted === 'off' || port.wanted === 'virtual' || port.proof.state === 'proved'
}

/** The stage a person is at. Where the step does not say it (stopped, blocked), the facts do: the first one not reached. */
export function currentStage(app: AppState): Stage {
  switch (app.journey.step) {
    case 'consent':
      return 'agree'
    case 'starting':
    case 'ports':
      return 'ports'
    case 'publishing':
      return 'publish'
    case 'waiting-for-listing':
      return 'listed'
    case 'waiting-for-stable':
      return 'stable'
    case 'relaying':
    case 'unlocked':
      return 'look'
    case 'blocked':
    case 'stopped':
    case 'paused':
      if (!app.consents.relay) return 'agree'
      if (!PORT_KEYS.every(key => portSettled(app.ports[key]))) return 'ports'
      if (!app.relay.publications.some(publication => publication.readBack)) return 'publish'
      if (!app.relay.flags.includes('Running')) return 'listed'
      return app.relay.flags.includes('Stable') ? 'look' : 'stable'
    default:
      return app.journey satisfies never
  }
}

/** Whether browsing through others is locked. */
export const isLocked = (app: AppState): boolean => app.perspective.locks.length > 0

/** Whether ordinary Tor circuits can be built although perspective is locked: the relay runs and has a fresh directory. */
export function torPossible(app: AppState): boolean {
  return app.relay.running && !app.perspective.locks.some(lock => lock === 'directory-not-live' || lock === 'relay-stopped')
}

/** The newest relay that something goes through in the way of the choice. */
export function newestOf(choice: Choice, active: AppState['perspective']['active']) {
  const mode = choice.kind === 'tor' ? 'tor' : 'one-hop'
  return active.find(relay => relay.mode === mode)
}

/** The country a choice comes out in, as far as it is known. */
export function outCountry({ choice, active, relays }: AppState['perspective']): string | undefined {
  const newest = newestOf(choice, active)
  if (choice.kind === 'country' || choice.kind === 'tor') return choice.country ?? newest?.country
  if (choice.kind === 'relay') return relays.find(({ fingerprint }) => fingerprint === choice.fingerprint)?.country
  return newest?.country
}

/** Whether each word of a query is found in a text of small letters. */
export function matches(query: string, text: string): boolean {
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(part => text.includes(part))
}

const orders = new WeakMap<PerspectiveRelay, string>()

/** A text that sorts as one would try relays: not refused first, then by measured latency, then by name. Made once a row. */
function orderOf(relay: PerspectiveRelay): string {
  let order = orders.get(relay)
  if (order === undefined) {
    const refused = relay.failing || (relay.refusal && relay.refusal.status !== 0) ? 1 : 0
    const latency = relay.latency ? String(Math.round(relay.latency.ms)).padStart(9, '0') : 'unmeasured'
    order = `${refused} ${latency} ${relay.nickname.toLowerCase()} ${relay.fingerprint}`
    orders.set(relay, order)
  }
  return order
}

/** Relays in the order in which one would try them; see {@link orderOf}. */
export function byPromise(a: PerspectiveRelay, b: PerspectiveRelay): number {
  const [first, second] = [orderOf(a), orderOf(b)]
  return first < second ? -1 : first > second ? 1 : 0
}

/** A fingerprint in groups of four, as people compare it. */
export const groupedFingerprint = (fingerprint: string): string => fingerprint.match(/.{4}/g)?.join(' ') ?? fingerprint

/** An address and a port as one text; IPv6 in brackets. */
export function endpoint(address: string, port: number | string): string {
  const clean = plainText(address, 60)
  return clean.includes(':') ? `[${clean}]:${port}` : `${clean}:${port}`
}

/** The user name by which the local proxy takes a choice, see the SOCKS5 user names of the command line. */
export function proxyUserName(choice: Choice): string | undefined {
  switch (choice.kind) {
    case 'off':
      return undefined
    case 'any':
      return 'any'
    case 'country':
      return choice.country
    case 'relay':
      return `$${choice.fingerprint}`
    case 'list':
      return `list-${choice.list}`
    case 'tor':
      return choice.country ? `tor-${choice.country}` : 'tor'
    default:
      return choice satisfies never
  }
}

/** As long as the contract has them, in characters. */
const LONGEST_ADDRESS = 2000

/** A web address as the person meant it, `https://` added when there is no scheme; undefined when it is none. */
export function webAddress(text: string): string | undefined {
  // Line ends and tabs of what was copied over several lines count for nothing in an address.
  const trimmed = text.replace(/[\t\r\n]/g, '').trim()
  if (trimmed === '' || trimmed.length > LONGEST_ADDRESS) return undefined
  const hasScheme = /^(?:[a-z][a-z0-9+.-]*:\/\/|https?:)/i.test(trimmed)
  const url = URL.parse(hasScheme ? trimmed : `https://${trimmed}`)
  // What is percent-encoded grows. And without a scheme "a@b" is a mailbox, not a user at a web site.
  if (!url || url.href.length > LONGEST_ADDRESS || (!hasScheme && `${url.username}${url.password}` !== '')) return undefined
  // Chromium lets a host keep what it percent-encodes ("not an address"); no name that can be looked up has such.
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  return isWeb && /^[^%]+$/.test(url.hostname) && url.port !== '0' ? url.href : undefined
}

/** How many of an authority's votes hold, and of how many read. */
export function countVotes(app: AppState, which: 'running' | 'stable'): number {
  return app.votes.entries.filter(vote => vote.listed && vote[which]).length
}

/** The smallest round number (1, 2 or 5 times a power of ten) that is not below a rate; at least 10 kB/s, so that silence looks silent. */
export function niceTop(rate: number): number {
  const least = Math.max(rate, 10_000)
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= least)!
}

/** A web address inside single quotes of a shell: the quote itself is percent-encoded, so nothing can leave the quotes. */
export function shellQuoted(url: string): string {
  return plainText(url, 2000).replaceAll("'", '%27')
}

/** Favourites, exclusions or the like with one put in or taken out, whichever is wanted: already so, they stay as they are. */
export function withEntry<T>(entries: readonly T[], entry: T, wanted: boolean): T[] {
  if (entries.includes(entry) === wanted) return [...entries]
  return wanted ? [...entries, entry] : entries.filter(other => other !== entry)
}

/** The place that a choice names: a country code or a fingerprint. An unknown country is no place to keep. */
export function placeOf(choice: Choice): string | undefined {
  if (choice.kind === 'country') return choice.country === '??' ? undefined : choice.country
  return choice.kind === 'relay' ? choice.fingerprint : undefined
}

/** Whether a relay, or the country it is in, is left out. */
export function isExcluded(relay: Pick<PerspectiveRelay, 'fingerprint' | 'country'>, excluded: readonly string[]): boolean {
  return excluded.includes(relay.fingerprint) || excluded.includes(relay.country)
}

/** What should be seen now, each once: the problem that has the whole screen is not told beside it. */
export function problemsBeside({ journey, problems }: Pick<AppState, 'journey' | 'problems'>): AppState['problems'] {
  return journey.step === 'blocked' ? problems.filter(problem => problem.code !== journey.problem.code) : problems
}
