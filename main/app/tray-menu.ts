import { SHARES } from '../../shared/background.ts'
import type { AppState, Choice } from '../../shared/state.ts'
import { nextMorning } from '../../shared/week-plan.ts'
import type { Speech } from '../../shared/words/speech.ts'
import { choiceWords } from './choice-words.ts'

/** What the tray icon says by its shape, not only by its colour. */
export type TrayIcon = 'off' | 'starting' | 'paused' | 'relaying' | 'unlocked' | 'perspective' | 'problem'

/** What a menu item does: a call of the contract, or something of the window system. */
export type TrayAction =
  | {
      readonly kind: 'call'
      readonly name: 'perspective.choose' | 'relay.start' | 'pause.begin' | 'pause.end' | 'limit.share'
      readonly argument?: unknown
    }
  | { readonly kind: 'show-window' | 'open-page' | 'quit' }

export type TrayItem =
  | { readonly type: 'separator' }
  | { readonly type: 'words'; readonly label: string }
  | { readonly type: 'action'; readonly label: string; readonly action: TrayAction; readonly enabled?: boolean }
  | { readonly type: 'radio'; readonly label: string; readonly action: TrayAction; readonly checked: boolean }
  | { readonly type: 'submenu'; readonly label: string; readonly items: readonly TrayItem[] }

export interface TrayModel {
  readonly icon: TrayIcon
  readonly tooltip: string
  readonly items: readonly TrayItem[]
}

/** Of each kind shown in the menu; the rest is in the window. */
const MAX_COUNTRIES = 15
const MAX_PLACES = 10
/** Windows cuts tooltips off behind so many UTF-16 units. */
const MAX_TOOLTIP = 127

/** The tray as a function of the state: icon, tooltip and the whole menu. `now`: ms, for times of the clock. */
export function trayModel(state: AppState, speech: Speech, now: number): TrayModel {
  const { words, formats } = speech
  const { relay, perspective, contribution } = state
  const { today, total } = contribution
  const sum = (...parts: { read: number; written: number }[]) => parts.reduce((bytes, part) => bytes + part.read + part.written, 0)
  const status = statusWords(state, speech, now)
  const contributed = words.today(formats.bytes(today.or.written + today.dir.written), formats.bytes(today.or.read + today.dir.read))
  const circuits = today.circuits === undefined ? '' : ` · ${words.circuits(today.circuits)}`
  const choice = choiceWords(perspective.choice, speech, { relays: perspective.relays, lists: state.settings.lists })
  const oneHop = perspective.choice.kind !== 'tor' && canLook(state)
  const given = formats.bytes(sum(today.served))
  const used = formats.bytes(sum(today.used))
  return {
    icon: iconOf(state),
    tooltip: fitting([`Vantage: ${status}`, `${contributed}${circuits}`, words.balanceShort(given, used)]),
    items: [
      { type: 'words', label: status },
      { type: 'words', label: `${contributed}${circuits}` },
      { type: 'words', label: words.balance(given, used) },
      { type: 'words', label: words.total(formats.bytes(sum(total.or, total.dir))) },
      { type: 'separator' },
      {
        type: 'submenu',
        label: (oneHop ? words.perspectiveOn : words.perspective)(choice),
        items: choiceItems(state, speech),
      },
      { type: 'action', label: words.openPage, action: { kind: 'open-page' }, enabled: canLook(state) },
      { type: 'separator' },
      ...relayItems(state, speech, now),
      { type: 'action', label: words.show, action: { kind: 'show-window' } },
      { type: 'action', label: relay.running ? words.quitEnds : words.quit, action: { kind: 'quit' } },
    ],
  }
}

/** As many whole lines as a tooltip holds. */
function fitting(lines: readonly string[]): string {
  let text = ''
  for (const line of lines) {
    const longer = text === '' ? line : `${text}\n${line}`
    if (longer.length > MAX_TOOLTIP) break
    text = longer
  }
  return text
}

/** One line: what the relay does, with the end of its rest or the limit of now. */
function statusWords({ journey, background }: AppState, { words, formats }: Speech, now: number): string {
  const { standing } = background
  if (journey.step === 'paused') {
    const why = words.pauseReasons[journey.causes[0]!.reason]
    const what = journey.until === undefined ? words.status.paused : words.pausedUntil(formats.moment(journey.until, now))
    return `${what} (${why})`
  }
  const status = words.status[journey.step]
  return standing.state === 'limited' ? `${status} · ${words.limited(words.megabits(formats.megabits(standing.rate)))}` : status
}

/** Whether pages can be opened through the choice: a one-hop perspective needs everything unlocked, Tor only a choice. */
export function canLook({ perspective }: { readonly perspective: Pick<AppState['perspective'], 'choice' | 'locks'> }): boolean {
  if (perspective.choice.kind === 'off') return false
  return perspective.choice.kind === 'tor' || perspective.locks.length === 0
}

