import { type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron'
import { z } from 'zod'
import { IPC_CALL_CHANNEL, IPC_EVENT_CHANNEL } from '../../shared/ipc.ts'
import type { Problem } from '../../shared/problem.ts'
import type { ContractTransport } from '../app/contract.ts'
import type { CallAnswer } from '../app/hosted-app.ts'
import { UI_ORIGIN } from './lock-down.ts'

const callName = z.string().max(50)
const REFUSED: { problem: Problem } = { problem: { code: 'bad-request', detail: {} } }

/** True for the main frame of `contents` while it shows a page of ours. Everything else that can send is refused. */
export function isTrusted(event: IpcMainInvokeEvent, contents: WebContents | undefined): boolean {
  const frame = event.senderFrame
  return contents !== undefined && event.sender === contents && frame !== null && frame.parent === null && frame.origin === UI_ORIGIN
}

/**
 * The contract over Electron's IPC, for the one UI window that there may be. `uiContents` answers with it, or with nothing while it is
 * closed.
 */
export function ipcTransport(uiContents: () => WebContents | undefined): ContractTransport & { close(): void } {
  let answer: ((name: string, argument: unknown) => Promise<CallAnswer>) | undefined
  ipcMain.handle(IPC_CALL_CHANNEL, async (event, name: unknown, argument: unknown) => {
    const parsed = callName.safeParse(name)
    if (!isTrusted(event, uiContents()) || !parsed.success || !answer) return REFUSED
    const reply = await answer(parsed.data, argument)
    return reply.ok ? { result: reply.result } : { problem: reply.problem }
  })
  return {
    onCall: handler => {
      answer = handler
    },
    send: (event, payload) => {
      const contents = uiContents()
      if (contents && !contents.isDestroyed()) contents.send(IPC_EVENT_CHANNEL, { event, payload })
    },
    close: () => ipcMain.removeHandler(IPC_CALL_CHANNEL),
  }
}
