import { plainText } from '../../../shared/format.ts'
import type { PerspectiveRelay } from '../../../shared/state.ts'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Icon } from '../../components/icons.tsx'
import { ListBox } from '../../components/list-box.tsx'
import { Status } from '../../components/status-mark.tsx'
import { useApp, useNow } from '../../context.tsx'
import { countryName, formatAgo, formatMilliseconds, statusWords, words } from '../../i18n/words.ts'
import { byPromise, endpoint, isExcluded, matches, relaySearchText } from '../../model.ts'
import { FavouriteSign, type PickListProps } from './country-list.tsx'
import { SearchField } from './where.tsx'

function RelayRow({ relay, chosen, favourite, now }: { relay: PerspectiveRelay; chosen: boolean; favourite: boolean; now: number }) {
  const text = words.browse
  const { latency, refusal } = relay
  return (
    <>
      <CountryPlate code={relay.country} />
      <span className="option-name">
        {plainText(relay.nickname, 19)}
        {favourite && <FavouriteSign />}
        <small>
          {countryName(relay.country)} ·{' '}
          <bdi dir="ltr">{relay.port === 'virtual' ? plainText(relay.address, 60) : endpoint(relay.address, relay.port)}</bdi>{' '}
          {relay.port === 'virtual' && text.virtualDoor}
        </small>
        <small>
          <bdi dir="ltr">{plainText(relay.policy, 60)}</bdi> · {text.admits[relay.admits]}
          {relay.session && ` · ${relay.session === 'open' ? text.sessionOpen : text.sessionOpening}`}
        </small>
        {relay.failing && (
          <small className="refusal">
            <Status standing="bad">{text.failing}</Status>
          </small>
        )}
        {refusal && refusal.status !== 0 && (
          <small className="refusal">
            <Status standing="bad">{text.refused(statusWords(refusal.status).short, formatAgo(refusal.at, now))}</Status>
          </small>
        )}
      </span>
      <span className="latency">
        {latency ? (
          <>
            {formatMilliseconds(latency.ms)}
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
  const { relays, choice, favourites, excluded } = useApp(app => ({
    relays: app.perspective.relays,
    choice: app.perspective.choice,
    favourites: app.settings.favourites,
    excluded: app.settings.excluded,
  }))
  const now = useNow()
  const text = words.browse
  const kept = relays.filter(relay => !isExcluded(relay, excluded))
  const liked = (relay: PerspectiveRelay) => Number(favourites.includes(relay.fingerprint))
  const found = kept
    .filter(relay => matches(query, relaySearchText(relay, countryName(relay.country))))
    .sort((a, b) => liked(b) - liked(a) || byPromise(a, b))
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
        {relay => <RelayRow relay={relay} chosen={relay.fingerprint === chosen} favourite={liked(relay) > 0} now={now} />}
      </ListBox>
      {kept.length < relays.length && <p className="hint">{text.excludedCount(relays.length - kept.length)}</p>}
    </>
  )
}
