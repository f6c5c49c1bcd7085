import { Command, DestroyReason } from '../cell/command.ts'
import { decodeCreate2, encodeCreated2, HandshakeType } from '../cell/create.ts'
import { decodeCircuitRequest, encodeCircuitResponse } from '../cell/extensions.ts'
import { createFastServer } from '../crypto/fast.ts'
import { ntorServer } from '../crypto/ntor.ts'
import { ntorV3Server } from '../crypto/ntor-v3.ts'
import { CircuitRefused } from './errors.ts'
import type { OnionKeys } from './hop-role.ts'
import type { CongestionParams } from './params.ts'
import { HOP_KEY_LENGTH } from './relay-crypto.ts'

/** The answer to a CREATE cell, and what both ends have agreed on. */
export interface OnionAnswer {
  /** CREATED2 or CREATED_FAST, and its body. */
  readonly command: number
  readonly body: Buffer
  /** 72 bytes for the layer, then 20 for the circuit's name (HOP_KEY_LENGTH). */
  readonly keys: Buffer
  /** Cells per SENDME when congestion control was asked for and granted. */
  readonly sendmeIncrement: number | undefined
}

const FAST_ONIONSKIN_LENGTH = 20

/**
 * Answers CREATE_FAST and CREATE2 with ntor or ntor-v3 (tor-spec 5.1, proposals 324 and 332). Throws CircuitRefused or MalformedError; everything
 * of the past (CREATE, TAP) is refused, and so is a request for subprotocols, of which we have none to offer.
 */
export function answerOnionskin(command: number, body: Buffer, keys: OnionKeys, params: CongestionParams): OnionAnswer {
  if (command === Command.CREATE_FAST) {
    const answer = createFastServer(body.subarray(0, FAST_ONIONSKIN_LENGTH))
    return { command: Command.CREATED_FAST, body: answer.reply, keys: answer.keys, sendmeIncrement: undefined }
  }
  if (command !== Command.CREATE2) throw new CircuitRefused(DestroyReason.PROTOCOL, `no circuits are made by command ${command}`)
  const { handshakeType, data } = decodeCreate2(body)
  const find = (onionKey: Buffer) => keys.findNtor(onionKey)
  if (handshakeType === HandshakeType.NTOR) {
    const answer = ntorServer(data, keys.rsaIdentity, find, HOP_KEY_LENGTH)
    return { command: Command.CREATED2, body: encodeCreated2(answer.reply), keys: answer.keys, sendmeIncrement: undefined }
  }
  if (handshakeType !== HandshakeType.NTOR_V3) throw new CircuitRefused(DestroyReason.PROTOCOL, `unknown handshake type ${handshakeType}`)
  let sendmeIncrement: number | undefined
  const handle = (message: Buffer) => {
    const request = decodeCircuitRequest(message)
    if (request.subprotocols.length > 0) throw new CircuitRefused(DestroyReason.PROTOCOL, 'a subprotocol was asked for that we do not have')
    sendmeIncrement = request.congestionControl && params.enabled ? params.sendmeIncrement : undefined
    return encodeCircuitResponse({ sendmeIncrement })
  }
  const answer = ntorV3Server(data, keys.ed25519Identity, find, handle, HOP_KEY_LENGTH)
  return { command: Command.CREATED2, body: encodeCreated2(answer.reply), keys: answer.keys, sendmeIncrement }
}
