import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PaStatusCode } from '../../main/cell/pa.ts'
import type { RouterStatus } from '../../main/document/consensus.ts'
import { Protocols } from '../../main/document/protocols.ts'
import type { ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { type AdmissionDirectory, checkListing } from '../../main/perspective/admission.ts'

const identity = { rsaIdentity: Buffer.alloc(20, 0xab), ed25519Identity: Buffer.alloc(32, 1) }
const fingerprint = 'AB'.repeat(20)

function directory(
  flags: string[],
  change: { live?: boolean; listed?: boolean; descriptor?: Partial<ServerDescriptor> | null } = {},
): AdmissionDirectory {
  const status = {
    fingerprint,
    address: '192.0.2.7',
    orAddresses6: [{ address: '2001:db8::7', port: 1 }],
    flags: new Set(flags),
    protocols: Protocols.parse('X-Perspective=1'),
  } as unknown as RouterStatus
  const descriptor = {
    fingerprint,
    address: '192.0.2.7',
    ed25519Identity: Buffer.alloc(32, 1),
    ...change.descriptor,
  } as unknown as ServerDescriptor
  return {
    isLive: () => change.live ?? true,
    status: name => (name === fingerprint && change.listed !== false ? status : undefined),
    descriptor: name => (name === fingerprint && change.descriptor !== null ? descriptor : undefined),
  }
}
const all = ['Valid', 'Running', 'Stable']
const caller = { identity, remoteAddress: '192.0.2.7', purpose: 'browse' as const }
const statusOf = (...args: Parameters<typeof checkListing>) => {
  const verdict = checkListing(...args)
  return verdict.kind === 'listed' ? 'listed' : verdict.status
}

test('S6 S24: a listed, running, stable relay at its own address passes', () =>
  assert.equal(statusOf(caller, directory(all), 'stable'), 'listed'))
test('S25: a link that proves nothing is refused before anything is looked up', () =>
  assert.equal(statusOf({ ...caller, identity: undefined }, directory(all, { live: false }), 'stable'), PaStatusCode.NOT_AUTHENTICATED))
test('T14: nobody is admitted on a directory that is not live', () =>
  assert.equal(statusOf(caller, directory(all, { live: false }), 'stable'), PaStatusCode.DIRECTORY_NOT_LIVE))
test('S6: an identity that is not listed', () =>
  assert.equal(statusOf(caller, directory(all, { listed: false }), 'stable'), PaStatusCode.NOT_LISTED))
test('S25: a listed RSA identity with another Ed25519 identity is not the listed relay', () =>
  assert.equal(
    statusOf(caller, directory(all, { descriptor: { ed25519Identity: Buffer.alloc(32, 2) } }), 'stable'),
    PaStatusCode.NOT_LISTED,
  ))
test('a listed relay whose descriptor is still to come is asked to come again', () =>
  assert.equal(statusOf(caller, directory(all, { descriptor: null }), 'stable'), PaStatusCode.BUSY))
test('S7: not Running', () => assert.equal(statusOf(caller, directory(['Valid', 'Stable']), 'running'), PaStatusCode.NOT_RUNNING))
test('S15: Stable is asked for by default, not with admit: running', () => {
  assert.equal(statusOf(caller, directory(['Valid', 'Running']), 'stable'), PaStatusCode.NOT_STABLE)
  assert.equal(statusOf(caller, directory(['Valid', 'Running']), 'running'), 'listed')
})
test('T2: a rented key from another address', () =>
  assert.equal(statusOf({ ...caller, remoteAddress: '192.0.2.8' }, directory(all), 'stable'), PaStatusCode.ADDRESS_DIFFERS))
test('a listed IPv6 address counts too', () =>
  assert.equal(statusOf({ ...caller, remoteAddress: '2001:db8::7' }, directory(all), 'stable'), 'listed'))
test('a probe may come from a relay that is not Stable or Running yet, but not from another address', () => {
  assert.equal(statusOf({ ...caller, purpose: 'probe' }, directory(['Valid']), 'stable'), 'listed')
  assert.equal(
    statusOf({ ...caller, purpose: 'probe', remoteAddress: '192.0.2.8' }, directory(['Valid']), 'stable'),
    PaStatusCode.ADDRESS_DIFFERS,
  )
})
