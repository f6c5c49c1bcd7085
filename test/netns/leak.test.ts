import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildApp, cannotLaunch } from '../e2e/launch.ts'
import { StockNetwork } from '../interop/stock-network.ts'
import type { NodeHost } from '../interop/stock-node.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import { type Capture, dnsQuestions, type Packet } from './capture.ts'
import type { EvilTargets } from './evil-page.ts'
import type { Remote } from './host.ts'
import { IsolatedWorld } from './hosts.ts'

/** One authority and three relays of stock tor, a server, somebody at a desktop with a home network, a site that wants to know who visits it. */
const ADDRESS = {
  auth0: '128.31.0.1',
  relay0: '147.83.0.1',
  relay1: '131.114.0.1',
  relay2: '129.132.0.1',
  /** Germany. */
  server: '141.20.7.1',
  /** Denmark. */
  desktop: '130.225.7.1',
  evil: '158.39.0.1',
  /** Nobody is sent there by a name. */
  direct: '171.64.0.1',
  dns: '195.220.0.1',
} as const
const LAN = ['192.168.1.1', '10.0.0.1'] as const
const LAN_NETWORKS = ['192.168.0.0/16', '10.0.0.0/8']
const NAMES = 'leak.example'
const SITE = `https://evil.${NAMES}/`
const PORT = { or: 9001, dir: 9030, pa: 9040, socks: 9150, http: 8118 } as const
const RELAYS: readonly string[] = [ADDRESS.auth0, ADDRESS.relay0, ADDRESS.relay1, ADDRESS.relay2, ADDRESS.server]

const SYN = 0x02
const SYN_ACK = 0x12
const module = (name: string) => new URL(name, import.meta.url)
const why = (await IsolatedWorld.whyNot()) ?? (cannotLaunch() || undefined)

