import { memo } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { PerspectiveRelay } from '../../../shared/state.ts'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Icon } from '../../components/icons.tsx'
import { Status } from '../../components/status-mark.tsx'
import { countryName, formatAgo, formatDays, formatDuration, formatMilliseconds, formatRate, statusWords, words } from '../../i18n/words.ts'
import { endpoint } from '../../model.ts'
import { FavouriteSign } from './favourite-sign.tsx'

/** How long it runs, in ms, in as few words as a row has room for. */
function upWords(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS)
  return hours < DAY_HOURS ? formatDuration(hours * HOUR_SECONDS) : formatDays(Math.floor(hours / DAY_HOURS))
}

/** An overload is told of for as long as descriptors keep it, in ms. */
const OVERLOAD_TOLD_MS = 72 * 3_600_000

/** The summary of the usual policy. */
const WEB_ONLY = 'accept 80,443'

const HOUR_SECONDS = 3600
const HOUR_MS = HOUR_SECONDS * 1000
const DAY_HOURS = 24

/** What is known of a relay's load, as what it is: its own word of an overload, our measurement, or what it advertises. */
function loadWords({ overloadedAt, rate, bandwidth }: PerspectiveRelay, now: number): string | undefined {
  const text = words.places.load
  if (overloadedAt !== undefined && now - overloadedAt < OVERLOAD_TOLD_MS) return text.overloaded(formatAgo(overloadedAt, now))
  if (rate) return text.measured(formatRate(rate.bytesPerSecond), formatAgo(rate.at, now))
  return bandwidth === undefined ? undefined : text.advertises(formatRate(bandwidth))
}

/** Whether there is room, in one line: what speaks against it, or else what is known of its load. */
function Room({ relay, now }: { relay: PerspectiveRelay; now: number }) {
  const { refusal, failing } = relay
  const text = words.browse
  const refused = refusal && refusal.status !== 0 && text.withAge(statusWords(refusal.status).short, formatAgo(refusal.at, now))
  const against = [failing && text.failing, refused].filter(Boolean).join(' · ')
  const load = loadWords(relay, now)
  if (against === '') return load && <small>{load}</small>
  return (
    <small className="refusal">
      <Status standing="bad">{against}</Status>
    </small>
  )
}

/** What a row says beside the name: its place and network, its policy. */
function Facts({ relay, now }: { relay: PerspectiveRelay; now: number }) {
  const text = words.browse
  const { as, session } = relay
  const facts = [
    relay.policy === WEB_ONLY ? (
      text.policyWeb
    ) : (
      <bdi key="policy" dir="ltr">
        {plainText(relay.policy, 60)}
      </bdi>
    ),
    text.admits[relay.admits],
    relay.flags.includes('Stable') && relay.upSince !== undefined && words.places.load.upSince(upWords(now - relay.upSince)),
    session && (session === 'open' ? text.sessionOpen : text.sessionOpening),
  ].filter(Boolean)
  return (
    <>
      <small>
        {countryName(relay.country)} ·{' '}
        <bdi dir="ltr">{relay.port === 'virtual' ? plainText(relay.address, 60) : endpoint(relay.address, relay.port)}</bdi>{' '}
        {relay.port === 'virtual' && text.virtualDoor}
        {as && (
          <>
            {' · '}
            <bdi>{plainText(as.name, 40) || `AS${as.number}`}</bdi>
          </>
        )}
      </small>
      <small>
        {facts.map((fact, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of facts, drawn anew whole
          <span key={index}>
            {index > 0 && ' · '}
            {fact}
          </span>
        ))}
      </small>
    </>
  )
}

interface RelayRowProps {
  readonly relay: PerspectiveRelay
  readonly chosen: boolean
  readonly favourite: boolean
  /** Ages are told from here, in ms. */
  readonly now: number
  /** What is spoken: a row is drawn anew only when what it is given changes, and its words are not given. */
  readonly locale: string
}

/** One relay in the list. */
export const RelayRow = memo(function RelayRow({ relay, chosen, favourite, now }: RelayRowProps) {
  const text = words.browse
  const { latency } = relay
  return (
    <>
      <CountryPlate code={relay.country} />
      <span className="relay-row">
        <span className="relay-head">
          <span>
            {plainText(relay.nickname, 19)}
            {favourite && <FavouriteSign />}
          </span>
          <span className="latency">
            {latency ? (
              <>
                {formatMilliseconds(latency.ms)} <small>{formatAgo(latency.at, now)}</small>
              </>
            ) : (
              <small>{text.latencyNone}</small>
            )}
          </span>
        </span>
        <Room relay={relay} now={now} />
        <Facts relay={relay} now={now} />
      </span>
      {chosen && <Icon name="check" />}
    </>
  )
})
