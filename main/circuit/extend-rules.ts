import { DestroyReason, RELAY_DATA_MAX } from '../cell/command.ts'
import { decodeExtend2, type Extend2 } from '../cell/extend.ts'
import type { PeerIdentity } from '../channel/channel.ts'
import { CircuitRefused } from './errors.ts'
import type { OnionKeys } from './hop-role.ts'

/** The data of CREATED2 has to fit into an EXTENDED2 message behind its length. */
export const CREATED_DATA_MAX = RELAY_DATA_MAX - 2

/**
 * Reads an EXTEND2 message, which checks its form (link-specifier.ts), and refuses to go back to where the circuit comes from, or to ourselves
 * (tor-spec 5.3). Throws MalformedError or CircuitRefused.
 */
export function checkedExtend(data: Buffer, own: OnionKeys, previous: PeerIdentity | undefined): Extend2 {
  const request = decodeExtend2(data)
  const { rsaIdentity, ed25519Identity } = request.target
  const isTarget = (node: { rsaIdentity: Buffer; ed25519Identity: Buffer }) =>
    node.rsaIdentity.equals(rsaIdentity) || (ed25519Identity !== undefined && node.ed25519Identity.equals(ed25519Identity))
  if (isTarget(own)) throw new CircuitRefused(DestroyReason.PROTOCOL, 'asked to extend to ourselves')
  if (previous && isTarget(previous)) throw new CircuitRefused(DestroyReason.PROTOCOL, 'asked to extend back to the previous hop')
  return request
}
