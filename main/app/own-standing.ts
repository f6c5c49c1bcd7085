import { type Lock, locksOf } from './journey.ts'
import type { RelayRun } from './relay-run.ts'
import type { Resources } from './resources.ts'

/** Our own relay as its network sees it. */

const NO_FLAGS: ReadonlySet<string> = new Set()

/** The flags of our entry in the newest consensus; none while the relay does not run. */
export function ownFlags(run: RelayRun | undefined, { directory }: Pick<Resources, 'directory'>): ReadonlySet<string> {
  const fingerprint = run?.node.options.keys.fingerprint
  return (fingerprint && directory.consensus?.byFingerprint.get(fingerprint)?.flags) || NO_FLAGS
}

/** Everything that still locks browsing. */
export function ownLocks(run: RelayRun | undefined, running: Pick<Resources, 'consents' | 'directory' | 'settings'>): Lock[] {
  const { consents, directory, settings } = running
  const consented = consents.current.perspective !== undefined
  const proofs = run?.node.selfTest.proofs
  return locksOf({
    consented,
    relayRunning: run !== undefined,
    offered: run ? run.node.server.door !== 'off' || !consented : settings.current.paPort !== 'off',
    virtual: run?.node.server.door === 'virtual',
    proved: { or: proofs?.or.state === 'proved', dir: proofs?.dir.state === 'proved', pa: proofs?.pa.state === 'proved' },
    directoryLive: directory.liveness() === 'live',
    listed: run !== undefined && (directory.consensus?.byFingerprint.has(run.node.options.keys.fingerprint) ?? false),
    flags: ownFlags(run, running),
    someoneAdmitsRunning: run?.someoneAdmitsRunning ?? false,
  })
}
