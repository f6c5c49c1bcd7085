import type { Problem, ProblemCode } from '../../shared/problem.ts'

const MOST_CHARACTERS = 500
const cut = <T>(value: T) => (typeof value === 'string' ? value.slice(0, MOST_CHARACTERS) : value)

/** The app (or its relay) could not start; `problem` says why, in a code that hosts put into words. */
export class AppStartError extends Error {
  override name = 'AppStartError'
  readonly problem: Problem

  constructor(code: ProblemCode, detail: Problem['detail'] = {}, options?: ErrorOptions) {
    super(code, options)
    // The contract has no longer ones: a window that gets one shows nothing at all.
    this.problem = { code, detail: Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, cut(value)])) }
  }
}
