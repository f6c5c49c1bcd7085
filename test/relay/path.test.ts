import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouterStatus } from '../../main/document/consensus.ts'
import { ExitPolicy, PortSummary } from '../../main/document/exit-policy.ts'
import { Protocols } from '../../main/document/protocols.ts'
import type { ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { choosePath, NoPathError, type PathRelay } from '../../main/relay/path.ts'

const web = ExitPolicy.parse('accept *:80, reject *:*')
const none = ExitPolicy.parse('reject *:*')

function relay(
  n: number,
  change: { flags?: string[]; exit?: boolean; address?: string; family?: string[]; bandwidth?: number } = {},
): PathRelay {
  const fingerprint = n.toString(16).padStart(40, '0').toUpperCase()
  const flags = new Set(change.flags ?? ['Running', 'Valid', 'Guard', ...(change.exit ? ['Exit'] : [])])
  return {
    status: {
      fingerprint,
      flags,
      bandwidth: change.bandwidth ?? 100,
      portSummary: PortSummary.parse(change.exit ? 'accept 80' : 'reject 1-65535'),
      address: change.address ?? `192.${n}.0.1`,
      orPort: 9001,
      protocols: Protocols.parse('Relay=1-4 FlowCtrl=1-2'),
    } as unknown as RouterStatus,
    descriptor: {
      exitPolicy: change.exit ? web : none,
      family: change.family ?? [],
      ed25519Identity: Buffer.alloc(32, n),
      ntorKey: Buffer.alloc(32, n),
    } as unknown as ServerDescriptor,
  }
}
const options = { weights: new Map<string, number>(), distinctSubnets: true, random: Math.random }
const names = (hops: ReturnType<typeof choosePath>) => hops.map(hop => hop.rsaIdentity.at(-1))

test('the last hop lets the port out, and no relay is used twice', () => {
  const relays = [relay(1), relay(2), relay(3), relay(4, { exit: true })]
  for (let i = 0; i < 50; i++) {
    const path = names(choosePath(relays, { length: 3, exitPort: 80, exclude: new Set() }, options))
    assert.equal(path[2], 4)
    assert.equal(new Set(path).size, 3)
  }
  assert.throws(() => choosePath(relays, { length: 3, exitPort: 25, exclude: new Set() }, options), NoPathError)
})

test('relays that are excluded, not Running or not Valid are never used', () => {
  const relays = [relay(1), relay(2, { flags: ['Valid'] }), relay(3, { flags: ['Running'] }), relay(4, { exit: true }), relay(5)]
  const exclude = new Set([relay(1).status.fingerprint])
  assert.deepEqual(names(choosePath(relays, { length: 2, exitPort: 80, exclude }, options)), [5, 4])
})

test('one /16 or one family never holds two hops, where both sides name the family', () => {
  const crowded = [relay(1, { address: '192.4.9.9' }), relay(4, { exit: true, address: '192.4.0.1' })]
  assert.throws(() => choosePath(crowded, { length: 2, exitPort: 80, exclude: new Set() }, options), NoPathError)
  assert.equal(choosePath(crowded, { length: 2, exitPort: 80, exclude: new Set() }, { ...options, distinctSubnets: false }).length, 2)
  const mutual = [
    relay(1, { family: [`$${relay(4).status.fingerprint}`] }),
    relay(4, { exit: true, family: [`$${relay(1).status.fingerprint}`] }),
  ]
  assert.throws(() => choosePath(mutual, { length: 2, exitPort: 80, exclude: new Set() }, options), NoPathError)
  const oneSided = [relay(1, { family: [`$${relay(4).status.fingerprint}`] }), relay(4, { exit: true })]
  assert.deepEqual(names(choosePath(oneSided, { length: 2, exitPort: 80, exclude: new Set() }, options)), [1, 4])
})

test('bandwidth decides how often a relay is chosen', () => {
  const relays = [
    relay(1, { bandwidth: 9000 }),
    relay(2, { bandwidth: 1000 }),
    relay(4, { exit: true, flags: ['Running', 'Valid', 'Exit'] }),
  ]
  let first = 0
  for (let i = 0; i < 1000; i++) {
    const random = () => (i + 0.5) / 1000
    if (names(choosePath(relays, { length: 2, exitPort: 80, exclude: new Set() }, { ...options, random }))[0] === 1) first++
  }
  assert.equal(first, 900)
})
