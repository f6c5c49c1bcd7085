import { CellLoop, type WriteShaper } from '../../main/channel/cell-loop.ts'
import { Channel, type ChannelHandler, type PeerIdentity } from '../../main/channel/channel.ts'
import { silentLog } from '../../main/lib/log.ts'
import { MemoryLink } from './memory-link.ts'

export interface ChannelPair {
  /** The end that opened the channel. Its `peer` is what the responder proved. */
  readonly initiator: Channel
  readonly responder: Channel
  readonly initiatorLink: MemoryLink
  readonly responderLink: MemoryLink
  /** Closes both and waits until nothing is pending. */
  close(): Promise<void>
}

export interface ChannelPairOptions {
  /** What the initiator proved: the responder's `peer`. */
  readonly initiatorIdentity?: PeerIdentity
  /** What the responder proved: the initiator's `peer`. */
  readonly responderIdentity?: PeerIdentity
  readonly protocol?: 4 | 5
  readonly purpose?: 'or' | 'pa'
  /** Of the initiator. */
  readonly shaper?: WriteShaper<Channel>
  readonly responderShaper?: WriteShaper<Channel>
  readonly initiatorAddress?: string
}

const noHandler: ChannelHandler = { onCreate: () => {}, onControl: () => {}, onClose: () => {} }

/** Two connected channels without sockets. Set `.handler` of each end before cells flow. */
export function channelPair(options: ChannelPairOptions = {}): ChannelPair {
  const [initiatorLink, responderLink] = MemoryLink.pair(options.initiatorAddress)
  const loop = new CellLoop()
  const end = (initiated: boolean, link: MemoryLink, peer: PeerIdentity | undefined) =>
    new Channel({
      link,
      initiated,
      loop,
      handlerFor: () => noHandler,
      log: silentLog,
      purpose: options.purpose,
      shaper: initiated ? options.shaper : options.responderShaper,
      handshake: {
        kind: 'open',
        protocol: options.protocol ?? 5,
        peer,
        observedAddress: link.localAddress,
        peerAddresses: [link.remoteAddress],
        clockSkew: undefined,
        rest: Buffer.alloc(0),
      },
    })
  const initiator = end(true, initiatorLink, options.responderIdentity)
  const responder = end(false, responderLink, options.initiatorIdentity)
  return {
    initiator,
    responder,
    initiatorLink,
    responderLink,
    async close() {
      initiator.close()
      responder.close()
      for (let turn = 0; turn < 4; turn++) await new Promise(resolve => setImmediate(resolve))
    },
  }
}
