import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'

export function StoppedStep() {
  const start = useCall('relay.start')
  return (
    <Card>
      <FailureNotice failure={start.failure} onDismiss={start.dismiss} />
      <div className="row">
        <Button kind="primary" off={start.busy} onClick={() => start.run(undefined)}>
          {words.journey.stopped.start}
        </Button>
      </div>
    </Card>
  )
}
