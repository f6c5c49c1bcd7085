import type { Channel } from '../channel/channel.ts'
import { Listeners } from '../lib/service.ts'

/** A circuit through us, made by someone else: we are its middle or its last hop. */
export class OrCircuit {
  /** The channel towards the client. `channel.peer` is undefined when the previous hop proved no identity. */
  readonly channel: Channel
  readonly circId: number
  readonly openedAt: number = Date.now()
  /** Made with CREATE_FAST: the previous hop is the client itself. */
  readonly createdFast: boolean = false
  closed = false
  readonly onClose = new Listeners<[circuit: OrCircuit, reason: number]>()

  constructor(channel: Channel, circId: number) {
    this.channel = channel
    this.circId = circId
  }
  /** The channel to the next hop, when there is one. */
  get nextChannel(): Channel | undefined {
    return undefined
  }
  get streamCount(): number {
    return 0
  }
  /** 20 bytes shared with the client only: the KH of rend-spec, for ESTABLISH_INTRO. */
  get rendezvousNonce(): Buffer {
    throw new Error('not yet')
  }
  /** Sends one circuit-level message (stream id 0) to the client. */
  send(_command: number, _data: Buffer): void {
    throw new Error('not yet')
  }
  /** Joins two circuits that end here (rendezvous): what one end does not recognise goes to the other. */
  joinTo(_other: OrCircuit): void {
    throw new Error('not yet')
  }
  /** DESTROY in both directions; streams end. */
  close(_reason: number): void {
    throw new Error('not yet')
  }
}
