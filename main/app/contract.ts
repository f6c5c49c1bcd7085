import { type CallName, calls, type EventName } from '../../shared/ipc.ts'
import type { CallAnswer, HostedApp } from './hosted-app.ts'

/** One way to a UI: a WebSocket, Electron's IPC, or two arrays in a test. */
export interface ContractTransport {
  /** Sets who answers the UI's calls; the answer never rejects. */
  onCall(answer: (name: string, argument: unknown) => Promise<CallAnswer>): void
  /** Sends an event; a UI that is gone is the transport's to notice. */
  send(event: EventName, payload: unknown): void
}

/** Calls that a host answers itself, such as opening a window; called with the argument already checked. */
export type HostCalls = { readonly [name in CallName]?: (argument: never) => Promise<CallAnswer> }

/** Connects a UI to the app: its calls are answered, every change of state is sent. The answer ends the sending. */
export function bindContract(app: Pick<HostedApp, 'call' | 'onPatch'>, transport: ContractTransport, own: HostCalls = {}): () => void {
  transport.onCall((name, argument) => (Object.hasOwn(own, name) ? callOwn(own, name as CallName, argument) : app.call(name, argument)))
  return app.onPatch.add(patch => transport.send('state', patch))
}

async function callOwn(own: HostCalls, name: CallName, argument: unknown): Promise<CallAnswer> {
  const parsed = calls[name].argument.safeParse(argument)
  if (!parsed.success) return { ok: false, problem: { code: 'bad-request', detail: { call: name } } }
  try {
    return await own[name]!(parsed.data as never)
  } catch {
    return { ok: false, problem: { code: 'internal', detail: { call: name } } }
  }
}
