import type { AppState, Choice } from '../../shared/state.ts'

const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' })

/** "Sweden"; the code itself where it names no country. */
export function countryName(code: string): string {
  return code === '??' ? 'Unknown country' : (names.of(code.toUpperCase()) ?? code)
}

/** What is looked through, for titles and menus. */
export function choiceWords(
  choice: Choice,
  relays: AppState['perspective']['relays'] = [],
  lists: AppState['settings']['lists'] = [],
): string {
  switch (choice.kind) {
    case 'off':
      return 'Off'
    case 'any':
      return 'Anywhere'
    case 'country':
      return countryName(choice.country)
    case 'relay': {
      const relay = relays.find(candidate => candidate.fingerprint === choice.fingerprint)
      return relay ? `${relay.nickname} (${countryName(relay.country)})` : `Relay ${choice.fingerprint.slice(0, 8)}`
    }
    case 'list':
      return lists.find(({ id }) => id === choice.list)?.name ?? `List ${choice.list}`
    case 'tor':
      return choice.country === undefined ? 'Tor, three hops' : `Tor, three hops, ${countryName(choice.country)}`
    default:
      return choice satisfies never
  }
}
