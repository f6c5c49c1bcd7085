import { en as host } from '../../shared/words/en.ts'
import { about } from './en/about.ts'
import { background } from './en/background.ts'
import { browse } from './en/browse.ts'
import { common } from './en/common.ts'
import { compare } from './en/compare.ts'
import * as agreements from './en/consent.ts'
import * as journey from './en/journey.ts'
import { locks } from './en/locks.ts'
import { places } from './en/places.ts'
import { clock, detailNames, problems } from './en/problems.ts'
import { record } from './en/record.ts'
import { relay } from './en/relay.ts'
import { safety } from './en/safety.ts'
import { settingsWords } from './en/settings.ts'
import { statuses, unknownStatus } from './en/statuses.ts'
import { toolbar } from './en/toolbar.ts'

/** English; the shape that every other language fills. */
export const en = {
  ...common,
  /** Said by the tray too. */
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
  settings: settingsWords,
  about,
  background,
  toolbar,
}

/** All words of the window in one language; other languages fill this shape. */
export type Catalogue = typeof en