describe('what leaves a computer on which somebody looks through others', { skip: why, timeout: 180_000 }, () => {
  const undo: (() => Promise<unknown>)[] = []
  let desktop: Remote<typeof import('./desktop.ts')>
  let evil: Remote<typeof import('./evil-site.ts')>
  let inside: Remote<typeof import('./far-ends.ts')>
  let server: VantageProcess
  let capture: Capture
  let chromiumSwitch: string
  const targets: EvilTargets = { direct: ADDRESS.direct, lan: LAN, localPorts: [PORT.socks, PORT.http, PORT.or], names: NAMES }

  before(async () => {
    buildApp()
    const networks = Object.values(ADDRESS).map(address => `${address.split('.').slice(0, 2).join('.')}.0.0/16`)
    const world = await IsolatedWorld.make(networks)
    const folder = await mkdtemp(join(tmpdir(), 'vantage-leak-'))
    undo.push(
      () => rm(folder, { recursive: true, force: true }),
      () => world.stop(),
    )
    const host = (name: keyof typeof ADDRESS, more: string[] = []) =>
      world.host(name, { addresses: [ADDRESS[name]], networks: more, nameservers: [ADDRESS.dns] })
    const farEnds = './far-ends.ts'
    const dns = (await host('dns')).use<typeof import('./far-ends.ts')>(module(farEnds))
    const direct = (await host('direct')).use<typeof import('./far-ends.ts')>(module(farEnds))
    inside = (await world.host('inside', { addresses: LAN, networks: LAN_NETWORKS })).use<typeof import('./far-ends.ts')>(module(farEnds))
    evil = (await host('evil')).use<typeof import('./evil-site.ts')>(module('./evil-site.ts'))
    const hosts: Record<string, NodeHost> = {}
    for (const name of ['auth0', 'relay0', 'relay1', 'relay2'] as const) {
      const { spawnPrefix, address } = await host(name)
      const fetch: NodeHost['fetch'] = async request => {
        const { status, body } = await dns.fetchHere(request)
        return { status, body: Buffer.from(body) }
      }
      hosts[name] = { address, spawnPrefix, fetch }
    }
    const serverHost = await host('server', LAN_NETWORKS)
    const desktopHost = await host('desktop', LAN_NETWORKS)
    desktop = desktopHost.use<typeof import('./desktop.ts')>(module('./desktop.ts'))
    await dns.startDns(ADDRESS.dns)
    await dns.setNames(
      Object.fromEntries(
        [
          'evil',
          'ws',
          'css',
          'ping',
          'quic',
          'events',
          'stun',
          'turn',
          'worker',
          'popup',
          'report.evil',
          'prerender',
          'dns-prefetch',
          'preconnect',
          'prefetch',
          'modulepreload',
          'icon',
        ].map(name => [`${name}.${NAMES}`, { a: [[ADDRESS.evil]] }]),
      ),
    )
    await direct.startTraps([ADDRESS.direct], [80, 443, 3478])
    await inside.startTraps(LAN, [80, 443, 3478])
    chromiumSwitch = await evil.startEvilSite(ADDRESS.evil)

    const network = await StockNetwork.start({ authorities: 1, relays: 3, client: false, hosts, votingInterval: 10 })
    undo.push(() => network.stop())
    const file = join(folder, 'authorities')
    await writeFile(file, `${['TestingTorNetwork 1', ...network.dirAuthorityLines].join('\n')}\n`)
    const own = (address: string) => [
      '--network',
      file,
      '--address',
      address,
      '--or-port',
      `${PORT.or}`,
      '--dir-port',
      `${PORT.dir}`,
      '--accept-consent',
      'relay,perspective',
    ]
    server = await VantageProcess.start(
      [...own(ADDRESS.server), '--nickname', 'Server', '--pa-port', `${PORT.pa}`, '--pa-admit', 'running'],
      undefined,
      {
        spawnPrefix: serverHost.spawnPrefix,
        settings: { mapPorts: false },
      },
    )
    undo.push(() => server.stop())
    const local = ['--nickname', 'Desktop', '--pa-port', `${PORT.pa}`, '--socks-port', `${PORT.socks}`, '--http-port', `${PORT.http}`]
    await desktop.startDesktop([...own(ADDRESS.desktop), ...local], chromiumSwitch, { mapPorts: false })
    undo.push(() => desktop.stopDesktop())
    capture = await desktopHost.capture()
    await desktop.event('unlocked', 90_000)
  })
  after(async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })

  /** Everything that left, or went from one program here to another (which libpcap shows once, as coming), but for what goes to relays. */
  const stray = (packets: readonly Packet[]) =>
    packets
      .filter(({ sent, to }) => (sent || to.startsWith('127.') || to === '::1') && !RELAYS.includes(to))
      .filter(({ protocol, flags }) => protocol === 'udp' || (flags & SYN_ACK) === SYN)
      .map(({ protocol, to, toPort }) => `${protocol} ${to}:${toPort}`)

  test('T20 T21: a page that tries everything reaches nothing but the chosen relay: no other packet, none to port 53', async t => {
    assert.equal(await desktop.openTab(SITE, { kind: 'country', country: 'de' }), 'Evil')
    const mark = await capture.mark()
    const told = await desktop.attack(SITE, targets)
    const packets = await capture.since(mark)
    assert.deepEqual(
      dnsQuestions(packets).map(({ to, payload }) => `${to}: ${payload.toString('latin1')}`),
      [],
    )
    assert.deepEqual(told, [], 'WebRTC tells no address')
    const strays = [...new Set(stray(packets))]
    assert.ok(strays.length > 0, 'our own proxies')
    t.diagnostic(`${packets.length} packets, beside those to relays: ${strays.join(', ')}`)
    for (const one of strays) {
      const [, port] = /^tcp 127\.0\.0\.1:(\d+)$/.exec(one) ?? []
      assert.ok(port !== undefined, `${one} left`)
      assert.ok(!targets.localPorts.includes(Number(port)), `${one}: a page got to a port of ours`)
      assert.ok(await desktop.isSocks(Number(port)), `${one} is no proxy`)
    }
    const visits = await evil.visitors()
    assert.deepEqual([...new Set(visits.map(({ from }) => from))], [ADDRESS.server], 'the site saw the relay alone')
    // The exit, too, sends nobody into a home.
    assert.deepEqual(await inside.sprung(), [])
    // It did try: names were looked up at the far end, and the site was asked in many ways.
    for (const name of ['css', 'events', 'ws'])
      assert.ok(
        visits.some(({ host }) => host === `${name}.${NAMES}`),
        name,
      )
    assert.ok(visits.some(({ path }) => path === '/worker.js'))
  })

  test('the same page in a browser without a proxy is seen to leak in each of these ways: the capture would have told', async () => {
    const mark = await capture.mark()
    await desktop.attackWithoutUs(SITE, chromiumSwitch, targets)
    const packets = await capture.since(mark)
    const strays = new Set(stray(packets))
    assert.ok(dnsQuestions(packets).length > 0, 'DNS')
    for (const leak of [
      `tcp ${ADDRESS.evil}:443`,
      `udp ${ADDRESS.evil}:443`,
      `tcp ${ADDRESS.direct}:443`,
      `udp ${ADDRESS.direct}:3478`,
      `tcp ${LAN[0]}:443`,
      `udp ${LAN[0]}:3478`,
    ])
      assert.ok(strays.has(leak), `${leak} in ${[...strays].join(', ')}`)
    assert.ok((await evil.visitors()).some(({ from }) => from === ADDRESS.desktop))
  })
})
