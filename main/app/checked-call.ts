import { type CallName, calls } from '../../shared/ipc.ts'
import type { Problem, ProblemCode } from '../../shared/problem.ts'
import { diskRefusal } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import { ProxyRefused } from '../perspective/proxy-target.ts'
import { type AnsweringApp, answerCall } from './answers.ts'
import { AppStartError } from './app-start-error.ts'
import type { CallAnswer } from './hosted-app.ts'

/** Answers one call from outside: name and argument are checked against the contract, and whatever fails becomes a problem. Never rejects. */
export async function checkedCall(
  app: AnsweringApp,
  options: { readonly started: boolean; readonly log: Log },
  name: string,
  argument: unknown,
): Promise<CallAnswer> {
  const refuse = (code: ProblemCode, detail: Problem['detail'] = {}): CallAnswer => ({ ok: false, problem: { code, detail } })
  if (!Object.hasOwn(calls, name)) return refuse('bad-request', { call: name.slice(0, 50) })
  const contract = calls[name as CallName]
  const parsed = contract.argument.safeParse(argument)
  if (!parsed.success) return refuse('bad-request', { call: name })
  if (!options.started && name !== 'state.get' && name !== 'quit') return refuse('internal', { reason: 'not started' })
  try {
    return { ok: true, result: await answerCall(app, name as CallName, parsed.data) }
  } catch (error) {
    if (error instanceof AppStartError) return { ok: false, problem: error.problem }
    if (error instanceof ProxyRefused) return refuse('perspective-refused', { reason: error.code })
    const unsaved = diskRefusal(error)
    if (unsaved) return refuse('not-saved', { reason: unsaved })
    options.log.write('error', 'app', `${name} failed: ${(error as Error)?.stack ?? error}`)
    return refuse('internal')
  }
}
