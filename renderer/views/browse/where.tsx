import { type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import { plainText } from '../../../shared/format.ts'
import type { Choice } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatCount, words } from '../../i18n/words.ts'
import { isLocked, placeOf, torPossible, withEntry } from '../../model.ts'
import { CountryList } from './country-list.tsx'
import { ListsPanel } from './lists-panel.tsx'
import { picker } from './picker-state.ts'
import { placeName } from './place-words.ts'
import { QuickPlaces } from './quick-places.tsx'
import { RelayList } from './relay-list.tsx'
import { TorPanel } from './tor-panel.tsx'
import { useAdmitting } from './use-admitting.ts'

/** Nobody offers a view yet: said plainly, with the honest other way where there is one. A relay that has read no list does not know who does. */
function Nobody({ onTor }: { onTor: () => void }) {
  const { known, tor } = useApp(app => ({ known: app.relay.running && app.network.consensus !== undefined, tor: torPossible(app) }))
  const text = words.browse
  return (
    <div className="empty">
      <p className="empty-title">{known ? text.emptyTitle : text.unknownTitle}</p>
      <p>{known ? text.emptyText : text.unknownText}</p>
      {tor && (
        <>
          <p>{text.emptyTor}</p>
          <Button onClick={onTor}>{text.emptyTorButton}</Button>
        </>
      )}
    </div>
  )
}

/** Where to look from: anywhere, a country, one relay, or through Tor. Choosing turns it on. */
export function WherePicker() {
  const { choice, relays, source, locked, favourites } = useApp(app => ({
    choice: app.perspective.choice,
    relays: app.perspective.relays,
    source: app.product.countryData,
    locked: isLocked(app),
    favourites: app.settings.favourites,
  }))
  const { all, admitting } = useAdmitting()
  const nobody = all === 0
  const kind = useStore(picker, state => state.kind) ?? (choice.kind === 'off' ? 'country' : choice.kind)
  const choose = useCall('perspective.choose')
  const update = useCall('settings.update')
  const [query, setQuery] = useState('')
  const text = words.browse

  async function look(next: Choice, name: string): Promise<void> {
    const { ok } = await choose.run(next)
    if (ok) announce(name)
  }

  /** While nothing can be looked through, a place that is pressed is kept for later, or no longer. */
  async function keep(next: Choice): Promise<void> {
    const place = placeOf(next)
    if (place === undefined) return
    const wanted = !favourites.includes(place)
    const { ok } = await update.run(({ settings }) => ({ favourites: withEntry(settings.favourites, place, wanted) }))
    if (ok) announce((wanted ? text.kept : text.notKept)(placeName({ choice: next, relays })))
  }

  const pick = locked ? keep : look
  let panel: ReactNode
  if (kind === 'tor') panel = <TorPanel busy={choose.busy} onChoose={look} />
  else if (kind === 'list') panel = <ListsPanel off={locked} onChoose={look} />
  else if (nobody) panel = <Nobody onTor={() => picker.setState({ kind: 'tor' })} />
  else if (kind === 'any')
    panel = (
      <div className="empty">
        <p>{text.anyText}</p>
        <Button kind="primary" off={locked || choose.busy || choice.kind === 'any'} onClick={() => look({ kind: 'any' }, text.lookingAny)}>
          {text.anyButton}
        </Button>
        {choice.kind === 'any' && <p className="hint">{text.takenNow}</p>}
      </div>
    )
  else if (kind === 'country') panel = <CountryList query={query} off={update.busy} onQuery={setQuery} onChoose={pick} />
  else panel = <RelayList query={query} off={update.busy} onQuery={setQuery} onChoose={pick} />

  return (
    <Card
      title={text.where}
      className="where"
      aside={nobody ? undefined : <span className="hint">{words.places.accepting(formatCount(admitting), all)}</span>}
    >
      <QuickPlaces off={next => locked && next.kind !== 'tor'} onChoose={look} />
      <ChoiceField
        segments
        name="where"
        label={text.where}
        value={kind}
        options={text.kinds}
        onChange={next => picker.setState({ kind: next })}
      />
      <FailureNotice failure={choose.failure ?? update.failure} onDismiss={choose.failure ? choose.dismiss : update.dismiss} />
      {locked && !nobody && (kind === 'country' || kind === 'relay') && <p className="hint">{text.keepHint}</p>}
      {panel}
      {!nobody && source && kind !== 'tor' && <p className="hint">{words.places.dataNote(plainText(source, 100))}</p>}
    </Card>
  )
}
