import type { ContributionDay } from '../../../shared/contribution.ts'
import { plainText } from '../../../shared/format.ts'
import { ScrollTable } from '../../components/card.tsx'
import { bookRelays } from '../../contribution-model.ts'
import { formatBytes, words } from '../../i18n/words.ts'

/** Relays shown; the saved table has them all. */
const SHOWN = 50

/** The book relay by relay: what each had through us, and we through it. In order of traffic, which is no ranking of anybody. */
export function ContributionRelays({ days }: { days: readonly ContributionDay[] }) {
  const text = words.relay
  const relays = bookRelays(days).slice(0, SHOWN)
  if (relays.length === 0) return <p className="hint">{text.bookRelaysEmpty}</p>
  return (
    <ScrollTable caption={text.bookRelays}>
      <thead>
        <tr>
          <th scope="col">{text.bookRelay}</th>
          <th scope="col">{text.bookRelayServed}</th>
          <th scope="col">{text.bookRelayUsed}</th>
        </tr>
      </thead>
      <tbody>
        {relays.map(({ fingerprint, nickname, given, taken }) => (
          <tr key={fingerprint}>
            <th scope="row" title={fingerprint || undefined}>
              {fingerprint === '' ? text.bookOthers : nickname ? plainText(nickname, 19) : `$${fingerprint.slice(0, 8)}…`}
            </th>
            <td className="number">{formatBytes(given)}</td>
            <td className="number">{formatBytes(taken)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}
