import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DestroyReason, EndReason } from '../../main/cell/command.ts'
import { blob, sha256Hex } from '../interop/blob-server.ts'
import { dials } from './capture.ts'
import { ADDRESS, type Lab, PORT } from './lab.ts'
import { assertQuiet, seen } from './quiet.ts'

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

/** What the admitted get, over both doors, from the programs of a person down to the packets of the server. */
export function browsingTests(lab: () => Lab): void {
  describe('through the doors', () => {
    test('S1 S29 S20: by country through either door, under one identity; the site sees the server', async () => {
      const { atHome, server, browser } = lab()
      for (const [country, address] of [
        ['se', ADDRESS.server],
        ['de', ADDRESS.virtual],
      ] as const) {
        const page = await atHome.fetchPage(PORT.socks, country, ADDRESS.web, 80, '/whoami')
        assert.equal(page.text, address)
      }
      const big = await atHome.fetchPage(PORT.socks, 'se', ADDRESS.web, 80, '/3000000')
      assert.equal(big.hash, sha256Hex(blob(3_000_000)))
      const { peer } = await server.event('admitted', event => event.peer === browser.fingerprint)
      assert.equal(peer, browser.fingerprint, 'who browses is the relay that serves, with the same keys')
    })

    test('S21 S18 S5: the virtual door has no port of its own, the PAPort has one', async () => {
      const { thief, virtual, server, network } = lab()
      assert.equal(await thief.tryConnect(ADDRESS.virtual, PORT.pa), 'ECONNREFUSED')
      assert.equal(await thief.tryConnect(ADDRESS.server, PORT.pa), 'connected')
      assert.match(await network.descriptor(virtual.fingerprint), /^x-perspective-access 1 virtual running$/m)
      assert.match(await network.descriptor(server.fingerprint), /^x-perspective-access 1 9040 stable$/m)
    })

    test('S9 S10: one hop that exits; extending it is refused, and no packet goes onward', async () => {
      const { peers, server, network } = lab()
      const link = await peers.openLink('good', server.fingerprint)
      assert.equal(link.kind, 'admitted')
      const id = (link as { link: number }).link
      const { result: page, packets } = await seen(lab(), async () => {
        const circuit = await peers.openCircuit(id)
        assert.ok('circuit' in circuit)
        return peers.openStream(circuit.circuit, ADDRESS.web, 80, '/whoami')
      })
      assert.deepEqual(page, { address: ADDRESS.web, body: ADDRESS.server })
      assert.deepEqual(
        dials(packets).filter(to => to.startsWith(ADDRESS.web)),
        [`${ADDRESS.web}:80`],
      )
      const extended = await seen(lab(), () => peers.openCircuit(id, [network.relays[0]!.fingerprint]))
      assert.deepEqual(extended.result, { destroyed: DestroyReason.PROTOCOL })
      assert.deepEqual(
        dials(extended.packets).filter(to => to.startsWith(network.relays[0]!.address)),
        [],
      )
      await peers.closeLink(id)
    })

    test('S30: the perspective policy lets the web out and nothing else; for Tor the same relay is no exit', async () => {
      const { peers, server, network, inside } = lab()
      const link = await peers.openLink('good', server.fingerprint)
      const made = await peers.openCircuit((link as { link: number }).link)
      assert.ok('circuit' in made)
      const { circuit } = made
      for (const port of [22, 25, 465, 587, 23, 445, 3389, 6881]) {
        const { result, packets } = await seen(lab(), () => peers.openStream(circuit, ADDRESS.web, port))
        assert.deepEqual(result, { refused: EndReason.EXITPOLICY }, `port ${port}`)
        assertQuiet(lab(), packets, [ADDRESS.good])
      }
      await peers.closeLink((link as { link: number }).link)
      const descriptor = await network.descriptor(server.fingerprint)
      assert.match(descriptor, /^reject \*:\*$/m)
      assert.match(descriptor, /^x-perspective-policy accept 80,443$/m)
      assert.match(await network.consensus(), /\nr Server (?:.*\n)+?p reject 1-65535\n/)
      assert.deepEqual(await inside.sprung(), [])
    })

    test('S3: with perspective access off it is an ordinary good relay: listed, in circuits, and says nothing of perspectives', async () => {
      const { peers, crowd, network } = lab()
      const { fingerprint } = crowd.get('plain')!
      assert.doesNotMatch(await network.descriptor(fingerprint), /perspective/i)
      // Not asked for is Fast: it goes to the better seven eighths of the network, by what each was seen to carry.
      await network.listed(fingerprint, ['Running', 'Valid', 'V2Dir'], 60_000)
      const path = [fingerprint, network.relays[0]!.fingerprint, network.relays[1]!.fingerprint]
      await peers.knowing(path, 20_000)
      const page = await peers.fetchThrough('good', path, ADDRESS.web, 80, '/whoami')
      assert.equal(page, network.relays[1]!.address)
    })

    test('S17 S12: "tor" goes three hops and leaves by an exit; one hop and three never meet', async () => {
      const { atHome, network, web } = lab()
      const before = (await web.visitors()).length
      const page = await atHome.fetchPage(PORT.socks, 'tor', ADDRESS.web, 80, '/whoami')
      const exits = network.routers.map(({ address }) => address)
      assert.ok(exits.includes(page.text as never), `the site saw ${page.text}`)
      await assert.rejects(atHome.fetchPage(PORT.socks, 'br', ADDRESS.web, 80, '/whoami'), /SOCKS error 3/)
      assert.equal((await web.visitors()).length, before + 1, 'a country that nobody offers makes no connection')
    })

    test('S11: one hop is measured beside three, and is the faster', async t => {
      const { atHome } = lab()
      // In turns, so that whatever else the machine does slows both.
      const time = async (path: string, count: number): Promise<[oneHop: number, threeHops: number]> => {
        const times = { se: [] as number[], tor: [] as number[] }
        for (let i = 0; i < count; i++) {
          for (const user of ['se', 'tor'] as const) {
            times[user].push((await atHome.fetchPage(PORT.socks, user, ADDRESS.web, 80, path)).ms)
          }
        }
        return [median(times.se), median(times.tor)]
      }
      // The first of each makes links and circuits.
      await time('/whoami', 3)
      const [oneHop, threeHops] = await time('/whoami', 25)
      const [oneHopMB, threeHopsMB] = await time('/2000000', 7)
      const rate = (ms: number) => (16_000 / ms).toFixed(0)
      t.diagnostic(`small page: one hop ${oneHop.toFixed(1)} ms, three hops ${threeHops.toFixed(1)} ms`)
      t.diagnostic(`2 MB: one hop ${rate(oneHopMB)} Mbit/s, three hops ${rate(threeHopsMB)} Mbit/s`)
      assert.ok(oneHopMB < threeHopsMB, `2 MB: ${oneHopMB} ms against ${threeHopsMB} ms`)
      // Here a hop further costs no distance, so small pages differ by the work of two relays alone.
      assert.ok(oneHop < 1.5 * threeHops, `${oneHop} ms against ${threeHops} ms`)
    })
  })
}
