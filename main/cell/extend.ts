import { ByteReader, MalformedError } from '../lib/bytes.ts'
import { RELAY_DATA_MAX } from './command.ts'
import { decodeCreated2, encodeCreate2, encodeCreated2, HandshakeType, readCreate2 } from './create.ts'
import { encodeLinkSpecifiers, type LinkTarget, readLinkSpecifiers, specifiersOfTarget, targetOfSpecifiers } from './link-specifier.ts'

/** What a client asks the last relay of its circuit for: the next relay, and the onionskin for it. */
export interface Extend2 {
  readonly target: LinkTarget
  readonly handshakeType: number
  readonly data: Buffer
}

/** NSPEC, link specifiers | HTYPE 2 | HLEN 2 | HDATA. tor-spec 5.1.2. Throws RangeError when it does not fit in a relay message. */
export function encodeExtend2(value: { readonly target: LinkTarget; readonly handshakeType: number; readonly data: Uint8Array }): Buffer {
  const bytes = Buffer.concat([encodeLinkSpecifiers(specifiersOfTarget(value.target)), encodeCreate2(value)])
  if (bytes.length > RELAY_DATA_MAX) throw new RangeError('an EXTEND2 that does not fit in a relay message')
  return bytes
}

/**
 * Reads an EXTEND2 message. Throws {@link MalformedError}, also for the handshakes that must not be passed on: TAP (obsolete) and the clear
 * circuit of perspective access, which ends where its link ends.
 */
export function decodeExtend2(data: Uint8Array): Extend2 {
  const reader = new ByteReader(data)
  const target = targetOfSpecifiers(readLinkSpecifiers(reader))
  const create = readCreate2(reader)
  if (create.handshakeType === HandshakeType.TAP || create.handshakeType === HandshakeType.PA_CLEAR) {
    throw new MalformedError('an EXTEND2 with a handshake that cannot be passed on')
  }
  if (create.handshakeType === HandshakeType.NTOR && create.data.length !== 84) throw new MalformedError('an ntor onionskin has 84 bytes')
  return { target, handshakeType: create.handshakeType, data: create.data }
}

/** HLEN 2 | HDATA: the answer of the next relay. tor-spec 5.1.2. Throws RangeError when it does not fit in a relay message. */
export function encodeExtended2(data: Uint8Array): Buffer {
  if (data.length > RELAY_DATA_MAX - 2) throw new RangeError('an EXTENDED2 that does not fit in a relay message')
  return encodeCreated2(data)
}

/** HDATA of an EXTENDED2 message. Throws {@link MalformedError}. */
export function decodeExtended2(data: Uint8Array): Buffer {
  return decodeCreated2(data)
}
