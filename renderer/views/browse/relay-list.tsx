import { plainText } from '../../../shared/format.ts'
import type { PerspectiveRelay } from '../../../shared/state.ts'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Icon } from '../../components/icons.tsx'
import { ListBox } from '../../components/list-box.tsx'
import { Status } from '../../components/status-mark.tsx'
import { useApp, useNow } from '../../context.tsx'
import { countryName, formatAgo, statusWords, words } from '../../i18n/words.ts'
import { byPromise, endpoint, matches, relaySearchText } from '../../model.ts'
import type { PickListProps } from './country-list.tsx'
import { SearchField } from './where.tsx'

function RelayRow({ relay, chosen, now }: { relay: PerspectiveRelay; chosen: boolean; now: number }) {
  const text = words.browse
  const { latency, refusal } = relay
  return (
    <>
      <CountryPlate code={relay.country} />
      <span className="option-name">
        {plainText(relay.nickname, 19)}
        <small>
          {countryName(relay.country)} ·{' '}
          {relay.port === 'virtual' ? `${plainText(relay.address, 60)} ${text.virtualDoor}` : endpoint(relay.address, relay.port)}
        </small>
        <small>
          {plainText(relay.policy, 60)} · {text.admits[relay.admits]}
        </small>
        {refusal && refusal.status !== 0 && (
          <small className="refusal">
            <Status standing="bad">{text.refused(statusWords(refusal.status).short, formatAgo(refusal.at, now))}</Status>
          </small>
        )}
      </span>
      <span className="latency">
        {latency ? (
          <>
            {text.latency(Math.round(latency.ms))}
            <small>{formatAgo(latency.at, now)}</small>
          </>
        ) : (
          <small>{text.latencyNone}</small>
        )}
      </span>
      {chosen && <Icon name="check" />}
    </>
  )
}

/** Member relays, the most promising first. */
export function RelayList({ query, off, onQuery, onChoose }: PickListProps) {
  const { relays, choice } = useApp(app => ({ relays: app.perspective.relays, choice: app.perspective.choice }))
  const now = useNow()
  const text = words.browse
  const found = relays.filter(relay => matches(query, relaySearchText(relay, countryName(relay.country)))).sort(byPromise)
  const chosen = choice.kind === 'relay' ? choice.fingerprint : undefined
  return (
    <>
      <SearchField label={text.searchRelay} value={query} onChange={onQuery} />
      <p className="for-screen-readers" role="status">
        {query && text.foundRelays(found.length)}
      </p>
      <ListBox
        label={text.relays}
        items={found}
        keyOf={({ fingerprint }) => fingerprint}
        nameOf={({ nickname }) => nickname}
        chosen={chosen}
        off={off}
        onChoose={({ fingerprint, nickname }) => onChoose({ kind: 'relay', fingerprint }, text.lookingRelay(plainText(nickname, 19)))}
        empty={text.nothingFound}
      >
        {relay => <RelayRow relay={relay} chosen={relay.fingerprint === chosen} now={now} />}
      </ListBox>
    </>
  )
}
