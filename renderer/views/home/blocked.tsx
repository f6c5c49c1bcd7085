import type { Problem } from '../../../shared/problem.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EvidenceList, FailureNotice, Ways } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { problemWords, words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'
import { OtherPort, useDoorsToMove } from './other-port.tsx'

/** A problem that stops the way: cause, evidence, and the ways on. */
export function BlockedStep({ problem }: { problem: Problem }) {
  const running = useApp(app => app.relay.running)
  const retest = useCall('ports.retest')
  const start = useCall('relay.start')
  const doors = useDoorsToMove(problem)
  const kind = doors.length > 0 ? 'plain' : 'primary'
  const { title, cause, next, evidence } = problemWords(problem)
  const text = words.journey.blocked
  return (
    <Card title={title} className="blocked">
      <p>{cause}</p>
      <EvidenceList evidence={evidence} />
      <div>
        <p className="eyebrow">{words.next}</p>
        <Ways ways={next} />
      </div>
      <FailureNotice failure={retest.failure ?? start.failure} onDismiss={retest.failure ? retest.dismiss : start.dismiss} />
      <OtherPort doors={doors} kind="primary">
        {running ? (
          <Button kind={kind} off={retest.busy} onClick={() => retest.run(undefined)}>
            {text.retest}
          </Button>
        ) : (
          <Button kind={kind} off={start.busy} onClick={() => start.run(undefined)}>
            {text.start}
          </Button>
        )}
        <Button onClick={() => go('settings')}>{text.settings}</Button>
      </OtherPort>
    </Card>
  )
}
