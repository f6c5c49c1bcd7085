import { de as host } from '../../shared/words/de.ts'
import { about } from './de/about.ts'
import { background } from './de/background.ts'
import { browse } from './de/browse.ts'
import { common } from './de/common.ts'
import { compare } from './de/compare.ts'
import { agreements } from './de/consent.ts'
import { journey } from './de/journey.ts'
import { locks } from './de/locks.ts'
import { places } from './de/places.ts'
import { clock, detailNames, problems } from './de/problems.ts'
import { record } from './de/record.ts'
import { relay } from './de/relay.ts'
import { safety } from './de/safety.ts'
import { settings } from './de/settings.ts'
import { statuses, unknownStatus } from './de/statuses.ts'
import { toolbar } from './de/toolbar.ts'
import type { Catalogue } from './en.ts'

/**
 * German. Terms: relay = Relay (das), authority = Autorität, member = Mitglied, perspective = Perspektive, door = Tür, circuit = Kanal (as Tor
 * Browser says), hop = Sprung, list = Liste, to get listed = gelistet werden. Flags (Running, Stable …) and ORPort, DirPort, PAPort stay.
 * The person is „Sie“. Lengths of time come from Intl in the nominative, so sentences are built that they can stand so.
 */
export const de: Catalogue = {
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
