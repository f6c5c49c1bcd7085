import { useState } from 'react'
import type { CallResult } from '../../../shared/ipc.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { saveFile } from '../../save-file.ts'

/** The text for helpers: shown whole before it can be saved, and what is saved is what was shown. */
export function DiagnosticsSection() {
  const text = words.safety.diagnostics
  const get = useCall('diagnostics.get')
  const [made, setMade] = useState<CallResult<'diagnostics.get'>>()
  const lines = made?.text.trimEnd().split('\n').length ?? 0
  return (
    <Card title={text.title}>
      <p>{text.text}</p>
      <p className="hint">{text.scrubbed}</p>
      <div className="row">
        <Button
          kind={made ? 'plain' : 'primary'}
          off={get.busy}
          onClick={async () => {
            const answer = await get.run(undefined)
            if (!answer.ok) return
            setMade(answer.result)
            announce(`${text.preview}: ${text.lines(answer.result.text.trimEnd().split('\n').length)}`)
          }}
        >
          {made ? text.again : text.show}
        </Button>
        {made && (
          <Button
            kind="primary"
            onClick={() => {
              saveFile(made.name, made.text)
              announce(words.safety.fileSaved(made.name))
            }}
          >
            {text.save}
          </Button>
        )}
      </div>
      <FailureNotice failure={get.failure} onDismiss={get.dismiss} />
      {made && (
        <div className="stack">
          <p className="hint">{text.lines(lines)}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <section className="preview" aria-label={text.preview} tabIndex={0}>
            <pre dir="ltr">{made.text}</pre>
          </section>
        </div>
      )}
    </Card>
  )
}
