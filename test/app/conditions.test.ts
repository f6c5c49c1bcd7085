import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skewOf } from '../../main/app/condition-watch.ts'
import { type ConditionFacts, conditions, hindranceOf, mayPublishBy } from '../../main/app/conditions.ts'
import { isTunnel, outboundRoutes } from '../../main/net/outbound.ts'
import type { Problem } from '../../shared/problem.ts'
import type { PortState } from '../../shared/state.ts'

const mapped = { state: 'mapped', method: 'UPnP', externalAddress: '203.0.113.7', externalPort: 9001 } as const
const proved = { state: 'proved', at: 1, by: 2 } as const
const timeout = { state: 'failed', at: 1, reason: 'timeout' } as const
const open = (port: number): PortState => ({ wanted: port, listening: { address: '192.168.1.2', port }, mapping: mapped, proof: proved })
const shut = (port: number, part: Partial<PortState> = {}): PortState => ({ ...open(port), proof: timeout, ...part })
const refusedBy = (reason: string, externalAddress?: string) =>
  ({ mapping: { state: 'failed', reason, ...(externalAddress && { externalAddress }) } }) as const

const FINE: ConditionFacts = {
  running: true,
  directory: { live: true, problem: undefined },
  skewSeconds: 2,
  routes: { ipv4: true, ipv6: false, interface: 'eth0', tunnel: false },
  diskFree: 50e9,
  memoryFree: 4e9,
  firewall: undefined,
  address: '203.0.113.7',
  addressLearned: true,
  ports: { or: open(9001), dir: open(9030), pa: open(9040) },
  neighbours: { relays: 0, limit: 2 },
  publications: [],
}
const ports = (or: PortState, dir: PortState = open(9030), pa: PortState = open(9040)) => ({ or, dir, pa })
const published = (answer: 'accepted' | 'rejected') => ({ authority: 'moria1', answer, text: 'Suspicious', readBack: false }) as const

const TABLE: [name: string, facts: Partial<ConditionFacts>, expected: Problem[]][] = [
  ['all is well', {}, []],
  [
    'nothing is known yet',
    { skewSeconds: undefined, routes: undefined, diskFree: undefined, memoryFree: undefined, address: undefined },
    [],
  ],
  ['clock slow by minutes', { skewSeconds: 431.4 }, [{ code: 'clock-skewed', detail: { skewSeconds: 431 } }]],
  ['clock fast by minutes', { skewSeconds: -90 }, [{ code: 'clock-skewed', detail: { skewSeconds: -90 } }]],
  ['a minute off is none', { skewSeconds: 59.9 }, []],
  [
    'peers disprove what a directory server said of the clock',
    { skewSeconds: 1, directory: { live: true, problem: { code: 'clock', skewMs: 7e6, detail: '' } } },
    [],
  ],
  [
    'no peer yet: the directory servers’ clocks',
    { skewSeconds: undefined, directory: { live: false, problem: { code: 'clock', skewMs: -7_200_000, detail: '' } } },
    [{ code: 'clock-far-off', detail: { skewSeconds: -7200 } }],
  ],
  ['half an hour off is only wrong', { skewSeconds: -1800 }, [{ code: 'clock-skewed', detail: { skewSeconds: -1800 } }]],
  ['more than that is too much', { skewSeconds: 1801 }, [{ code: 'clock-far-off', detail: { skewSeconds: 1801 } }]],
  [
    'offline: one word, and not what follows from it',
    { routes: { ipv4: false, ipv6: false, tunnel: false }, directory: { live: false, problem: { code: 'unreachable', detail: 'x' } } },
    [{ code: 'offline', detail: {} }],
  ],
  [
    'IPv6 only',
    { routes: { ipv4: false, ipv6: true, interface: 'wlan0', tunnel: false } },
    [{ code: 'ipv6-only', detail: { interface: 'wlan0' } }],
  ],
  ['a VPN', { routes: { ipv4: true, ipv6: true, interface: 'wg0', tunnel: true } }, [{ code: 'vpn-active', detail: { interface: 'wg0' } }]],
  [
    'outgoing Tor is blocked',
    { directory: { live: false, problem: { code: 'unreachable', detail: 'timed out' } } },
    [{ code: 'no-directory', detail: { reason: 'timed out' } }],
  ],
  ['a fetch failed, but the list is fresh', { directory: { live: true, problem: { code: 'unreachable', detail: '' } } }, []],
  [
    'a captive portal answers',
    { directory: { live: false, problem: { code: 'unverified', detail: 'no signature' } } },
    [{ code: 'directory-unverified', detail: { reason: 'no signature' } }],
  ],
  ['a full disk', { diskFree: 12_345_678 }, [{ code: 'disk-low', detail: { free: 12_000_000 } }]],
  ['memory nearly used up', { memoryFree: 99_999_999 }, [{ code: 'memory-low', detail: { free: 99_000_000 } }]],
  [
    'the provider shares addresses',
    { ports: ports(shut(9001, refusedBy('address-shared', '100.72.1.9')), shut(9030, refusedBy('address-shared', '100.72.1.9'))) },
    [{ code: 'provider-shares-address', detail: { address: '100.72.1.9' } }],
  ],
  [
    'others see another address than the router has: there is a second one that shares it',
    { address: '198.51.100.9', ports: ports(shut(9001), shut(9030), shut(9040)) },
    [{ code: 'provider-shares-address', detail: { address: '203.0.113.7', seen: '198.51.100.9' } }],
  ],
  [
    '… not where the owner wrote the address, or a tunnel is in use',
    { address: '198.51.100.9', addressLearned: false, ports: ports(shut(9001), shut(9030), shut(9040)) },
    [{ code: 'router-disagrees', detail: { port: '9001, 9030, 9040', method: 'UPnP' } }],
  ],
  ['… and yet somebody got in', { ports: ports({ ...open(9001), ...refusedBy('address-shared') }) }, []],
  [
    'two routers',
    { ports: ports(shut(9001, refusedBy('double-nat', '192.168.0.3'))) },
    [{ code: 'double-nat', detail: { address: '192.168.0.3' } }],
  ],
  [
    'the router lies',
    { ports: ports(shut(9001), shut(9030), shut(9040)) },
    [{ code: 'router-disagrees', detail: { port: '9001, 9030, 9040', method: 'UPnP' } }],
  ],
  [
    'a firewall here may be why',
    { firewall: 'ufw', ports: ports(shut(9001), shut(9030), shut(9040)) },
    [{ code: 'firewall-on', detail: { firewall: 'ufw', port: '9001, 9030, 9040', command: 'sudo ufw allow 9001,9030,9040/tcp' } }],
  ],
  ['… not where the router opened nothing', { firewall: 'ufw', ports: ports(shut(9001, refusedBy('no-answer'))) }, []],
  ['… nor where it lets others in', { firewall: 'ufw' }, []],
  [
    'one port is blocked on the way',
    { ports: ports(shut(443), open(9030), shut(80)) },
    [{ code: 'port-blocked', detail: { closed: '443, 80', open: '9030' } }],
  ],
  [
    'a program that refuses is no filter',
    { ports: ports(shut(443, { proof: { state: 'failed', at: 1, reason: 'connection-refused' } })) },
    [],
  ],
  ['the router did not answer: the ports’ own screen says it', { ports: ports(shut(9001, refusedBy('no-answer'))) }, []],
  [
    'two others at this address',
    { neighbours: { relays: 2, limit: 2 } },
    [{ code: 'address-crowded', detail: { address: '203.0.113.7', relays: 2, limit: 2 } }],
  ],
  ['one other is fine', { neighbours: { relays: 1, limit: 2 } }, []],
  ['a stopped relay has no doors', { running: false, ports: ports(shut(9001)), neighbours: { relays: 9, limit: 2 } }, []],
  [
    'half of the authorities refuse',
    { publications: [published('rejected'), published('accepted')] },
    [{ code: 'descriptor-rejected', detail: { authority: 'moria1', text: 'Suspicious' } }],
  ],
  ['one of three refuses', { publications: [published('rejected'), published('accepted'), published('accepted')] }, []],
]
describe('what stands in the way', () => {
  for (const [name, facts, expected] of TABLE) test(name, () => assert.deepEqual(conditions({ ...FINE, ...facts }), expected))

  test('what only the owner can remove is the hindrance, and only that', () => {
    const shared: Problem = { code: 'provider-shares-address', detail: {} }
    assert.equal(hindranceOf([{ code: 'disk-low', detail: {} }, shared]), shared)
    assert.equal(hindranceOf([{ code: 'router-disagrees', detail: {} }]), undefined)
    assert.equal(hindranceOf([{ ...shared, detail: { address: '203.0.113.7', seen: '198.51.100.9' } }]), undefined, 'may be an old word')
    assert.equal(hindranceOf([{ code: 'clock-skewed', detail: {} }]), undefined)
    assert.equal(hindranceOf([{ code: 'clock-far-off', detail: {} }])?.code, 'clock-far-off')
  })
})

