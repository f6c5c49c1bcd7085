import type { AppState } from '../../../shared/state.ts'
import { EvidenceList, FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatAgo, problemWords, words } from '../../i18n/words.ts'
import { problemsBeside } from '../../model.ts'
import { OtherPort, useDoorsToMove } from './other-port.tsx'

/** One problem: cause, evidence and the ways on. What only happened can be put away; what stands goes with its cause. */
function ProblemNotice({ problem, now }: { problem: AppState['problems'][number]; now: number }) {
  const dismiss = useCall('problems.dismiss')
  const doors = useDoorsToMove(problem)
  const { title, cause, next, evidence } = problemWords(problem)
  return (
    <Notice
      kind="warn"
      title={
        <>
          {title} <small>{formatAgo(problem.at, now)}</small>
        </>
      }
      onDismiss={problem.standing ? undefined : () => dismiss.run({ code: problem.code, at: problem.at })}
    >
      <p>{cause}</p>
      {next.length === 1 ? (
        <p>{next[0]}</p>
      ) : (
        <ul className="points">
          {next.map(way => (
            <li key={way}>{way}</li>
          ))}
        </ul>
      )}
      <EvidenceList evidence={evidence} />
      <OtherPort doors={doors} />
      <FailureNotice failure={dismiss.failure} onDismiss={dismiss.dismiss} />
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
      {problems.map(problem => (
        <ProblemNotice key={`${problem.code} ${problem.at}`} problem={problem} now={now} />
      ))}
    </section>
  )
}
