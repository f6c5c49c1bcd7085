import { type ReactNode, useId, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { plainText } from '../../../shared/format.ts'
import type { Choice } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { Icon } from '../../components/icons.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatCount, words } from '../../i18n/words.ts'
import { isLocked } from '../../model.ts'
import { CountryList } from './country-list.tsx'
import { ListsPanel } from './lists-panel.tsx'
import { picker } from './picker-state.ts'
import { QuickPlaces } from './quick-places.tsx'
import { countAdmitting } from './relay-index.ts'
import { RelayList } from './relay-list.tsx'
import { TorPanel } from './tor-panel.tsx'

/** A search field that Escape clears. */
export function SearchField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId()
  return (
    <div className="search">
      <label htmlFor={id} className="for-screen-readers">
        {label}
      </label>
      <Icon name="search" />
      <input
        id={id}
        type="search"
        placeholder={label}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={event => onChange(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && value !== '') {
            event.preventDefault()
            onChange('')
          }
        }}
      />
      {value !== '' && (
        <button type="button" className="icon-button" aria-label={words.browse.clearSearch} onClick={() => onChange('')}>
          <Icon name="cross" />
        </button>
      )}
    </div>
  )
}

/** Nobody offers a view yet: said plainly, with the honest other way. */
function Nobody({ onTor }: { onTor: () => void }) {
  return (
    <div className="empty">
      <p className="empty-title">{words.browse.emptyTitle}</p>
      <p>{words.browse.emptyText}</p>
      <p>{words.browse.emptyTor}</p>
      <Button onClick={onTor}>{words.browse.emptyTorButton}</Button>
    </div>
  )
}

/** Where to look from: anywhere, a country, one relay, or through Tor. Choosing turns it on. */
export function WherePicker() {
  const { choice, relays, own, source, locked } = useApp(app => ({
    choice: app.perspective.choice,
    relays: app.perspective.relays,
    own: app.relay.flags.join(' '),
    source: app.product.countryData,
    locked: isLocked(app),
  }))
  const nobody = relays.length === 0
  const minute = useNow(60)
  const accepting = useMemo(() => countAdmitting(relays, { flags: own.split(' ') }, minute), [relays, own, minute])
  const kind = useStore(picker, state => state.kind) ?? (choice.kind === 'off' ? 'country' : choice.kind)
  const choose = useCall('perspective.choose')
  const [query, setQuery] = useState('')
  const text = words.browse

  async function look(next: Choice, name: string): Promise<void> {
    const { ok } = await choose.run(next)
    if (ok) announce(name)
  }

  let panel: ReactNode
  if (kind === 'tor') panel = <TorPanel busy={choose.busy} onChoose={look} />
  else if (kind === 'list') panel = <ListsPanel off={locked} onChoose={look} />
  else if (nobody) panel = <Nobody onTor={() => picker.setState({ kind: 'tor' })} />
  else if (kind === 'any')
    panel = (
      <div className="empty">
        <p>{text.anyText}</p>
        <Button kind="primary" off={locked || choose.busy} onClick={() => look({ kind: 'any' }, text.lookingAny)}>
          {text.anyButton}
        </Button>
      </div>
    )
  else if (kind === 'country') panel = <CountryList query={query} off={locked} onQuery={setQuery} onChoose={look} />
  else panel = <RelayList query={query} off={locked} onQuery={setQuery} onChoose={look} />

  return (
    <Card
      title={text.where}
      className="where"
      aside={nobody ? undefined : <span className="hint">{words.places.accepting(formatCount(accepting), relays.length)}</span>}
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
      <FailureNotice failure={choose.failure} onDismiss={choose.dismiss} />
      {panel}
      {!nobody && source && kind !== 'tor' && <p className="hint">{words.places.dataNote(plainText(source, 100))}</p>}
    </Card>
  )
}
