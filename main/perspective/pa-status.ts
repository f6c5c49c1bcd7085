import { Command } from '../cell/command.ts'
import { encodeVariableCell } from '../cell/frame.ts'
import { encodePaStatus, PA_VERSION, type PaStatusCode } from '../cell/pa.ts'
import type { Channel } from '../channel/channel.ts'

/** What a refusal asks to wait when nothing better is known. `long` is also the most that is ever asked. */
export const RETRY_SECONDS = { short: 10, listing: 300, long: 3600 } as const

/** PA_STATUS to a peer; `retryAfter` in seconds, `capabilities`: what we agree to. */
export function sendStatus(channel: Channel, status: PaStatusCode, retryAfter = 0, capabilities = 0): void {
  const body = encodePaStatus({ version: PA_VERSION, status, capabilities, retryAfter: Math.round(retryAfter), detail: '' })
  channel.send(undefined, encodeVariableCell(0, Command.PA_STATUS, body))
}

/** From now until a time (ms), at least one and at most {@link RETRY_SECONDS}.long; `undefined` for no time. */
export function secondsUntil(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.min(RETRY_SECONDS.long, Math.max(1, Math.ceil((time - Date.now()) / 1000)))
}
