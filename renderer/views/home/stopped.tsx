import { Button } from '../../components/button.tsx'
import { Horizon } from '../../components/horizon.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'

/** The relay rests; one button starts it again. */
export function StoppedStep() {
  const start = useCall('relay.start')
  return (
    <div className="stack">
      <div className="open-view">
        <Horizon open={false} />
        <div className="row">
          <Button kind="primary" off={start.busy} onClick={() => start.run(undefined)}>
            {words.journey.stopped.start}
          </Button>
          <p>{words.journey.stopped.kept}</p>
        </div>
      </div>
      <FailureNotice failure={start.failure} onDismiss={start.dismiss} />
    </div>
  )
}
