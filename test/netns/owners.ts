import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { PaStatusCode } from '../../main/cell/pa.ts'
import { until } from '../interop/stock-node.ts'
import { statusOf } from './admission.ts'
import { dials, endedAt } from './capture.ts'
import { ADDRESS, EMPTY, type Lab, PORT, SMALL } from './lab.ts'
import { assertQuiet, seen } from './quiet.ts'

/** What the owner of the server does about peers, and what its host's packets show of it. */
export function ownerTests(lab: () => Lab): void {
  describe('the owner of the server', () => {
    /** A peer that is admitted, with a stream that never stops pouring. */
    const browsing = async (name: string) => {
      const { peers, server } = lab()
      const admitted = await peers.openLink(name, server.fingerprint)
      assert.ok(admitted.kind === 'admitted', JSON.stringify(admitted))
      const made = await peers.openCircuit(admitted.link)
      assert.ok('circuit' in made)
      await peers.drain(made.circuit, ADDRESS.web, 443)
      await until('it pours', async () => (await peers.drainedBytes(made.circuit)) > 100_000, 10_000, 20)
      return { link: admitted.link, circuit: made.circuit }
    }

    test('S28: a block ends a live session within 2 s, towards the peer and towards the site; from then on it causes no dial and no DNS question', async t => {
      const { peers, server, owner, crowd } = lab()
      const { fingerprint } = crowd.get('good')!
      await owner.openWindow((await server.event('listening', event => typeof event.ui === 'string')).ui as string)
      const { link } = await browsing('good')
      let blockedAt = 0
      const { packets } = await seen(lab(), async () => {
        blockedAt = Date.now()
        await owner.call('blocks.add', { target: `$${fingerprint}`, reason: 'complaint' })
        await until('its admission is taken back', async () => !(await peers.isOpen(link)), 5_000, 20)
      })
      assert.deepEqual((await peers.lost(link))[0], PaStatusCode.BLOCKED)
      const ends = [endedAt(packets, { address: ADDRESS.good, ourPort: PORT.pa }), endedAt(packets, { address: ADDRESS.web, port: 443 })]
      t.diagnostic(`ended ${ends.map(end => end && (end - blockedAt).toFixed(0)).join(' and ')} ms after the owner's call`)
      for (const end of ends) assert.ok(end !== undefined && end - blockedAt < 2000, `${ends} against ${blockedAt}`)
      await owner.call('blocks.remove', { target: `$${fingerprint}` })

      const { ed25519 } = await peers.identityOf('good')
      for (const target of [`$${fingerprint}`, ed25519, `family:$${fingerprint}`, ADDRESS.good, '133.11.0.0/24', '{jp}']) {
        await owner.call('blocks.add', { target })
        const { result, packets } = await seen(lab(), async () => [
          await peers.openLink('good', server.fingerprint),
          await peers.openLink('good', server.fingerprint, 'probe'),
        ])
        assert.deepEqual(result.map(statusOf), [PaStatusCode.BLOCKED, PaStatusCode.BLOCKED], target)
        assertQuiet(lab(), packets, [ADDRESS.good])
        await owner.call('blocks.remove', { target })
      }
      const welcome = await peers.openLink('good', server.fingerprint)
      assert.ok(welcome.kind === 'admitted', JSON.stringify(welcome))
      await peers.closeLink(welcome.link)
      await owner.closeWindow()
    })

    test('T2: keys at work in two places: both ends lose, the owner is told, nothing is resolved or dialled for either', async () => {
      const { peers, server, thief, folder, network, crowd } = lab()
      const { link } = await browsing('near1')
      const stolen = join(folder, 'stolen')
      await peers.copyKeys('near1', stolen)
      const descriptor = await network.descriptor(server.fingerprint)
      const { result, packets } = await seen(lab(), async () => {
        const thiefs = await thief.openLinkAs(stolen, ADDRESS.thief, descriptor)
        await until('the relay itself lost, too', async () => !(await peers.isOpen(link)), 5_000, 20)
        return [thiefs, await peers.openLink('near1', server.fingerprint)]
      })
      assert.deepEqual(result.map(statusOf), [PaStatusCode.ADDRESS_DIFFERS, PaStatusCode.ADDRESS_DIFFERS])
      assert.equal((await peers.lost(link))[0], PaStatusCode.ADDRESS_DIFFERS)
      assert.ok(endedAt(packets, { address: ADDRESS.near1, ourPort: PORT.pa }), 'its link')
      assert.ok(endedAt(packets, { address: ADDRESS.thief, ourPort: PORT.pa }), 'that of the thief')
      assert.ok(endedAt(packets, { address: ADDRESS.web, port: 443 }), 'its stream')
      assertQuiet(lab(), packets, [ADDRESS.near1, ADDRESS.thief])
      await server.event('alarm', event => event.kind === 'two-sources' && event.peer === crowd.get('near1')!.fingerprint, 5_000)
    })
  })

  describe('a peer that scans', () => {
    test('T17: so many destinations and no more are dialled for it; where nobody answers it is blocked, and the owner is told', async t => {
      const { peers, server, crowd } = lab()
      const admitted = await peers.openLink('near2', server.fingerprint)
      assert.ok(admitted.kind === 'admitted', JSON.stringify(admitted))
      const made = await peers.openCircuit(admitted.link)
      assert.ok('circuit' in made)
      const target = (i: number) => EMPTY.replace('.0/24', `.${i}`)
      const { result, packets } = await seen(lab(), async () => {
        const opened = Array.from({ length: 200 }, (_, i) => peers.openStream(made.circuit, target(i + 1), 80).catch(String))
        const outcomes = await Promise.all(opened)
        await until('it is blocked', async () => !(await peers.isOpen(admitted.link)), 5_000, 20)
        return outcomes
      })
      const dialled = new Set(dials(packets).filter(to => to.startsWith(EMPTY.slice(0, 9))))
      t.diagnostic(`200 destinations asked for, ${dialled.size} dialled`)
      assert.ok(dialled.size >= 30 && dialled.size <= 60, `${dialled.size} were dialled`)
      assert.ok(result.every(answer => typeof answer === 'string' || 'refused' in answer))
      assert.equal((await peers.lost(admitted.link))[0], PaStatusCode.BLOCKED)
      const { fingerprint } = crowd.get('near2')!
      await server.event('alarm', event => event.kind === 'scan' && event.peer === fingerprint, 5_000)
      const again = await seen(lab(), () => peers.openLink('near2', server.fingerprint))
      assert.equal(statusOf(again.result), PaStatusCode.BLOCKED)
      assertQuiet(lab(), again.packets, [ADDRESS.near2])
    })
  })

  describe('a small server', () => {
    let links: number[] = []
    const close = async () => {
      for (const link of links.splice(0)) await lab().peers.closeLink(link)
    }

    test('T4: relays of one /24 get what the network has together: the fourth is refused and causes no dial and no DNS question', async () => {
      const { peers, small } = lab()
      await peers.knowing([small.fingerprint], 30_000)
      const capture = await small.host.capture()
      const tested = await capture.mark()
      const answers = await Promise.all(['near1', 'near2', 'near3'].map(name => peers.openLink(name, small.fingerprint)))
      assert.deepEqual(answers.map(statusOf), [PaStatusCode.ADMITTED, PaStatusCode.ADMITTED, PaStatusCode.ADMITTED])
      links = answers.map(answer => (answer as { link: number }).link)
      const before = dials(await capture.since(tested))
      for (const name of ['near1', 'near2', 'near3'] as const) {
        assert.ok(
          before.some(to => to.startsWith(`${ADDRESS[name]}:`)),
          `the capture sees the test of ${name}`,
        )
      }
      const mark = await capture.mark()
      const fourth = await peers.openLink('good', small.fingerprint)
      assert.equal(statusOf(fourth), PaStatusCode.OVER_QUOTA)
      const packets = await capture.since(mark)
      assert.deepEqual(
        dials(packets).filter(to => to.startsWith(`${ADDRESS.good}:`)),
        [],
      )
      assertQuiet(lab(), packets, [ADDRESS.good])
      // Somebody of another network is no worse off for it.
      const other = await peers.openLink('rider', small.fingerprint)
      assert.equal(statusOf(other), PaStatusCode.PA_PORT_UNUSABLE)
      // A place that becomes free is theirs.
      await peers.closeLink(links.pop()!)
      const again = await until(
        'there is room',
        async () => {
          const answer = await peers.openLink('good', small.fingerprint)
          return answer.kind === 'admitted' ? answer : undefined
        },
        5_000,
        100,
      )
      await peers.closeLink(again.link)
      await capture.stop()
    })

    test('S19 T16: saturated by perspectives, its line is Tor’s as before, and they get what is left: bytes of each as captured', async t => {
      const { peers, small, network } = lab()
      t.after(close)
      const { or, pa } = small
      const lines = await small.host.capture(`(tcp and (port ${or} or port ${pa}))`)
      /** Bytes a second that the server sent to its peers in `ms` from now, by class. */
      const rates = async (ms: number): Promise<{ tor: number; perspectives: number }> => {
        const mark = await lines.mark()
        const from = performance.now()
        await new Promise(resolve => setTimeout(resolve, ms))
        const packets = await lines.since(mark)
        const seconds = (performance.now() - from) / 1000
        const sum = (port: number) =>
          packets.filter(({ sent, fromPort }) => sent && fromPort === port).reduce((bytes, { length }) => bytes + length, 0) / seconds
        return { tor: sum(or), perspectives: sum(pa) }
      }
      const say = (what: string, { tor, perspectives }: Awaited<ReturnType<typeof rates>>) =>
        t.diagnostic(`${what}: Tor ${(tor / 1000).toFixed(0)} kB/s, perspectives ${(perspectives / 1000).toFixed(0)} kB/s`)

      const exit = network.relays[1]!.fingerprint
      await peers.knowing([small.fingerprint, exit], 20_000)
      /** Takes through Tor what the line gives; what the bucket had saved up goes first. */
      const pour = async () => {
        const circuit = await peers.buildThrough('good', [small.fingerprint, exit])
        await peers.drain(circuit, ADDRESS.web, 443)
        await until('Tor pours', async () => (await peers.drainedBytes(circuit)) > 2 * SMALL.rate, 20_000, 50)
        return circuit
      }
      // Two circuits: one alone does not always find the whole speed of the line.
      const first = [await pour(), await pour()]
      let alone = await rates(3000)
      // Circuits find their speed in their own time.
      for (let more = 0; more < 5 && alone.tor <= 0.8 * SMALL.rate; more++) alone = await rates(3000)
      say('Tor alone', alone)
      for (const circuit of first) await peers.closeCircuit(circuit)

      const circuits: number[] = []
      for (const link of links) {
        const made = await peers.openCircuit(link)
        assert.ok('circuit' in made)
        for (let i = 0; i < 4; i++) await peers.drain(made.circuit, ADDRESS.web, 443)
        circuits.push(made.circuit)
      }
      const poured = async () => (await Promise.all(circuits.map(circuit => peers.drainedBytes(circuit)))).reduce((a, b) => a + b)
      await until('perspectives pour', async () => (await poured()) > SMALL.rate, 20_000, 50)
      const left = await rates(3000)
      say('perspectives alone', left)

      await pour()
      await pour()
      const both = await rates(4000)
      say('both', both)
      await lines.stop()

      assert.ok(alone.tor > 0.8 * SMALL.rate, `Tor alone fills the line: ${alone.tor} of ${SMALL.rate} bytes a second`)
      assert.ok(left.perspectives > 0.2 * SMALL.rate && left.perspectives < 0.7 * SMALL.rate, 'perspectives alone have about half of it')
      assert.ok(both.tor > 0.9 * alone.tor, 'Tor has it as if they were not there')
      assert.ok(both.tor + both.perspectives < 1.1 * SMALL.rate, 'and the line is not overdrawn')
    })
  })
}
