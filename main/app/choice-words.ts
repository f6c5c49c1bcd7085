import { plainText } from '../../shared/format.ts'
import type { AppState, Choice } from '../../shared/state.ts'
import type { Speech } from '../../shared/words/speech.ts'

/** What names choices: the relays that are known, and the owner's lists. */
export interface ChoiceNames {
  readonly relays?: AppState['perspective']['relays']
  readonly lists?: AppState['settings']['lists']
}

/** "Sweden"; an unknown place where a code names no country. */
function countryName(code: string, { words, formats }: Speech): string {
  return formats.country(code, words.choice.unknownCountry)
}

/** What is looked through, for titles and menus. Names from the network are made harmless. */
export function choiceWords(choice: Choice, speech: Speech, { relays = [], lists = [] }: ChoiceNames = {}): string {
  const text = speech.words.choice
  switch (choice.kind) {
    case 'off':
      return text.off
    case 'any':
      return text.any
    case 'country':
      return countryName(choice.country, speech)
    case 'relay': {
      const relay = relays.find(candidate => candidate.fingerprint === choice.fingerprint)
      return relay
        ? text.relayIn(plainText(relay.nickname, 19), countryName(relay.country, speech))
        : text.relay(choice.fingerprint.slice(0, 8))
    }
    case 'list': {
      const list = lists.find(({ id }) => id === choice.list)
      return list ? plainText(list.name, 40) : text.lostList
    }
    case 'tor':
      return choice.country === undefined ? text.tor : text.torTo(countryName(choice.country, speech))
    default:
      return choice satisfies never
  }
}
