import { useEffect, useRef, useState } from 'react'
import type { CompareState } from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import { announce } from '../../announcer.ts'
import { progress } from '../../compare-model.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { Status } from '../../components/status-mark.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { isLocked } from '../../model.ts'
import { LocksCard } from '../browse/locks.tsx'
import { useFindings } from './findings.ts'
import { CompareForm } from './form.tsx'
import { CompareTable } from './table.tsx'
import { Verdict } from './verdict.tsx'

/** How far the comparison is, with the way to stop it, to forget it, or to compare something else. */
function Progress({ state, changing, onChange }: { state: CompareState; changing: boolean; onChange: (changing: boolean) => void }) {
  const cancel = useCall('compare.cancel')
  const close = useCall('compare.close')
  const text = words.compare
  const { done, of } = progress(state)
  const wasRunning = useRef(state.running)
  useEffect(() => {
    if (wasRunning.current && !state.running) announce(text.ended)
    wasRunning.current = state.running
  }, [state.running])

  async function forget(): Promise<void> {
    const { ok } = await close.run(undefined)
    if (ok) announce(text.closed)
  }

  return (
    <Card>
      <div className="compare-progress-line">
        <div>
          <p className="compare-url" tabIndex={-1}>
            <bdi dir="ltr">{plainText(state.url, 2000)}</bdi>
          </p>
          <Status standing={state.running ? 'busy' : 'fact'}>{text.progress(done, of)}</Status>
        </div>
        {state.running ? (
          <Button off={cancel.busy} onClick={() => cancel.run(undefined)}>
            {text.cancel}
          </Button>
        ) : (
          <div className="row">
            <Button aria-expanded={changing} onClick={() => onChange(!changing)}>
              {text.change}
            </Button>
            <Button off={close.busy} onClick={forget}>
              {text.close}
            </Button>
          </div>
        )}
      </div>
      <FailureNotice failure={cancel.failure ?? close.failure} onDismiss={cancel.failure ? cancel.dismiss : close.dismiss} />
    </Card>
  )
}

function Results({ state }: { state: CompareState }) {
  const { columns, pictures } = useFindings(state)
  return (
    <>
      <Verdict state={state} columns={columns} />
      <CompareTable state={state} columns={columns} pictures={pictures} />
    </>
  )
}

/** One address, seen from several places side by side: what to compare, and once there are results, these in its place. */
export function CompareView() {
  const { state, locked } = useApp(app => ({ state: app.compare, locked: isLocked(app) }))
  const [changing, setChanging] = useState(false)
  const shown = useRef(state?.id)
  useEffect(() => {
    if (shown.current === state?.id) return
    shown.current = state?.id
    setChanging(false)
    // What had the focus is gone: the keyboard goes on at what took its place.
    document.querySelector<HTMLElement>(state ? '.compare-url' : '.compare-form input')?.focus()
  }, [state])
  return (
    <Page
      view="compare"
      title={words.compare.title}
      lead={words.compare.lead}
      head={
        <a className="back-link" href="#browse">
          {words.compare.back}
        </a>
      }
    >
      {state && <Progress key={`progress ${state.id}`} state={state} changing={changing} onChange={setChanging} />}
      {(!state || changing) && <CompareForm running={state?.running ?? false} />}
      {locked && !state && <LocksCard />}
      {state && <Results key={state.id} state={state} />}
    </Page>
  )
}
