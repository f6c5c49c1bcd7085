import { Command } from '../cell/command.ts'
import { type Cell, encodeVariableCell } from '../cell/frame.ts'
import { decodePaStatus, encodePaNegotiate, PA_VERSION, PaCapability, PaPurpose, PaStatusCode } from '../cell/pa.ts'
import type { Channel, ChannelHandler } from '../channel/channel.ts'
import type { ChannelMap } from '../channel/channel-map.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { IpAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'

/** The server said no; `status` is a PA_STATUS code, `retryAfter` seconds. */
export class PerspectiveRefused extends Error {
  override name = 'PerspectiveRefused'
  readonly status: number
  readonly retryAfter: number
  constructor(status: number, retryAfter: number) {
    super(`perspective access refused with status ${status}`)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** Where a relay's PA door is: its PAPort, or its ORPort when it offers it virtually. */
export function paDoor(descriptor: ServerDescriptor): { address: IpAddress; port: number } | undefined {
  const offer = descriptor.perspective
  if (!offer) return undefined
  return { address: descriptor.address, port: offer.port === 'virtual' ? descriptor.orPort : offer.port }
}

export interface OpenPerspectiveOptions {
  readonly channels: ChannelMap
  readonly descriptor: ServerDescriptor
  readonly purpose: 'browse' | 'probe'
  /** Also rules how long a server may take to test us first (status 14). */
  readonly signal: AbortSignal
}

/** The peer's end of an admitted link to a server's PA door. */
export interface PerspectiveLink {
  readonly channel: Channel
  /** Both ends know clear circuits. */
  readonly clear: boolean
  /** Admission was lost later, or the link closed. */
  readonly onLost: Listeners<[status: number | undefined]>
}

/**
 * Opens an authenticated link of its own to a relay's PA door and negotiates (perspective-access.md 2). Status 14, "being tested", keeps the
 * link open until the verdict. Rejects with {@link PerspectiveRefused} or the error of the connection; the link is closed then.
 */
export async function openPerspectiveLink(options: OpenPerspectiveOptions): Promise<PerspectiveLink> {
  const { channels, descriptor, signal, purpose } = options
  // A probe tests what every relay can do.
  const wished = purpose === 'probe' ? 0 : PaCapability.CLEAR
  const door = paDoor(descriptor)
  if (!door) throw new PerspectiveRefused(PaStatusCode.OFF, 0)
  const verdict = Promise.withResolvers<void>()
  // The rejection is awaited below; until then it must not count as unhandled.
  verdict.promise.catch(() => {})
  const onLost = new Listeners<[status: number | undefined]>()
  let admitted = false
  let agreed = 0
  const handler: ChannelHandler = {
    onCreate: channel => channel.close('a circuit towards a perspective client'),
    onControl: (channel, cell: Cell) => {
      if (cell.command !== Command.PA_STATUS) return
      try {
        const { status, capabilities, retryAfter } = decodePaStatus(cell.body)
        if (status === PaStatusCode.ADMITTED) {
          admitted = true
          agreed = capabilities & wished
          verdict.resolve()
        } else if (admitted) onLost.emit(status)
        else if (status !== PaStatusCode.BEING_TESTED || purpose === 'probe') verdict.reject(new PerspectiveRefused(status, retryAfter))
      } catch (error) {
        verdict.reject(error)
        channel.close('malformed PA_STATUS')
      }
    },
    onClose: (_channel, why) => {
      verdict.reject(new Error(`the link closed: ${why}`))
      onLost.emit(undefined)
    },
  }
  const target = {
    rsaIdentity: Buffer.from(descriptor.fingerprint, 'hex'),
    ed25519Identity: descriptor.ed25519Identity,
    addresses: [door],
  }
  const channel = await channels.openFresh(target, { signal, purpose: 'pa', handlerFor: () => handler })
  const abort = () => verdict.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    const value = purpose === 'probe' ? PaPurpose.PROBE : PaPurpose.BROWSE
    const negotiate = encodePaNegotiate({ version: PA_VERSION, capabilities: wished, purpose: value })
    channel.send(undefined, encodeVariableCell(0, Command.PA_NEGOTIATE, negotiate))
    await verdict.promise
    return { channel, clear: (agreed & PaCapability.CLEAR) !== 0, onLost }
  } catch (error) {
    channel.close('not admitted')
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
