import type { Channel, ChannelHandler } from '../channel/channel.ts'
import type { Listener } from '../net/listener.ts'
import { listenTls } from '../net/tls.ts'
import type { ListenPoint, Relay, SecondDoor } from '../relay/relay.ts'

/**
 * Opens a PAPort: TLS and the link protocol as on the ORPort, but nothing is served before admission. `onLink` is told of every link whose handshake is
 * through, before anything can arrive on it; everything else goes to `door`. Rejects with the system's error.
 */
export function listenPaPort(options: {
  readonly at: ListenPoint
  readonly relay: Relay
  readonly door: SecondDoor
  onLink(channel: Channel): void
}): Promise<Listener> {
  const { at, relay, door, onLink } = options
  const handler: ChannelHandler = {
    onCreate: (channel, circId, command, body) => {
      const circuits = door.circuitsFor(channel)
      if (circuits) circuits.handleCreate(channel, circId, command, body)
      else channel.close('a circuit before admission')
    },
    onControl: (channel, cell) => door.onControl(channel, cell),
    onClose: channel => door.onClose(channel),
  }
  return listenTls({
    ...at,
    ...relay.doors,
    certificate: () => relay.linkCertificates.current(Date.now()),
    onConnection: link =>
      relay.channels.accept(link, {
        // A link that proves no identity is answered PA_STATUS 1 instead of being cut in the handshake, so that its owner learns why.
        purpose: 'pa',
        handlerFor: channel => {
          onLink(channel)
          return handler
        },
      }),
  })
}