function iconOf(state: AppState): TrayIcon {
  switch (state.journey.step) {
    case 'consent':
    case 'stopped':
      return 'off'
    case 'paused':
      return 'paused'
    case 'starting':
    case 'ports':
    case 'publishing':
    case 'waiting-for-listing':
      return 'starting'
    case 'waiting-for-stable':
    case 'relaying':
    case 'unlocked':
      if (canLook(state)) return 'perspective'
      return state.perspective.locks.length === 0 ? 'unlocked' : 'relaying'
    case 'blocked':
      return 'problem'
    default:
      return state.journey satisfies never
  }
}

/** Off, everything, what the person keeps ready, what was used last, every country, and Tor's own three hops. */
function choiceItems({ perspective, settings }: AppState, speech: Speech): TrayItem[] {
  const { words, formats } = speech
  const { choice, relays, locks } = perspective
  const { lists, favourites } = settings
  const chosen = JSON.stringify(choice)
  const item = (of: Choice, label = choiceWords(of, speech, { relays, lists })): TrayItem => ({
    type: 'radio',
    label,
    checked: chosen === JSON.stringify(of),
    action: { kind: 'call', name: 'perspective.choose', argument: of },
  })
  const part = (label: string, items: readonly TrayItem[]): TrayItem[] =>
    items.length === 0 ? [] : [{ type: 'separator' }, { type: 'words', label }, ...items]
  const tor = item({ kind: 'tor' })
  const off = item({ kind: 'off' })
  if (locks.length > 0) return [off, tor, { type: 'words', label: words.locked }]
  const countries = [...perspective.countries].sort((a, b) => b.relays - a.relays).slice(0, MAX_COUNTRIES)
  const places = (favourites ?? []).slice(0, MAX_PLACES).map(placeChoice)
  const known = new Set([...places, { kind: 'any' }, { kind: 'off' }, { kind: 'tor' }].map(of => JSON.stringify(of)))
  const recents = perspective.recents.filter(of => !known.has(JSON.stringify(of))).slice(0, MAX_PLACES)
  return [
    off,
    item({ kind: 'any' }),
    ...part(
      words.favourites,
      places.map(of => item(of)),
    ),
    ...part(
      words.lists,
      lists.slice(0, MAX_PLACES).map(({ id }) => item({ kind: 'list', list: id })),
    ),
    ...part(
      words.recents,
      recents.map(of => item(of)),
    ),
    ...part(
      words.countries,
      countries.map(({ country, relays: many }) =>
        item(
          { kind: 'country', country },
          words.choice.countryWith(formats.country(country, words.choice.unknownCountry), formats.count(many)),
        ),
      ),
    ),
    { type: 'separator' },
    tor,
  ]
}

/** A place kept ready: a country's code or a relay's fingerprint. */
const placeChoice = (place: string): Choice =>
  place.length === 2 ? { kind: 'country', country: place } : { kind: 'relay', fingerprint: place }

/** Breaks and limits while the relay may run; a way to start it while it does not. */
function relayItems({ consents, journey, background, settings, relay }: AppState, speech: Speech, now: number): TrayItem[] {
  if (!consents.relay) return []
  const { words, formats } = speech
  const call = (label: string, name: 'relay.start' | 'pause.end'): TrayItem => ({ type: 'action', label, action: { kind: 'call', name } })
  if (journey.step === 'paused') {
    // What the cap or a sleep holds back, no wish brings back.
    const stays = journey.causes.some(({ reason }) => reason === 'cap' || reason === 'sleep')
    return stays ? [] : [call(words.resume, 'pause.end'), { type: 'separator' }]
  }
  if (!relay.running) return [call(words.start, 'relay.start'), { type: 'separator' }]
  const pause = (label: string, span: string): TrayItem => ({
    type: 'action',
    label,
    action: { kind: 'call', name: 'pause.begin', argument: { span } },
  })
  const rate = (share: number) => words.megabits(formats.megabits(settings.bandwidthRate * share))
  return [
    {
      type: 'submenu',
      label: words.pause,
      items: [
        pause(words.pauseHalfHour, 'half-hour'),
        pause(words.pauseTomorrow(formats.moment(nextMorning(now), now)), 'tomorrow'),
        pause(words.pauseRestart, 'restart'),
        { type: 'separator' },
        { type: 'words', label: words.pauseCost },
      ],
    },
    {
      type: 'submenu',
      label: words.limit,
      items: SHARES.map(share => ({
        type: 'radio',
        label: share === 1 ? words.limitFull(rate(1)) : words.limitPart(formats.percent(share), rate(share)),
        checked: background.share === share,
        action: { kind: 'call', name: 'limit.share', argument: { share } },
      })),
    },
    { type: 'separator' },
  ]
}
