import { plainText } from '../../../shared/format.ts'
import type { AppState } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Switch } from '../../components/form.tsx'
import { Icon } from '../../components/icons.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useLatestApp } from '../../context.tsx'
import { countryName, words } from '../../i18n/words.ts'
import { isLocked, newestOf, outCountry, torPossible } from '../../model.ts'
import { picker } from './picker-state.ts'
import { PlaceActions } from './place-actions.tsx'
import { lookingWords } from './place-words.ts'

/** What stands under the heading: why nothing goes out, or where the newest stream leaves. */
function subtitle({ choice, active, failover }: AppState['perspective'], locked: boolean): string {
  const text = words.browse
  if (choice.kind === 'off') return locked ? text.lockedTitle : text.offText
  if (locked && choice.kind !== 'tor') return text.lockedWhileOn
  if (failover) return text.failoverWaiting
  const newest = newestOf(choice, active)
  if (!newest) return text.waitingForStream
  const country = countryName(newest.country)
  const place = choice.kind === 'relay' ? country : text.via(plainText(newest.nickname, 19), country)
  return `${place} · ${text.modes[newest.mode]}`
}

/** The big switch, and in one line where a person is looking from. */
export function LookCard() {
  // In words, so that what is open may change without anything being drawn anew.
  const { choice, title, sub, place, locked, tor } = useApp(app => ({
    choice: app.perspective.choice,
    title: lookingWords(app.perspective, app.settings.lists),
    sub: subtitle(app.perspective, isLocked(app)),
    place: outCountry(app.perspective),
    locked: isLocked(app),
    tor: torPossible(app),
  }))
  const latest = useLatestApp()
  const choose = useCall('perspective.choose')
  const on = choice.kind !== 'off'
  const country = on ? place : undefined
  const text = words.browse

  async function toggle(wanted: boolean): Promise<void> {
    const { last } = picker.getState()
    const next = !wanted ? ({ kind: 'off' } as const) : locked && last.kind !== 'tor' ? ({ kind: 'tor' } as const) : last
    const { ok } = await choose.run(next)
    const { perspective, settings } = latest()
    if (ok) announce(wanted ? lookingWords({ ...perspective, choice: next }, settings.lists) : text.announceOff)
  }

  return (
    <section className="card look" data-on={on} data-locked={locked && !on} aria-label={text.toggle}>
      <div className="look-sign">
        {country ? <CountryPlate code={country} /> : locked && !on ? <Icon name="lock" /> : <span className="look-ring" />}
      </div>
      <div>
        <p className="look-title">{title}</p>
        <p className="hint">{sub}</p>
      </div>
      <span className="look-label" id="look-toggle">
        {text.toggle}
      </span>
      <Switch
        big
        labelledBy="look-toggle"
        checked={on}
        off={choose.busy || (locked && !on && !(tor && picker.getState().last.kind === 'tor'))}
        onChange={toggle}
      />
      <PlaceActions />
      <FailureNotice failure={choose.failure} onDismiss={choose.dismiss} />
      <div className="look-label-line">
        <Icon name="about" />
        <p>
          <strong>{choice.kind === 'tor' ? text.torNote : text.notAnonymous}</strong>
        </p>
      </div>
    </section>
  )
}
