import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { PaStatusCode } from '../../main/cell/pa.ts'
import { ipToBytes } from '../../main/lib/ip.ts'
import { until } from '../interop/stock-node.ts'
import { admissionTests } from './admission.ts'
import { browsingTests } from './browsing.ts'
import { exitTests } from './exits.ts'
import { IsolatedWorld } from './hosts.ts'
import { ADDRESS, type Lab, PORT, startLab } from './lab.ts'
import { ownerTests } from './owners.ts'

const run = promisify(execFile)
const why = await IsolatedWorld.whyNot()
const interfaces = async () => (await run('ip', ['-o', 'link'])).stdout.split('\n').map(line => line.split(':')[1]?.trim())

describe('in network namespaces of their own', { skip: why, timeout: 240_000 }, () => {
  let lab: Lab
  let interfacesBefore: unknown
  before(async () => {
    interfacesBefore = await interfaces()
    lab = await startLab()
    // Connections that say nothing, a little, or start TLS and stop: they live on beside the tests, the last of which looks at them.
    const { thief } = lab
    for (const port of [PORT.or, PORT.pa]) {
      await thief.hold(ADDRESS.server, port, 10, '')
      await thief.hold(ADDRESS.server, port, 5, '\x16\x03\x01\x02\x00\x01', '\x00')
      await thief.holdTls(ADDRESS.server, port)
    }
    await thief.holdLink(join(lab.folder, 'holder'), ADDRESS.server, PORT.pa)
    await thief.hold(ADDRESS.server, PORT.dir, 10, '')
    await thief.hold(ADDRESS.server, PORT.dir, 5, 'GET /tor/server/authority HTTP/1.0\r\nX: ', 'x')
  })
  after(() => lab?.stop())

  test('nothing leads out: no cable into this machine, no default route, no answer from outside', async () => {
    assert.deepEqual(await interfaces(), interfacesBefore)
    for (const { spawnPrefix, name } of lab.world.hosts) {
      const [file, ...prefix] = spawnPrefix
      for (const family of ['-4', '-6']) {
        const { stdout } = await run(file!, [...prefix, 'ip', family, 'route'])
        assert.doesNotMatch(stdout, /default|\bvia\b/, name)
      }
      await assert.rejects(run(file!, [...prefix, 'ip', 'route', 'get', '8.8.8.8']), /unreachable/i, name)
    }
  })

  admissionTests(() => lab)
  browsingTests(() => lab)
  exitTests(() => lab)
  ownerTests(() => lab)

  test('T8: the proxies and the UI answer on their own computer and to nobody else', async () => {
    for (const port of [PORT.socks, PORT.http, PORT.ui]) {
      assert.equal(await lab.atHome.tryConnect('127.0.0.1', port), 'connected', `port ${port} at home`)
      assert.equal(await lab.atHome.tryConnect(ADDRESS.browser, port), 'ECONNREFUSED', `port ${port} by the public address`)
      assert.equal(await lab.thief.tryConnect(ADDRESS.browser, port), 'ECONNREFUSED', `port ${port} from another host`)
    }
  })

  test('T9: connections that hold a port without getting anywhere are ended', async t => {
    const lives = await until(
      'all are ended',
      async () => {
        const all = await lab.thief.lifetimes()
        return all.every(one => one !== undefined) ? all : undefined
      },
      40_000,
      250,
    )
    const longest = Math.max(...(lives as number[]))
    t.diagnostic(`${lives.length} connections, the longest lived ${(longest / 1000).toFixed(1)} s`)
    assert.ok(longest < 32_000, `${longest} ms`)
  })

  test('T9 T11: who connects again and again gets so many connections and no more, at both doors together; others are let in', async t => {
    const { thief, peers, server } = lab
    const started = performance.now()
    const [atOr, other] = await Promise.all([thief.knock(ADDRESS.server, PORT.or, 150), peers.openLink('good', server.fingerprint)])
    const atPa = await thief.knock(ADDRESS.server, PORT.pa, 50)
    const seconds = (performance.now() - started) / 1000
    t.diagnostic(`150 and 50 connections in ${seconds.toFixed(1)} s: ${atOr} and ${atPa} were taken`)
    assert.ok(atOr >= 30, 'some are')
    // 40 at once, 20 more for each second, of which the first one after them is lost.
    assert.ok(atOr + atPa <= 40 + 20 * seconds, `${atOr} + ${atPa} in ${seconds} s`)
    assert.ok(other.kind === 'admitted', JSON.stringify(other))
    await peers.closeLink(other.link)
  })

  test('S26 S27 T22: nothing that people did, nor from where, is in any file or output; an access log, where one is kept, is encrypted', async () => {
    const planted = 'planted-name.example'
    await lab.dns.setNames({ [planted]: { a: [[ADDRESS.web]] } })
    for (const [country, address] of [
      ['se', ADDRESS.server],
      ['de', ADDRESS.virtual],
    ] as const) {
      assert.equal((await lab.atHome.fetchPage(PORT.socks, country, planted, 80, '/whoami')).text, address)
    }
    const secrets = [planted, 'rebind.example', 'private.example', ADDRESS.web, ADDRESS.thief].flatMap(forms)
    const logs = join(lab.virtual.folder, 'perspective/access-log')
    await until('the log of one of them is written', async () => (await readdir(logs)).length > 0, 10_000)
    for (const app of [lab.server, lab.virtual, lab.browser]) {
      const texts = new Map([['its output', app.log + app.events.map(event => JSON.stringify(event)).join('\n')]])
      for (const entry of await readdir(app.folder, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name)
        if (!entry.isFile()) continue
        // What is being written under another name has that of its file a moment later, and is read by that.
        const text = await readFile(file, 'latin1').catch(error => (error.code === 'ENOENT' ? undefined : Promise.reject(error)))
        if (text !== undefined) texts.set(file, text)
      }
      assert.ok(texts.size > 5)
      for (const [where, text] of texts) for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is in ${where}`)
    }
  })

  test('T14: when the authorities fall silent and the consensus has run out, nobody is admitted and nobody browses', async () => {
    const { network, browser, peers, server } = lab
    await Promise.all(network.authorities.map(authority => authority.stop()))
    await browser.event('locked', event => (event.why as string[]).includes('directory-not-live'), 60_000)
    const refused = await until(
      'the server knows it too',
      async () => {
        const answer = await peers.openLink('good', server.fingerprint)
        return answer.kind === 'refused' && answer.status === PaStatusCode.DIRECTORY_NOT_LIVE ? answer : undefined
      },
      30_000,
      500,
    )
    assert.equal(refused.kind, 'refused')
    const visits = (await lab.web.visitors()).length
    await assert.rejects(lab.atHome.fetchPage(PORT.socks, 'se', ADDRESS.web, 80, '/whoami'), /SOCKS error 2/)
    assert.equal((await lab.web.visitors()).length, visits)
  })
})

/** A name or address as it may be written, as text or (an address) in the bytes of a record. */
function forms(secret: string): string[] {
  const bytes = ipToBytes(secret)
  return [
    ...(bytes ? [Buffer.concat([Buffer.of(0xff, 0xff), bytes]).toString('latin1')] : []),
    secret,
    Buffer.from(secret, 'utf16le').toString('latin1'),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
  ]
}
