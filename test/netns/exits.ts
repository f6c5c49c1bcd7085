import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { EndReason } from '../../main/cell/command.ts'
import { until } from '../interop/stock-node.ts'
import { dials, dnsQuestions } from './capture.ts'
import { ADDRESS, INSIDE, type Lab, PORT } from './lab.ts'
import type { StreamAnswer } from './peers.ts'
import { seen } from './quiet.ts'

/** Every way of writing an address of the server's own network, of itself, or of what carries one inside. */
const LITERALS = [
  ...INSIDE,
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  ADDRESS.server,
  '::',
  '::1',
  'fd00::2',
  'fe80::1',
  'ff02::1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '::10.0.0.1',
  '64:ff9b::a00:1',
  '64:ff9b::169.254.169.254',
  '2002:a00:1::1',
  '2001:0:a00:1::',
]
/** What some resolver or library takes for such an address, or knows without any DNS. */
const ODD_NAMES = [
  '10.1',
  '127.1',
  '0x0a000001',
  '0xa.0.0.1',
  '012.0.0.1',
  '167772161',
  '2130706433',
  '10.0.0.1.',
  '10.0.0.01',
  '0',
  '[::1]',
  '[::ffff:10.0.0.1]',
  'fe80::1%eth0',
  '１０.0.0.1',
  'localhost',
  'LOCALHOST.',
  'a.localhost',
  'router',
  'router.local',
  'nas.home.arpa',
  'metadata.google.internal',
  'facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd.onion',
  'x.exit',
]

