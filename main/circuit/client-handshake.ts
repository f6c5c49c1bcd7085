import { DestroyReason } from '../cell/command.ts'
import { HandshakeType } from '../cell/create.ts'
import { decodeCircuitResponse, encodeCircuitRequest } from '../cell/extensions.ts'
import { ntorClient } from '../crypto/ntor.ts'
import { ntorV3Client } from '../crypto/ntor-v3.ts'
import type { CircuitHop } from './circuit-hop.ts'
import { CircuitRefused } from './errors.ts'
import type { CongestionParams } from './params.ts'
import { HOP_KEY_LENGTH } from './relay-crypto.ts'

/** What a finished handshake gives a client. */
export interface HopAgreement {
  readonly keys: Buffer
  /** Cells per SENDME when the relay granted congestion control. */
  readonly sendmeIncrement: number | undefined
}

/** The client's half of CREATE2 or EXTEND2. `finish` throws MalformedError or CircuitRefused. */
export interface ClientHandshake {
  readonly type: number
  readonly onionskin: Buffer
  finish(reply: Buffer): HopAgreement
}

/** Relays whose consensus is a little older or newer may be off by this much, as C tor allows it. */
const INCREMENT_TOLERANCE = 1

/** ntor-v3 where the relay knows it, asking for congestion control where it has that too; else ntor. */
export function startHandshake(hop: CircuitHop & { readonly ntorKey: Buffer }, params: CongestionParams): ClientHandshake {
  if (!hop.ntorV3) {
    const ntor = ntorClient(hop.rsaIdentity, hop.ntorKey)
    return {
      type: HandshakeType.NTOR,
      onionskin: ntor.onionskin,
      finish: reply => ({ keys: ntor.finish(reply, HOP_KEY_LENGTH), sendmeIncrement: undefined }),
    }
  }
  const congestionControl = hop.congestionControl && params.enabled
  const ntor = ntorV3Client(hop.ed25519Identity, hop.ntorKey, encodeCircuitRequest({ congestionControl, subprotocols: [] }))
  return {
    type: HandshakeType.NTOR_V3,
    onionskin: ntor.onionskin,
    finish(reply) {
      const { keys, message } = ntor.finish(reply, HOP_KEY_LENGTH)
      const { sendmeIncrement } = decodeCircuitResponse(message)
      if (sendmeIncrement !== undefined) {
        const off = Math.abs(sendmeIncrement - params.sendmeIncrement)
        if (!congestionControl || off > INCREMENT_TOLERANCE) {
          throw new CircuitRefused(DestroyReason.PROTOCOL, 'congestion control that was not asked for so')
        }
      }
      return { keys, sendmeIncrement }
    },
  }
}
