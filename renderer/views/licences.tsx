import { useState } from 'react'
import { plainText } from '../../shared/format.ts'
import type { CallResult } from '../../shared/ipc.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { FailureNotice } from '../components/notice.tsx'
import { useApp, useCall } from '../context.tsx'
import { words } from '../i18n/words.ts'

/** Whose work is in this program, and the text of each licence, fetched when somebody wants to read it. */
export function Licences() {
  const text = words.about
  const host = useApp(app => app.product.host)
  const get = useCall('about.licences')
  const [notices, setNotices] = useState<CallResult<'about.licences'>>()
  return (
    <Card title={text.licencesTitle}>
      <p>{text.licences}</p>
      {host === 'electron' && <p className="hint">{text.licencesElectron}</p>}
      {!notices && (
        <div className="row">
          <Button
            off={get.busy}
            onClick={async () => {
              const answer = await get.run(undefined)
              if (answer.ok) setNotices(answer.result)
            }}
          >
            {text.licencesShow}
          </Button>
        </div>
      )}
      <FailureNotice failure={get.failure} onDismiss={get.dismiss} />
      {notices?.components.length === 0 && <p className="hint">{text.licencesNone}</p>}
      <div className="stack licences">
        {notices?.components.map(({ name, version, licence, text: own }) => (
          <details className="fold" key={name}>
            <summary>
              <span>
                <bdi>{plainText(name, 214)}</bdi> <span className="hint">{plainText(version, 64)}</span>
              </span>
              <span className="fold-sum">{plainText(licence, 100)}</span>
            </summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
            <section className="preview" aria-label={text.licenceOf(name)} tabIndex={0}>
              <pre dir="ltr">{own}</pre>
            </section>
          </details>
        ))}
      </div>
    </Card>
  )
}
