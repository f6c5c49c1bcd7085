import { plainText } from '../../shared/format.ts'
import type { Problem } from '../../shared/problem.ts'
import { portOwner } from '../net/port-owner.ts'

const MAX_NAME = 60

/** Who holds a port that we want, for the detail of a problem; nothing when the system does not tell. The name is any program's own, so it is cleaned. */
export async function takerOf(port: number, ask: typeof portOwner = portOwner): Promise<Problem['detail']> {
  const { pid, program, user } = (await ask(port)) ?? {}
  return {
    ...(program === undefined ? {} : { program: plainText(program, MAX_NAME) }),
    ...(pid === undefined ? {} : { pid }),
    ...(user === undefined ? {} : { user: plainText(user, MAX_NAME) }),
  }
}