/** What streams may not reach, whatever they are told. */
export function exitTests(lab: () => Lab): void {
  describe('out of the doors', () => {
    let circuit = 0
    let link = 0
    const open = async () => {
      if (circuit) return
      const admitted = await lab().peers.openLink('good', lab().server.fingerprint)
      assert.equal(admitted.kind, 'admitted')
      link = (admitted as { link: number }).link
      const made = await lab().peers.openCircuit(link)
      assert.ok('circuit' in made)
      circuit = made.circuit
    }
    /** New streams come at 20 a second: asked again until that is not what hinders. */
    const stream = (host: string, port: number, path?: string) =>
      until(
        `an answer for ${host}`,
        async (): Promise<StreamAnswer | undefined> => {
          const answer = await lab().peers.openStream(circuit, host, port, path)
          return 'refused' in answer && answer.refused === EndReason.RESOURCELIMIT ? undefined : answer
        },
        10_000,
        50,
      )

    test('T6: no notation of an address inside gets there', async () => {
      await open()
      const { packets } = await seen(lab(), async () => {
        for (const host of LITERALS) {
          const answer = await stream(host, 80)
          assert.ok('refused' in answer && answer.refused === EndReason.EXITPOLICY, `${host}: ${JSON.stringify(answer)}`)
        }
        for (const host of ODD_NAMES) {
          const answer = await lab()
            .peers.openStream(circuit, host, 80)
            .catch(error => String(error))
          assert.ok(typeof answer === 'string' || 'refused' in answer, `${host}: ${JSON.stringify(answer)}`)
        }
      })
      const reached = dials(packets).filter(to => LITERALS.some(host => to.startsWith(`${host}:`) && !to.startsWith(`${ADDRESS.server}:9`)))
      assert.deepEqual(reached, [])
      assert.deepEqual(dnsQuestions(packets), [], 'no odd name was asked about')
      assert.deepEqual(await lab().inside.sprung(), [])
    })

    test('T6: nor does a name that leads inside, by stream or by lookup, and it is not told where it would lead', async () => {
      await open()
      await lab().dns.setNames({
        'private.example': { a: [['192.168.1.1']], aaaa: [['fd00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1']] },
        'metadata.example': { a: [['169.254.169.254']] },
        'own.example': { a: [[ADDRESS.server]], aaaa: [['fd00::2']] },
        'self.example': { a: [['127.0.0.1', '0.0.0.0']], aaaa: [['::1']] },
      })
      const { packets } = await seen(lab(), async () => {
        for (const name of ['private.example', 'metadata.example', 'own.example', 'self.example']) {
          assert.deepEqual(await stream(name, 80), { refused: EndReason.EXITPOLICY }, name)
          assert.deepEqual(await lab().peers.lookUp(circuit, name), ['error'], name)
        }
      })
      assert.deepEqual(
        dials(packets).filter(to => /:(80|443)$/.test(to)),
        [],
      )
      assert.deepEqual(await lab().inside.sprung(), [])
    })

    test('T7: a name whose answers change between question and connection leads nowhere inside', async () => {
      await open()
      const { dns, peers, inside } = lab()
      await dns.setNames({
        'rebind.example': { a: [[ADDRESS.web], ['10.0.0.1']], aaaa: [[], ['fd00::1']], ttl: 0 },
        'mixed.example': { a: [['10.0.0.1', ADDRESS.web, '169.254.169.254']], ttl: 0 },
        'later.example': { a: [['10.0.0.1'], [ADDRESS.web]], ttl: 0 },
      })
      const { packets } = await seen(lab(), async () => {
        for (let i = 0; i < 5; i++) {
          for (const name of ['rebind.example', 'mixed.example']) {
            assert.deepEqual(await stream(name, 80, '/whoami'), { address: ADDRESS.web, body: ADDRESS.server }, name)
          }
        }
        assert.deepEqual(await stream('later.example', 80), { refused: EndReason.EXITPOLICY })
        assert.deepEqual(await peers.lookUp(circuit, 'mixed.example'), [ADDRESS.web])
      })
      const asked = (await dns.questions()).filter(question => question.startsWith('a rebind.example'))
      assert.equal(asked.length, 1, 'a time to live of 0 is not taken at its word')
      assert.ok(dnsQuestions(packets).length > 0 && dials(packets).includes(`${ADDRESS.web}:80`), 'the capture sees questions and dials')
      assert.ok(dials(packets).every(to => !/^(10\.|169\.254|fd00)/.test(to)))
      assert.deepEqual(await inside.sprung(), [])
    })

    test('T10: a peer that reads nothing holds up its own stream, not the memory of the server', async t => {
      await open()
      const { peers, web, server, atHome } = lab()
      const memory = () => residentMB(server.child.pid!)
      const before = await memory()
      await until('a stream is opened', () => peers.openDeafStream(circuit, ADDRESS.web, 443).then(() => true), 5_000, 100)
      let last = -1
      await until(
        'the source is held back',
        async () => {
          const now = await web.poured()
          const still = now === last && now > 0
          last = now
          return still
        },
        15_000,
        500,
      )
      const after = await memory()
      t.diagnostic(`${(last / 1e6).toFixed(1)} MB left the source, memory went from ${before} to ${after} MB`)
      assert.ok(last < 16e6, `${last} bytes`)
      assert.ok(after - before < 64, `${before} → ${after} MB`)
      assert.equal((await atHome.fetchPage(PORT.socks, 'se', ADDRESS.web, 80, '/whoami')).text, ADDRESS.server)
    })

    test('T11: floods of streams, circuits and cells stop at the peer’s quota; others are served meanwhile', async t => {
      await open()
      const { peers, atHome, server } = lab()
      const flood = peers.openStreams(circuit, ADDRESS.web, 80, 600)
      const page = await atHome.fetchPage(PORT.socks, 'se', ADDRESS.web, 80, '/whoami')
      assert.equal(page.text, ADDRESS.server)
      const outcomes = await flood
      t.diagnostic(`600 streams at once: ${JSON.stringify(outcomes)}; a page of somebody else took ${page.ms.toFixed(0)} ms`)
      assert.ok((outcomes.connected ?? 0) <= 64, JSON.stringify(outcomes))
      assert.ok((outcomes[`refused ${EndReason.RESOURCELIMIT}`] ?? 0) >= 500, JSON.stringify(outcomes))
      const made = await Promise.all(Array.from({ length: 12 }, () => peers.openCircuit(link)))
      assert.ok(made.filter(one => 'circuit' in one).length <= 7, 'eight circuits a peer, this one among them')
      await peers.flood(link, 20_000)
      const other = await atHome.fetchPage(PORT.socks, 'se', ADDRESS.web, 80, '/100000')
      assert.equal(other.length, 100_000)
      assert.equal(server.child.exitCode, null)
      await peers.closeLink(link)
    })
  })
}

async function residentMB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]) / 1024)
}
