import { plainText } from '../../../shared/format.ts'
import { Card, ScrollTable } from '../../components/card.tsx'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Icon } from '../../components/icons.tsx'
import { useFigures } from '../../context.tsx'
import { countryName, formatBytes, words } from '../../i18n/words.ts'

/** What is open through others just now, with its bytes. */
export function ActiveCard() {
  const { active, used } = useFigures(app => ({ active: app.perspective.active, used: app.perspective.used }))
  const text = words.browse
  if (active.length === 0 && used.read + used.written === 0) return null
  return (
    <Card
      title={text.activeTitle}
      aside={
        <span className="hint">
          {text.usedTotal}: {formatBytes(used.read + used.written)}
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
              <th scope="col">{text.active.carried}</th>
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
                        {countryName(country)} · {text.modes[mode]} · {text.streams(streams)}
                      </small>
                    </span>
                  </span>
                </th>
                <td className="number carried">
                  <span>
                    <Icon name="down" />
                    {formatBytes(carried.read)} <span className="for-screen-readers">{text.active.received}</span>
                  </span>
                  <span>
                    <Icon name="up" />
                    {formatBytes(carried.written)} <span className="for-screen-readers">{text.active.sent}</span>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Card>
  )
}
