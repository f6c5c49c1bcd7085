import { DestroyReason } from '../cell/command.ts'
import { CircuitServer } from '../circuit/circuit-server.ts'
import type { HopRole } from '../circuit/hop-role.ts'
import { congestionParams } from '../circuit/params.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { Relay } from '../relay/relay.ts'
import type { PeerAccount } from './peer-accounts.ts'
import type { PeerQuota } from './perspective-limits.ts'

/** A long useful peer has four times the quota; what bounds one link, whatever its account says, is that. */
const MAX_FACTOR = 4
/** BEGINs a second on one circuit; the account's own rate is far below. */
const STREAM_RATE = 1000

/**
 * The circuits of one perspective link. `account`: whose they are; it counts them over all links of the peer. Without one (a probe) there is one circuit.
 */
export function peerCircuits(options: {
  readonly relay: Relay
  readonly role: HopRole
  readonly account: PeerAccount | undefined
  /** Both ends of the link know clear circuits. */
  readonly clear: boolean
  readonly quota: PeerQuota
  readonly log: ScopedLog
}): CircuitServer {
  const { relay, role, account, clear, quota, log } = options
  const circuits = account ? quota.circuits : 1
  return new CircuitServer({
    keys: () => relay.options.keys.onionKeys(),
    role,
    clear,
    params: () => congestionParams(relay.options.directory.consensus?.params ?? new Map()),
    limits: {
      circuits,
      circuitsPerChannel: circuits,
      streamsPerCircuit: account ? quota.streams * MAX_FACTOR : 1,
      streamRate: STREAM_RATE,
      streamBurst: STREAM_RATE,
    },
    admit: () => (account && !account.canHaveCircuit ? DestroyReason.RESOURCELIMIT : undefined),
    onCircuit: circuit => {
      account?.addCircuit()
      circuit.onClose.add(() => account?.giveCircuit())
    },
    log,
  })
}
