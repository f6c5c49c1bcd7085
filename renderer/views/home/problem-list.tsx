import { EvidenceList, Notice } from '../../components/notice.tsx'
import { useApp, useNow } from '../../context.tsx'
import { formatAgo, problemWords, words } from '../../i18n/words.ts'

/** Problems that do not stop the way but should be seen. */
export function ProblemList() {
  const problems = useApp(app => app.problems)
  const now = useNow()
  if (problems.length === 0) return null
  return (
    <section aria-label={words.journey.problemsTitle(problems.length)} className="stack">
      {problems.map(problem => {
        const { title, cause, next, evidence } = problemWords(problem)
        return (
          <Notice
            key={`${problem.code} ${problem.at}`}
            kind="warn"
            title={
              <>
                {title} <small>{formatAgo(problem.at, now)}</small>
              </>
            }
          >
            <p>
              {cause} {next[0]}
            </p>
            <EvidenceList evidence={evidence} />
          </Notice>
        )
      })}
    </section>
  )
}
