import { formatBytes, plainText } from '../../shared/format.ts'
import type { AppState, Choice, Journey } from '../../shared/state.ts'
import { choiceWords, countryName } from './choice-words.ts'

/** What the tray icon says by its shape, not only by its colour. */
export type TrayIcon = 'off' | 'starting' | 'relaying' | 'unlocked' | 'perspective' | 'problem'

/** What a menu item does: a call of the contract, or something of the window system. */
export type TrayAction =
  | { readonly kind: 'call'; readonly name: 'perspective.choose' | 'relay.start' | 'relay.stop'; readonly argument?: unknown }
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

/** Countries shown in the menu; the rest is in the window. */
const MAX_COUNTRIES = 15
const MAX_LISTS = 10

const STATUS: Readonly<Record<Journey['step'], string>> = {
  consent: 'Waiting for your consent',
  starting: 'Starting',
  ports: 'Opening ports',
  publishing: 'Publishing',
  'waiting-for-listing': 'Waiting to be listed',
  'waiting-for-stable': 'Relaying, waiting to be called stable',
  relaying: 'Relaying',
  unlocked: 'Relaying, perspectives unlocked',
  blocked: 'Something needs you',
  stopped: 'Stopped',
}

/** The tray as a function of the state: icon, tooltip and the whole menu. */
export function trayModel(state: AppState): TrayModel {
  const { relay, perspective, journey } = state
  const carried = `↑ ${formatBytes(relay.carried.written)}  ↓ ${formatBytes(relay.carried.read)}`
  const served = relay.perspectiveServed.read + relay.perspectiveServed.written
  const used = perspective.used.read + perspective.used.written
  const contribution = `For Tor: ${carried}, ${relay.circuits} circuits`
  const balance = `Perspectives: given ${formatBytes(served)}, used ${formatBytes(used)}`
  return {
    icon: iconOf(state),
    tooltip: `Vantage: ${STATUS[journey.step]}\n${contribution}\n${balance}`,
    items: [
      { type: 'words', label: STATUS[journey.step] },
      { type: 'words', label: contribution },
      { type: 'words', label: balance },
      { type: 'separator' },
      {
        type: 'submenu',
        label: `Perspective: ${choiceWords(perspective.choice, perspective.relays, state.settings.lists)}`,
        items: choiceItems(state),
      },
      { type: 'action', label: 'Open a page there', action: { kind: 'open-page' }, enabled: canLook(state) },
      { type: 'separator' },
      ...relayItems(state),
      { type: 'action', label: 'Show Vantage', action: { kind: 'show-window' } },
      { type: 'action', label: relay.running ? 'Quit (the relay goes offline)' : 'Quit', action: { kind: 'quit' } },
    ],
  }
}

/** Whether pages can be opened through the choice: a one-hop perspective needs everything unlocked, Tor only a choice. */
export function canLook({ perspective }: AppState): boolean {
  if (perspective.choice.kind === 'off') return false
  return perspective.choice.kind === 'tor' || perspective.locks.length === 0
}

function iconOf(state: AppState): TrayIcon {
  switch (state.journey.step) {
    case 'consent':
    case 'stopped':
      return 'off'
    case 'starting':
    case 'ports':
    case 'publishing':
    case 'waiting-for-listing':
      return 'starting'
    case 'waiting-for-stable':
    case 'relaying':
      return 'relaying'
    case 'unlocked':
      return canLook(state) ? 'perspective' : 'unlocked'
    case 'blocked':
      return 'problem'
    default:
      return state.journey satisfies never
  }
}

function choiceItems({ perspective, settings }: AppState): TrayItem[] {
  const chosen = JSON.stringify(perspective.choice)
  const item = (choice: Choice, label: string): TrayItem => ({
    type: 'radio',
    label,
    checked: chosen === JSON.stringify(choice),
    action: { kind: 'call', name: 'perspective.choose', argument: choice },
  })
  const tor = item({ kind: 'tor' }, 'Tor, three hops')
  const off = item({ kind: 'off' }, 'Off')
  if (perspective.locks.length > 0) return [off, tor, { type: 'words', label: 'Countries are locked; the window says why' }]
  const countries = [...perspective.countries].sort((a, b) => b.relays - a.relays).slice(0, MAX_COUNTRIES)
  return [
    off,
    item({ kind: 'any' }, 'Anywhere'),
    ...settings.lists.slice(0, MAX_LISTS).map(({ id, name }) => item({ kind: 'list', list: id }, plainText(name, 40))),
    ...countries.map(({ country, relays }) => item({ kind: 'country', country }, `${countryName(country)} (${relays})`)),
    tor,
  ]
}

function relayItems({ consents, relay }: AppState): TrayItem[] {
  if (!consents.relay) return []
  const item: TrayItem = relay.running
    ? { type: 'action', label: 'Stop relaying', action: { kind: 'call', name: 'relay.stop' } }
    : { type: 'action', label: 'Start relaying', action: { kind: 'call', name: 'relay.start' } }
  return [item, { type: 'separator' }]
}
