import type { Problem, ProblemCode } from '../../shared/problem.ts'

/** The app (or its relay) could not start; `problem` says why, in a code that hosts put into words. */
export class AppStartError extends Error {
  override name = 'AppStartError'
  readonly problem: Problem

  constructor(code: ProblemCode, detail: Problem['detail'] = {}, options?: ErrorOptions) {
    super(code, options)
    this.problem = { code, detail }
  }
}
