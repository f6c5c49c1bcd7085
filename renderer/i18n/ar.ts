import { ar as host } from '../../shared/words/ar.ts'
import { about } from './ar/about.ts'
import { background } from './ar/background.ts'
import { browse } from './ar/browse.ts'
import { common } from './ar/common.ts'
import { compare } from './ar/compare.ts'
import { agreements } from './ar/consent.ts'
import { journey } from './ar/journey.ts'
import { locks } from './ar/locks.ts'
import { places } from './ar/places.ts'
import { clock, detailNames, problems } from './ar/problems.ts'
import { record } from './ar/record.ts'
import { relay } from './ar/relay.ts'
import { safety } from './ar/safety.ts'
import { settings } from './ar/settings.ts'
import { statuses, unknownStatus } from './ar/statuses.ts'
import { toolbar } from './ar/toolbar.ts'
import type { Catalogue } from './en.ts'

/**
 * Arabic, written from right to left. Terms: relay = مرحّل, authority = سلطة, member = عضو, perspective = منظور, door = باب, port = منفذ,
 * circuit = دائرة, stream = تدفّق, hop = قفزة, flag = علامة, fingerprint = بصمة. Names (Tor, Vantage, ORPort …) and flags (Running, Stable …)
 * stay in Latin letters; whatever else comes in from outside is put in with `isolate`, lest it turn the sentence around.
 */
export const ar: Catalogue = {
  ...common,
  host,
  journey: { ...journey, ...agreements },
  locks,
  problems,
  clock,
  detailNames,
  statuses,
  unknownStatus,
  browse,
  places,
  compare,
  record,
  relay,
  safety,
  settings,
  about,
  background,
  toolbar,
}
