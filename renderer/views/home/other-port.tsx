import { type ReactNode, useState } from 'react'
import type { Problem } from '../../../shared/problem.ts'
import type { AppState } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatList, words } from '../../i18n/words.ts'
import { PORT_KEYS, type PortKey } from '../../model.ts'

/** The doors that a problem is about and that another port would help. */
function doorsOf({ code, detail }: Problem, { ports, settings }: AppState): PortKey[] {
  const numbers = { or: settings.orPort, dir: settings.dirPort, pa: settings.paPort }
  const own = PORT_KEYS.filter(key => typeof numbers[key] === 'number')
  switch (code) {
    case 'port-in-use':
    case 'port-not-permitted':
      return own.filter(key => numbers[key] === detail['port'])
    case 'port-blocked':
      return own.filter(key => ports[key].proof.state === 'failed')
    default:
      return []
  }
}

/** See {@link doorsOf}. */
export const useDoorsToMove = (problem: Problem) => useApp(app => doorsOf(problem, app))

interface OtherPortProps {
  readonly doors: readonly PortKey[]
  readonly kind?: 'primary'
  /** The other buttons of the row. */
  readonly children?: ReactNode
}

/** A row of buttons, first the one for another port of the doors that need one, if any; it asks before it ends a run. */
export function OtherPort({ doors, kind, children }: OtherPortProps) {
  const text = words.journey.blocked
  const wasListed = useApp(app => app.record.milestones.running !== undefined)
  const move = useCall('ports.move')
  const [asking, setAsking] = useState(false)
  const go = async () => {
    const moved = await move.run({ doors: [...doors] })
    if (!moved.ok) return
    const { result } = moved
    const names = PORT_KEYS.flatMap(key => (result[key] === undefined ? [] : [`${words.journey.ports.names[key]} ${result[key]}`]))
    announce(text.moved(formatList(names)))
  }
  if (doors.length === 0 && !children) return null
  return (
    <>
      <FailureNotice failure={move.failure} onDismiss={move.dismiss} />
      <div className="row">
        {doors.length > 0 && (
          <Button kind={kind} off={move.busy} onClick={() => (wasListed && doors.includes('or') ? setAsking(true) : void go())}>
            {text.move}
          </Button>
        )}
        {children}
      </div>
      {asking && (
        <ConfirmDialog title={text.moveTitle} confirm={text.move} onClose={() => setAsking(false)} onConfirm={() => void go()}>
          <p>{text.moveText}</p>
        </ConfirmDialog>
      )}
    </>
  )
}
