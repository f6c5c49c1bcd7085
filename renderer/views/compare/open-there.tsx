import { useState } from 'react'
import type { ComparePlace } from '../../../shared/compare.ts'
import { announce } from '../../announcer.ts'
import { CopyField } from '../../components/copy-field.tsx'
import { Icon } from '../../components/icons.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { proxyUserName, shellQuoted } from '../../model.ts'

/** Opens the compared address at one place; where the host has no windows, says how else. Home needs no help for that. */
export function OpenThere({ place, name, url }: { place: ComparePlace; name: string; url: string }) {
  const { socks, secret } = useApp(app => ({ socks: app.perspective.socks, secret: app.perspective.secret }))
  const open = useCall('perspective.open')
  const [byHand, setByHand] = useState(false)
  const text = words.compare
  if (place.kind === 'home') return null
  const there = place

  async function look(): Promise<void> {
    setByHand(false)
    const answer = await open.run({ url, choice: there })
    if (!answer.ok) return
    setByHand(!answer.result.opened)
    announce(answer.result.opened ? words.browse.opened : text.notOpenedTitle)
  }

  return (
    <>
      <button type="button" className="quiet-button" aria-label={text.openTabOf(name)} onClick={look}>
        <Icon name="arrow" />
        {text.openTab}
      </button>
      <FailureNotice failure={open.failure} onDismiss={open.dismiss} />
      {byHand && (
        <Notice kind="info" title={text.notOpenedTitle} onDismiss={() => setByHand(false)}>
          {socks ? (
            <>
              <p>{text.notOpenedText}</p>
              <CopyField
                label={words.browse.exampleCommand}
                value={`curl -x 'socks5h://${proxyUserName(place)}:${secret ?? 'x'}@${socks.host}:${socks.port}' '${shellQuoted(url)}'`}
              />
            </>
          ) : (
            <p>{words.browse.proxyOff}</p>
          )}
        </Notice>
      )}
    </>
  )
}
