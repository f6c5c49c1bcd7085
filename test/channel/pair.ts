import type { Channel, PeerIdentity } from '../../main/channel/channel.ts'

export interface ChannelPair {
  /** The end that opened the channel. Its `peer` is what the responder proved. */
  readonly initiator: Channel
  readonly responder: Channel
  /** Closes both and waits until nothing is pending. */
  close(): Promise<void>
}

/** Two connected channels without sockets. Set `.handler` of each end before cells flow. */
export function channelPair(
  options: { initiatorIdentity?: PeerIdentity; responderIdentity?: PeerIdentity; protocol?: 4 | 5 } = {},
): ChannelPair {
  throw new Error(`soon ${options}`)
}
