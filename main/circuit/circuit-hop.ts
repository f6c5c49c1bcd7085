import type { IpAddress } from '../lib/ip.ts'

/** A relay to build through. */
export interface CircuitHop {
  readonly rsaIdentity: Buffer
  readonly ed25519Identity: Buffer
  /** Undefined only for a first hop whose descriptor is not known yet: then CREATE_FAST. */
  readonly ntorKey: Buffer | undefined
  readonly addresses: readonly { readonly address: IpAddress; readonly port: number }[]
  /** Relay=4: ntor-v3; FlowCtrl=2 where streams will end: congestion control. */
  readonly ntorV3: boolean
  readonly congestionControl: boolean
}
