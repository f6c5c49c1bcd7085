import { useEffect } from 'react'
import type { Choice } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CountryPlate } from '../../components/country-plate.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { countryName, words } from '../../i18n/words.ts'
import { placeName } from './place-words.ts'

/** Countries offered at most; the list below has them all. */
const OFFERED = 6

/** The question when nobody of what was chosen can be had. Until it is answered nothing goes out. */
export function FailoverCard() {
  const text = words.browse
  const { failover, wanted } = useApp(({ perspective, settings }) => {
    const { failover, relays } = perspective
    return { failover, wanted: failover && placeName({ choice: failover.wanted, relays }, settings.lists) }
  })
  const answer = useCall('perspective.failover')
  useEffect(() => {
    if (wanted) announce(text.failoverTitle(wanted))
  }, [wanted])
  if (!failover || wanted === undefined) return null

  const country = failover.wanted.kind === 'country' || failover.wanted.kind === 'tor' ? failover.wanted.country : undefined
  const take = (choice: Choice | undefined) => void answer.run({ take: choice })
  const offers = [...failover.countries].sort((a, b) => b.relays - a.relays).slice(0, OFFERED)
  return (
    <Card title={text.failoverTitle(wanted)} className="failover">
      <p>
        {text.failoverReasons[failover.reason]} {text.failoverAsk}
      </p>
      {offers.length > 0 && (
        <ul className="row" aria-label={text.failoverOptions}>
          {offers.map(({ country: code, relays }) => (
            <li key={code}>
              <Button onClick={() => take({ kind: 'country', country: code })}>
                <CountryPlate code={code} /> {countryName(code)} <span className="hint">{text.count(relays)}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        {offers.length > 0 && failover.wanted.kind !== 'any' && <Button onClick={() => take({ kind: 'any' })}>{text.failoverAny}</Button>}
        {failover.tor && <Button onClick={() => take(country ? { kind: 'tor', country } : { kind: 'tor' })}>{text.failoverTor}</Button>}
        <Button kind="primary" onClick={() => take(undefined)}>
          {text.failoverWait}
        </Button>
      </div>
      <FailureNotice failure={answer.failure} onDismiss={answer.dismiss} />
    </Card>
  )
}