test('nothing is published by a clock that others find more than half an hour off; whom nobody corrects publishes', () => {
  const fine = { live: true, problem: undefined }
  const late = { live: true, problem: { code: 'clock', skewMs: 1_900_000, detail: '' } } as const
  assert.equal(mayPublishBy({ skewSeconds: undefined, directory: fine }), true)
  assert.equal(mayPublishBy({ skewSeconds: -1800, directory: fine }), true)
  assert.equal(mayPublishBy({ skewSeconds: -1801, directory: fine }), false)
  assert.equal(mayPublishBy({ skewSeconds: undefined, directory: late }), false)
  assert.equal(mayPublishBy({ skewSeconds: 2, directory: late }), true, 'one directory against three relays')
})

describe('what other relays’ clocks say', () => {
  const voice = (name: number, clockSkew: number | undefined, part = {}) => ({
    initiated: true,
    peer: { rsaIdentity: Buffer.alloc(20, name), ed25519Identity: Buffer.alloc(32) },
    clockSkew,
    openedAt: 100,
    ...part,
  })
  test('the middle of at least three of them counts; a liar changes nothing', () => {
    assert.equal(skewOf([voice(1, 1000), voice(2, 2000)], 0), undefined)
    assert.equal(skewOf([voice(1, 1000), voice(2, 2000), voice(3, 9e9)], 0), 2)
  })
  test('not counted: who came to us, who proved nothing, who said nothing, who spoke before the clock was set, one relay twice', () => {
    const others = [voice(1, 5000, { initiated: false }), voice(2, 5000, { peer: undefined }), voice(3, undefined)]
    assert.equal(skewOf([...others, voice(4, 5000, { openedAt: 50 }), voice(5, 0), voice(6, 0), voice(6, 0)], 60), undefined)
  })
})

test('the way out is looked up in this machine, and tunnels are known by their names', async () => {
  const routes = await outboundRoutes()
  assert.equal(typeof routes.ipv4, 'boolean')
  assert.ok(routes.interface === undefined || routes.interface.length > 0)
  for (const name of ['tun0', 'wg0', 'utun3', 'ppp0', 'NordLynx', 'ProtonVPN', 'Mullvad']) assert.ok(isTunnel(name), name)
  for (const name of ['eth0', 'wlp3s0', 'en0', 'Ethernet', 'WLAN', 'docker0', 'veth12']) assert.ok(!isTunnel(name), name)
})
