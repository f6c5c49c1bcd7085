import { useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { countryName, formatAgo, words } from '../../i18n/words.ts'

/** What other relays say where we come out, and what the country data makes of it; compared with the country of the relay we look through. */
export function WhereAmI({ relayCountry }: { relayCountry: string | undefined }) {
  const { choice } = useApp(app => ({ choice: app.perspective.choice }))
  const asking = useCall('perspective.whereAmI')
  const key = JSON.stringify(choice)
  const [seen, setSeen] = useState<{ address: string; by: string; country?: string | undefined; choice: string; at: number }>()
  const now = useNow()
  const text = words.browse
  const details = words.places.details
  // An answer is about the choice that it was asked through.
  const valid = seen?.choice === key ? seen : undefined

  async function ask(): Promise<void> {
    setSeen(undefined)
    const answer = await asking.run(undefined)
    if (!answer.ok) return
    setSeen({ ...answer.result, choice: key, at: Date.now() })
    announce(`${text.seenAs(plainText(answer.result.address, 45))}, ${text.seenBy(plainText(answer.result.by, 100))}`)
  }

  const differs = valid?.country !== undefined && relayCountry !== undefined && relayCountry !== '??' && valid.country !== relayCountry
  return (
    <div className="seen">
      {valid ? (
        <>
          <p>
            <strong>
              <bdi dir="ltr">{plainText(valid.address, 45)}</bdi>
            </strong>{' '}
            <span className="hint">{text.withAge(text.seenBy(plainText(valid.by, 100)), formatAgo(valid.at, now))}</span>
          </p>
          {valid.country !== undefined && (
            <p className={differs ? 'warning' : 'hint'}>
              {differs
                ? details.seenElsewhere(countryName(valid.country), countryName(relayCountry))
                : details.seenIn(countryName(valid.country))}
            </p>
          )}
        </>
      ) : (
        <p className="hint">{details.seenNot}</p>
      )}
      <Button off={choice.kind === 'off' || asking.busy} onClick={ask}>
        {asking.busy ? words.working : text.whereAmI}
      </Button>
      <FailureNotice failure={asking.failure} onDismiss={asking.dismiss} />
    </div>
  )
}
