import type { Problem } from '../../shared/problem.ts'
import type { AppState } from '../../shared/state.ts'

type Entry = AppState['problems'][number]

/** Older ones than so many are no longer told. */
const MOST = 20

const same = (a: Problem, b: Problem) => a.code === b.code && JSON.stringify(a.detail) === JSON.stringify(b.detail)

/**
 * What the owner should see: things that happened, which stay until they are dismissed, and things that stand, which stay as long as their
 * cause does.
 */
export class ProblemBook {
  #happened: Entry[] = []
  #standing: Entry[] = []

  get entries(): Entry[] {
    return [...this.#standing, ...this.#happened]
  }

  /** Something happened. The same again replaces the older one. */
  tell(problem: Problem, now: number): void {
    this.#happened = [...this.#happened.filter(other => !same(other, problem)), { ...problem, at: now }].slice(-MOST)
  }

  /** All that stands now; answers with what has newly come up, by its code. What goes on keeps the time at which it began. */
  stand(problems: readonly Problem[], now: number): Problem[] {
    const before = this.#standing
    this.#standing = problems.map(problem => ({
      ...problem,
      at: before.find(other => other.code === problem.code)?.at ?? now,
      standing: true,
    }))
    return problems.filter(problem => !before.some(other => other.code === problem.code))
  }

  /** The owner has read it. What stands cannot be dismissed: it is still so. */
  dismiss(code: Problem['code'], at: number): void {
    this.#happened = this.#happened.filter(entry => entry.code !== code || entry.at !== at)
  }
}
