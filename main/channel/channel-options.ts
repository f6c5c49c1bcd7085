import type { Cell } from '../cell/frame.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { ByteLink } from '../net/byte-link.ts'
import type { CellLoop, WriteShaper } from './cell-loop.ts'
import type { Channel } from './channel.ts'
import type { TrafficClass } from './circuit-end.ts'
import type { HandshakeResult } from './link-handshake.ts'

/** Who is told what concerns a channel as a whole. */
export interface ChannelHandler {
  /** CREATE, CREATE_FAST or CREATE2 on a free circuit id of the peer's half; the body (509 bytes) is the callee's. Answer by attach() and send(). */
  onCreate(channel: Channel, circId: number, command: number, body: Buffer): void
  /** PA_NEGOTIATE or PA_STATUS with circuit id 0. The cell's bytes are the callee's. */
  onControl(channel: Channel, cell: Cell): void
  onClose(channel: Channel, why: string): void
}

/** Bytes of cells (headers included) by direction and class. */
export interface ByteCounters {
  orRead: number
  orWritten: number
  paRead: number
  paWritten: number
}

export interface ChannelOptions {
  readonly link: ByteLink
  readonly initiated: boolean
  readonly handshake: HandshakeResult
  readonly loop: CellLoop
  readonly handlerFor: (channel: Channel) => ChannelHandler
  readonly log: ScopedLog
  /** What control cells are counted as; a 'pa' channel is a perspective-access link. Default 'or'. */
  readonly purpose?: TrafficClass
  /** Counters that this channel adds to besides its own. */
  readonly totals?: ByteCounters
  readonly shaper?: WriteShaper<Channel>
  readonly now?: () => number
  /** Told before the handler. */
  readonly onClosed?: (channel: Channel) => void
}
