import type { AppState } from '../../../shared/state.ts'
import { EvidenceList, FailureNotice, Notice, Ways } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatAgo, problemWords, words } from '../../i18n/words.ts'
import { problemsBeside } from '../../model.ts'
import { OtherPort, useDoorsToMove } from './other-port.tsx'

/** Problems told in full; of more, the titles, so that what the page is for stays in view. */
const IN_FULL = 2

/** One problem: cause, evidence and the ways on. What only happened can be put away; what stands goes with its cause. */
function ProblemNotice({ problem, now, many }: { problem: AppState['problems'][number]; now: number; many: boolean }) {
  const dismiss = useCall('problems.dismiss')
  const doors = useDoorsToMove(problem)
  // What can be mended here and now is told in full.
  const folded = many && doors.length === 0
  const { title, cause, next, evidence } = problemWords(problem)
  const head = (
    <>
      {title} <small>{formatAgo(problem.at, now)}</small>
    </>
  )
  const body = (
    <>
      <p>{cause}</p>
      <Ways ways={next} />
      <EvidenceList evidence={evidence} />
      <OtherPort doors={doors} />
      <FailureNotice failure={dismiss.failure} onDismiss={dismiss.dismiss} />
    </>
  )
  return (
    <Notice
      kind="warn"
      title={folded ? undefined : head}
      onDismiss={problem.standing ? undefined : () => dismiss.run({ code: problem.code, at: problem.at })}
    >
      {folded ? (
        <details className="fold">
          <summary className="notice-title">
            <span>{head}</span>
          </summary>
          <div className="notice-body">{body}</div>
        </details>
      ) : (
        body
      )}
    </Notice>
  )
}

/** Problems that should be seen. */
export function ProblemList() {
  const problems = useApp(problemsBeside)
  const now = useNow()
  if (problems.length === 0) return null
  return (
    <section aria-label={words.journey.problemsTitle(problems.length)} className="stack">
      {problems.map((problem, index) => (
        <ProblemNotice key={`${problem.code} ${problem.at}`} problem={problem} now={now} many={index >= IN_FULL} />
      ))}
    </section>
  )
}
