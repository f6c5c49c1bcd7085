import { useStore } from 'zustand'
import { CountryPlate } from './components/country-plate.tsx'
import { Icon } from './components/icons.tsx'
import { Mark } from './components/mark.tsx'
import { useApp, useFigures, useNow } from './context.tsx'
import { formatMegabits, formatMoment, formatRate, words } from './i18n/words.ts'
import { isLocked, outCountry, problemsBeside } from './model.ts'
import { navigation, railViewOf, VIEWS, type View } from './navigation.ts'

/** A small sign beside a page's name: locked, in use, or something to look at. Its words are for screen readers. */
function Badge({ view }: { view: View }) {
  const { locked, on, country, question, problems } = useApp(app => ({
    question: app.perspective.failover !== undefined,
    locked: isLocked(app),
    on: app.perspective.choice.kind !== 'off',
    country: outCountry(app.perspective),
    problems: problemsBeside(app).length + (app.journey.step === 'blocked' ? 1 : 0),
  }))
  if (view === 'home' && problems > 0)
    return (
      <span className="badge" data-kind="warn">
        <Icon name="warn" />
        <span className="for-screen-readers">{words.journey.problemsTitle(problems)}</span>
      </span>
    )
  if (view !== 'browse') return null
  if (question)
    return (
      <span className="badge" data-kind="warn">
        <Icon name="warn" />
        <span className="for-screen-readers">{words.browse.failoverAsk}</span>
      </span>
    )
  if (on)
    return (
      <span className="badge" data-kind="on">
        {country ? <CountryPlate code={country} /> : <span className="badge-dot" />}
        <span className="for-screen-readers">{words.browse.toggle}</span>
      </span>
    )
  return locked ? (
    <span className="badge">
      <Icon name="lock" />
      <span className="for-screen-readers">{words.browse.lockedTitle}</span>
    </span>
  ) : null
}

/** What goes through the relay just now. */
function Rates() {
  const { read, written } = useFigures(app => app.relay.rate)
  return (
    <p className="rail-rates">
      <span>
        <Icon name="down" />
        <span className="for-screen-readers">{words.relay.received}</span> {formatRate(read)}
      </span>
      <span>
        <Icon name="up" />
        <span className="for-screen-readers">{words.relay.sent}</span> {formatRate(written)}
      </span>
    </p>
  )
}

/** The left rail: pages, and what the relay does just now. */
export function Rail() {
  const view = useStore(navigation, state => state.view)
  const { running, network, journey, standing } = useApp(app => ({
    running: app.relay.running,
    network: app.network.kind,
    journey: app.journey,
    standing: app.background.standing,
  }))
  const now = useNow()
  return (
    <header className="rail">
      <div className="brand">
        <Mark />
        <span>{words.productName}</span>
      </div>
      <nav aria-label={words.navigation}>
        <ul>
          {VIEWS.map(name => {
            return (
              <li key={name}>
                <a href={`#${name}`} aria-current={name === view ? 'page' : name === railViewOf(view) ? 'true' : undefined}>
                  <Icon name={name} />
                  <span className="rail-name">{words.nav[name]}</span>
                  <Badge view={name} />
                </a>
              </li>
            )
          })}
        </ul>
      </nav>
      <div className="rail-foot">
        {network !== 'tor' && (
          <p className="network" title={words.networkNotes[network]}>
            {words.networks[network]}
          </p>
        )}
        <p>
          {journey.step === 'paused'
            ? journey.until === undefined
              ? words.host.status.paused
              : words.host.pausedUntil(formatMoment(journey.until, now))
            : words.host.status[journey.step]}
        </p>
        {running && standing.state === 'limited' && <p>{words.host.limited(formatMegabits(standing.rate))}</p>}
        {running && <Rates />}
      </div>
    </header>
  )
}
