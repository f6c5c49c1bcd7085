import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { PaStatusCode } from '../../main/cell/pa.ts'
import { flagsOf } from '../interop/stock-network.ts'
import { until } from '../interop/stock-node.ts'
import { dials } from './capture.ts'
import { ADDRESS, type Lab, type PeerName, PORT, STABLE } from './lab.ts'
import type { LinkAnswer } from './peers.ts'
import { assertQuiet, seen } from './quiet.ts'

export function statusOf(answer: LinkAnswer): number | string {
  if (answer.kind === 'admitted') return PaStatusCode.ADMITTED
  return answer.kind === 'refused' ? answer.status : answer.reason
}

/** Who is let in at a perspective door, and what a door does for those who are not: nothing. */
export function admissionTests(lab: () => Lab): void {
  describe('at the doors', () => {
    test('S15 S14: a relay that is listed since a moment is refused where Stable is asked for, and admitted where Running is enough', async t => {
      const { peers, server, virtual, startPeer } = lab()
      const { fingerprint } = await startPeer('late')
      const started = Date.now()
      const answer = (server: string) =>
        until(
          'a server knows the newcomer',
          async () => {
            const status = statusOf(await peers.openLink('late', server))
            return status === PaStatusCode.NOT_LISTED || status === PaStatusCode.BUSY ? undefined : { status }
          },
          30_000,
          500,
        )
      const { result: first, packets } = await seen(lab(), async () => {
        await peers.knowing([server.fingerprint, fingerprint], 30_000)
        return answer(server.fingerprint)
      })
      t.diagnostic(
        `listed and known to the server ${((Date.now() - started) / 1000).toFixed(1)} s after its start, at a consensus every 10 s`,
      )
      assert.equal(first.status, PaStatusCode.NOT_STABLE)
      assert.ok(Date.now() - started < 30_000, 'within three consensuses')
      assertQuiet(lab(), packets, [ADDRESS.late])
      assert.equal((await answer(virtual.fingerprint)).status, PaStatusCode.ADMITTED)
    })

    test('S15: from a certain uptime on relays are Stable, and stay so', async () => {
      const { network, peers, server, virtual, browser, crowd, listedAt } = lab()
      const old = [server, virtual, browser, ...[...crowd].filter(([name]) => name !== 'late').map(([, peer]) => peer)]
      const text = await network.consensusWhere(consensus => {
        const validAfter = Date.parse(`${/^valid-after (.+)$/m.exec(consensus)![1]}Z`)
        return validAfter > listedAt + STABLE * 1000 && old.every(({ fingerprint }) => flagsOf(consensus, fingerprint)?.includes('Stable'))
      }, 60_000)
      assert.ok(text)
      // The same consensus tells the server of everybody.
      const { link } = await until(
        'the server has it',
        async () => {
          const answer = await peers.openLink('good', server.fingerprint)
          return answer.kind === 'admitted' ? answer : undefined
        },
        30_000,
        500,
      )
      await peers.closeLink(link)
    })

    test('S6 T1: a stranger with keys of its own is refused within a second; nothing is resolved or dialled', async () => {
      const descriptor = await lab().network.descriptor(lab().server.fingerprint)
      const { result, packets } = await seen(lab(), () => lab().thief.openLinkAs(join(lab().folder, 'stranger'), ADDRESS.thief, descriptor))
      assert.equal(statusOf(result), PaStatusCode.NOT_LISTED)
      assert.ok(result.ms < 1000, `${result.ms} ms`)
      assertQuiet(lab(), packets, [ADDRESS.thief])
    })

    test('S25 T1: who proves nothing is refused; nothing is resolved or dialled', async () => {
      const descriptor = await lab().network.descriptor(lab().server.fingerprint)
      const { result, packets } = await seen(lab(), () => lab().thief.openLinkAs(undefined, ADDRESS.thief, descriptor))
      assert.equal(statusOf(result), PaStatusCode.NOT_AUTHENTICATED)
      assertQuiet(lab(), packets, [ADDRESS.thief])
    })

    test('T2: the keys of a listed relay, rented or stolen, open nothing from another address, and the relay itself stays welcome', async () => {
      const rented = join(lab().folder, 'rented')
      await cp(join(lab().browser.folder, 'keys'), rented, { recursive: true })
      for (const door of [lab().server, lab().virtual]) {
        const descriptor = await lab().network.descriptor(door.fingerprint)
        const { result, packets } = await seen(lab(), () => lab().thief.openLinkAs(rented, ADDRESS.thief, descriptor))
        assert.equal(statusOf(result), PaStatusCode.ADDRESS_DIFFERS)
        assertQuiet(lab(), packets, [ADDRESS.thief])
      }
      const page = await lab().atHome.fetchPage(PORT.socks, 'de', ADDRESS.web, 80, '/whoami')
      assert.equal(page.text, ADDRESS.virtual)
    })

    test('S25 T12: certificates without the key behind them, and an AUTHENTICATE of another link, end the connection', async () => {
      const { peers, thief, folder } = lab()
      const evil = await thief.listenForProofs(join(folder, 'evil'), ADDRESS.thief, 9001)
      await peers.proveTo('good', { ...evil, address: ADDRESS.thief, port: 9001 })
      await until('the proof was recorded', () => thief.hasLoot(), 5_000)
      const victim = join(folder, 'victim')
      await cp(join(lab().browser.folder, 'keys'), victim, { recursive: true })
      for (const port of [PORT.pa, PORT.or]) {
        for (const way of ['replayed', 'forged'] as const) {
          const { result, packets } = await seen(lab(), () => thief.impersonate(ADDRESS.server, port, way, ADDRESS.thief, victim))
          assert.ok('closed' in result, `${way} at ${port}: ${JSON.stringify(result)}`)
          assertQuiet(lab(), packets, [ADDRESS.thief])
        }
      }
    })

    const doors: [PeerName, number][] = [
      ['closedOr', PaStatusCode.OR_PORT_UNUSABLE],
      ['closedDir', PaStatusCode.DIR_PORT_UNUSABLE],
      ['closedPa', PaStatusCode.PA_PORT_UNUSABLE],
      ['rider', PaStatusCode.PA_PORT_UNUSABLE],
    ]
    test('S8 S23 T3 T5: each closed port, and a PAPort that lets nothing out, is found by the test, which dials listed ports of the caller alone', async () => {
      const { peers, server, crowd } = lab()
      for (const door of ['or', 'dir', 'pa'] as const) await peers.closeDoor(`closed${door[0]!.toUpperCase()}${door.slice(1)}`, door)
      for (const [name, status] of doors) {
        const { result, packets } = await seen(lab(), () => peers.openLink(name, server.fingerprint))
        assert.equal(statusOf(result), status, name)
        const { or, dir, pa } = crowd.get(name)!
        const listed = [or, dir, pa].map(port => `${ADDRESS[name]}:${port}`)
        const calls = dials(packets).filter(to => to.startsWith(`${ADDRESS[name]}:`))
        assert.ok(calls.length > 0, `${name} was tested`)
        assert.deepEqual(
          calls.filter(to => !listed.includes(to)),
          [],
        )
        // A failure is believed for a while: calling again tests nothing.
        const again = await seen(lab(), () => peers.openLink(name, server.fingerprint))
        assert.equal(statusOf(again.result), status, name)
        assertQuiet(lab(), again.packets, [ADDRESS[name]])
      }
    })

    test('T3: a storm of probes by one relay is answered once, and tests nobody', async () => {
      const { peers, server } = lab()
      const { result, packets } = await seen(lab(), async () => {
        const statuses: (number | string)[] = []
        for (let i = 0; i < 10; i++) statuses.push(statusOf(await peers.openLink('good', server.fingerprint, 'probe')))
        return statuses
      })
      assert.ok(result.filter(status => status === PaStatusCode.ADMITTED).length <= 1, String(result))
      assert.ok(result.filter(status => status === PaStatusCode.OVER_QUOTA).length >= 9, String(result))
      assertQuiet(lab(), packets, [ADDRESS.good])
    })

    test('S7 S24: a relay that the authorities reject loses its admission at the next consensus; its link to the ORPort stays', async () => {
      const { peers, virtual, network, crowd, web } = lab()
      const admitted = await peers.openLink('late', virtual.fingerprint)
      assert.equal(admitted.kind, 'admitted')
      const { link } = admitted as { link: number }
      const circuit = await peers.openCircuit(link)
      assert.ok('circuit' in circuit)
      const line = `!reject ${crowd.get('late')!.fingerprint}\n`
      for (const { folder, control } of network.authorities) {
        const file = join(folder, 'approved-routers')
        await writeFile(file, `${await readFile(file, 'utf8').catch(() => '')}${line}`)
        await control.command('SIGNAL RELOAD')
      }
      await until('its admission is taken back', async () => (await peers.lost(link)).length > 0, 30_000, 250)
      assert.deepEqual(await peers.lost(link), [PaStatusCode.NOT_LISTED])
      assert.equal(await peers.isOpen(link), true)
      const visits = (await web.visitors()).length
      assert.ok('refused' in (await peers.openStream(circuit.circuit, ADDRESS.web, 80, '/whoami')))
      assert.equal((await web.visitors()).length, visits, 'what was a perspective circuit is none any more')
      assert.equal(statusOf(await peers.openLink('late', virtual.fingerprint)), PaStatusCode.NOT_LISTED)
      await peers.closeLink(link)
    })
  })
}
