import type { ReactNode } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { AppState, PerspectiveRelay } from '../../../shared/state.ts'
import { Card } from '../../components/card.tsx'
import { CopyField } from '../../components/copy-field.tsx'
import { useApp, useFigures, useNow } from '../../context.tsx'
import { isolate } from '../../i18n/isolate.ts'
import { countryName, formatAgo, formatBytes, formatMilliseconds, formatRate, formatTime, statusWords, words } from '../../i18n/words.ts'
import { endpoint, groupedFingerprint } from '../../model.ts'
import { CorrectCountry } from './correct-country.tsx'
import { WhereAmI } from './where-am-i.tsx'

/** PA_STATUS "over quota". */
const OVER_QUOTA = 10

/** The relay that is looked through: the chosen one, else the one that the newest stream leaves at. */
function relayInUse({ choice, active, relays }: AppState['perspective']): PerspectiveRelay | undefined {
  const wanted = choice.kind === 'relay' ? choice.fingerprint : active.find(({ mode }) => mode === 'one-hop')?.fingerprint
  return choice.kind === 'off' || choice.kind === 'tor' ? undefined : relays.find(({ fingerprint }) => fingerprint === wanted)
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** What is known of the load of a relay, each figure as what it is. */
function Load({ relay, now }: { relay: PerspectiveRelay; now: number }) {
  const text = words.places.details
  const { overloadedAt, rate, bandwidth } = relay
  return (
    <Row name={text.load}>
      {overloadedAt !== undefined && <p>{text.loadOverloaded(formatAgo(overloadedAt, now))}</p>}
      <p>{rate ? text.loadMeasured(formatRate(rate.bytesPerSecond), formatAgo(rate.at, now)) : text.loadMeasuredNot}</p>
      {bandwidth !== undefined && <p>{text.loadAdvertised(formatRate(bandwidth))}</p>}
      <p className="hint">{text.loadNow}</p>
    </Row>
  )
}

/** Its last "no" with what it means, and what is known of our share. */
function Answers({ relay, now }: { relay: PerspectiveRelay; now: number }) {
  const text = words.places.details
  const refusal = relay.refusal?.status === 0 ? undefined : relay.refusal
  const over = refusal?.status === OVER_QUOTA ? refusal : undefined
  return (
    <>
      <Row name={text.share}>{over ? text.shareUsed(formatAgo(over.at, now)) : text.shareUnknown}</Row>
      <Row name={text.answer}>
        {refusal ? (
          <>
            <p>
              {words.browse.withAge(statusWords(refusal.status).short, formatAgo(refusal.at, now))}
              <small>{statusWords(refusal.status).meaning}</small>
            </p>
            {refusal.until !== undefined && refusal.until > now && <p>{text.answerWait(formatTime(refusal.until, now))}</p>}
          </>
        ) : (
          text.answerNone
        )}
      </Row>
    </>
  )
}

/** Where the relay is said to be, and by whom. */
function Place({ relay }: { relay: PerspectiveRelay }) {
  const source = useApp(app => app.product.countryData)
  const text = words.places.details
  const country = countryName(relay.country)
  const said = relay.corrected
    ? text.placeOwn(country)
    : relay.country === '??'
      ? text.placeUnknown
      : text.placeData(country, source === undefined ? text.practiceData : plainText(source, 100))
  return (
    <>
      <Row name={text.place}>
        <p>{said}</p>
        <CorrectCountry key={relay.fingerprint} relay={relay} />
      </Row>
      {relay.as && (
        <Row name={text.network}>
          <bdi>{`${plainText(relay.as.name, 100)} (AS${relay.as.number})`}</bdi>
        </Row>
      )}
    </>
  )
}

function RelayFacts({ relay, now }: { relay: PerspectiveRelay; now: number }) {
  const text = words.places.details
  return (
    <>
      {relay.latency && (
        <Row name={text.latency}>{text.latencyText(formatMilliseconds(relay.latency.ms), formatAgo(relay.latency.at, now))}</Row>
      )}
      <Load relay={relay} now={now} />
      <Answers relay={relay} now={now} />
      <Place relay={relay} />
      <Row name={text.policy}>
        <bdi dir="ltr">{plainText(relay.policy, 200)}</bdi> · {words.browse.admits[relay.admits]}
      </Row>
      {relay.upSince !== undefined && <Row name={text.up}>{text.upText(formatTime(relay.upSince, now))}</Row>}
      <Row name={text.flags}>
        <bdi dir="ltr">{plainText(relay.flags.join(' '), 200)}</bdi>
      </Row>
    </>
  )
}

/** The way of the bytes in words: through one relay, or through three. */
function routeWords(perspective: AppState['perspective'], relay: PerspectiveRelay | undefined): string | undefined {
  const text = words.places.details
  const { choice, active } = perspective
  if (choice.kind === 'off') return undefined
  if (choice.kind === 'tor') {
    const exit = active.find(({ mode }) => mode === 'tor')
    return exit ? text.routeTor([plainText(exit.nickname, 19), countryName(exit.country)].map(isolate).join(' · ')) : text.routeTorUnknown
  }
  if (!relay) return undefined
  const door = relay.port === 'virtual' ? plainText(relay.address, 60) : endpoint(relay.address, relay.port)
  return text.routeOneHop([plainText(relay.nickname, 19), countryName(relay.country), door].map(isolate).join(' · '))
}

/** What went through it for us since it is open. */
function Carried({ fingerprint }: { fingerprint: string }) {
  const active = useFigures(app => app.perspective.active)
  const carried = active.find(one => one.mode === 'one-hop' && one.fingerprint === fingerprint)?.carried
  const text = words.places.details
  return carried && <Row name={text.carried}>{text.carriedText(formatBytes(carried.read), formatBytes(carried.written))}</Row>
}

/** Everything that is known of the view in use: its way, where others see us, what it carried, and of the relay what it and we say of it. */
export function DetailsCard() {
  const { relay, route } = useApp(({ perspective }) => {
    const relay = relayInUse(perspective)
    return { relay, route: routeWords(perspective, relay) }
  })
  const now = useNow()
  const text = words.places.details
  return (
    <Card title={text.title} className="view-details">
      {route === undefined && <p className="hint">{text.nothing}</p>}
      <dl className="rows">
        {route !== undefined && <Row name={text.route}>{route}</Row>}
        <Row name={text.seen}>
          <WhereAmI relayCountry={relay?.country} />
        </Row>
        {relay && <Carried fingerprint={relay.fingerprint} />}
      </dl>
      {relay && (
        <details className="fold">
          <summary>{text.about(plainText(relay.nickname, 19))}</summary>
          <dl className="rows">
            <RelayFacts relay={relay} now={now} />
          </dl>
          <CopyField label={text.fingerprint} value={groupedFingerprint(relay.fingerprint)} text={relay.fingerprint} />
        </details>
      )}
    </Card>
  )
}
