import { plainText } from '../../../shared/format.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { countryName, words } from '../../i18n/words.ts'
import { withEntry } from '../../model.ts'

/** Countries and relays that are never looked through, each to be taken back. */
export function Excluded() {
  const { excluded, relays } = useApp(app => ({ excluded: app.settings.excluded, relays: app.perspective.relays }))
  const update = useCall('settings.update')
  const text = words.settings
  const name = (place: string) => {
    if (place.length === 2) return countryName(place)
    const relay = relays.find(({ fingerprint }) => fingerprint === place)
    return relay ? plainText(relay.nickname, 19) : `$${place.slice(0, 8)}…`
  }
  return (
    <Card title={text.sections.excluded} anchor="excluded">
      {excluded.length === 0 ? (
        <p className="hint">{text.excludedNone}</p>
      ) : (
        <>
          <p className="hint">{text.excludedText}</p>
          <dl className="rows">
            {excluded.map(place => (
              <div key={place}>
                <dt>{name(place)}</dt>
                <dd>
                  <Button
                    aria-label={`${text.takeBack}: ${name(place)}`}
                    onClick={() => update.run(({ settings }) => ({ excluded: withEntry(settings.excluded, place, false) }))}
                  >
                    {text.takeBack}
                  </Button>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
    </Card>
  )
}
