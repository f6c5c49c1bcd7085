import { plainText } from '../../../shared/format.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { SwitchField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { countryName, words } from '../../i18n/words.ts'

/** Whether the last choices are kept, and the countries of relays that the owner set. */
export function Places() {
  const { kept, corrections, relays } = useApp(app => ({
    kept: app.settings.keepRecents,
    corrections: app.settings.countryCorrections,
    relays: app.perspective.relays,
  }))
  const update = useCall('settings.update')
  const text = words.places.settings
  const nameOf = (fingerprint: string) =>
    plainText(relays.find(relay => relay.fingerprint === fingerprint)?.nickname ?? `$${fingerprint.slice(0, 8)}…`, 19)
  return (
    <Card title={text.title} anchor="places">
      <SwitchField label={text.recents} hint={text.recentsHint} checked={kept} onChange={keepRecents => void update.run({ keepRecents })} />
      <p>{text.corrections}</p>
      {corrections.length === 0 ? (
        <p className="hint">{text.correctionsNone}</p>
      ) : (
        <dl className="rows">
          {corrections.map(({ fingerprint, country }) => (
            <div key={fingerprint}>
              <dt>
                {nameOf(fingerprint)}: {countryName(country)}
              </dt>
              <dd>
                <Button
                  aria-label={`${text.takeBack}: ${nameOf(fingerprint)}`}
                  onClick={() =>
                    update.run(({ settings }) => ({
                      countryCorrections: settings.countryCorrections.filter(other => other.fingerprint !== fingerprint),
                    }))
                  }
                >
                  {text.takeBack}
                </Button>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
    </Card>
  )
}
