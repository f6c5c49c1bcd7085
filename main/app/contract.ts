import type { EventName } from '../../shared/ipc.ts'
import type { CallAnswer, HostedApp } from './hosted-app.ts'

/** One way to a UI: a WebSocket, Electron's IPC, or two arrays in a test. */
export interface ContractTransport {
  /** Sets who answers the UI's calls. */
  onCall(answer: (name: string, argument: unknown) => Promise<CallAnswer>): void
  /** Sends an event; a UI that is gone is the transport's to notice. */
  send(event: EventName, payload: unknown): void
}

/** Calls that a host answers itself (opening a window); called with the argument already checked. */
export type HostCalls = { readonly [name: string]: (argument: unknown) => Promise<CallAnswer> }

/** Connects a UI to the app; the answer ends it. */
export function bindContract(_app: HostedApp, _transport: ContractTransport, _own: HostCalls = {}): () => void {
  throw new Error('soon')
}
