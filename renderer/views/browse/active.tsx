import { formatBytes, plainText } from '../../../shared/format.ts'
import { Card, ScrollTable } from '../../components/card.tsx'
import { CountryPlate } from '../../components/country-plate.tsx'
import { useApp } from '../../context.tsx'
import { countryName, formatCount, locale, words } from '../../i18n/words.ts'

/** What is open through others just now, with its bytes. */
export function ActiveCard() {
  const { active, used } = useApp(app => ({ active: app.perspective.active, used: app.perspective.used }))
  const text = words.browse
  return (
    <Card
      title={text.activeTitle}
      aside={
        <span className="hint">
          {text.usedTotal}: {formatBytes(used.read + used.written, locale)}
        </span>
      }
    >
      {active.length === 0 ? (
        <p className="hint">{text.activeNone}</p>
      ) : (
        <ScrollTable caption={text.activeTitle}>
          <thead>
            <tr>
              <th scope="col">{text.active.relay}</th>
              <th scope="col">{text.active.streams}</th>
              <th scope="col">{text.active.received}</th>
              <th scope="col">{text.active.sent}</th>
            </tr>
          </thead>
          <tbody>
            {active.map(({ fingerprint, nickname, country, mode, streams, carried }) => (
              <tr key={`${fingerprint} ${mode}`}>
                <th scope="row">
                  <span className="with-plate">
                    <CountryPlate code={country} />
                    <span>
                      {plainText(nickname, 19)}
                      <small>
                        {countryName(country)} · {text.modes[mode]}
                      </small>
                    </span>
                  </span>
                </th>
                <td className="number">{formatCount(streams)}</td>
                <td className="number">{formatBytes(carried.read, locale)}</td>
                <td className="number">{formatBytes(carried.written, locale)}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Card>
  )
}
