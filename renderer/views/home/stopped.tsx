import { Button } from '../../components/button.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'

/** The relay rests; one button starts it again. */
export function StoppedStep() {
  const start = useCall('relay.start')
  return (
    <div className="stack">
      <FailureNotice failure={start.failure} onDismiss={start.dismiss} />
      <div className="row">
        <Button kind="primary" off={start.busy} onClick={() => start.run(undefined)}>
          {words.journey.stopped.start}
        </Button>
      </div>
    </div>
  )
}
