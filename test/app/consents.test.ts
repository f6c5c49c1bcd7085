import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { NetworkInterfaceInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CONSENT_VERSIONS, Consents } from '../../main/app/consents.ts'
import { localNetworks } from '../../main/app/known-networks.ts'
import { appState } from '../../shared/state.ts'

const NOW = 1_780_000_000_000
const BOTH = { relay: true, perspective: true }
const { relay: RELAY, perspective: SHARING } = CONSENT_VERSIONS

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-consents-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function stored(value: unknown): Promise<void> {
  await writeFile(join(folder, 'consents.json'), JSON.stringify(value))
}

describe('consents', () => {
  test('nothing is given before it is given, and what is given has its own version and its date, also after a restart', async () => {
    await stored({})
    const consents = await Consents.load(folder, NOW)
    assert.deepEqual(consents.section, { relay: undefined, perspective: undefined, outdated: undefined, elsewhere: undefined })
    await consents.set(BOTH, NOW)
    const again = await Consents.load(folder, NOW + 1)
    assert.deepEqual(again.current, { relay: { version: RELAY, at: NOW }, perspective: { version: SHARING, at: NOW } })
    appState.shape.consents.parse(again.section)
  })

  test('a consent that stands keeps its date; withdrawing the relay withdraws both', async () => {
    const consents = await Consents.load(folder, NOW)
    await consents.set(BOTH, NOW + 5)
    assert.equal(consents.current.perspective?.at, NOW)
    await consents.set({ relay: false, perspective: true }, NOW + 6)
    assert.deepEqual(consents.current, { relay: undefined, perspective: undefined })
    assert.deepEqual((await Consents.load(folder, NOW)).current, consents.current)
  })

  test('whoever agrees and withdraws at once has withdrawn, also after a restart', async () => {
    for (let round = 0; round < 40; round++) {
      const consents = await Consents.load(folder, NOW)
      await Promise.all([consents.set(BOTH, NOW), consents.set(BOTH, NOW), consents.set({ relay: false, perspective: false }, NOW)])
      assert.deepEqual(consents.current, { relay: undefined, perspective: undefined })
      assert.deepEqual((await Consents.load(folder, NOW)).current, consents.current)
    }
  })

  test('an agreement to the shorter text of sharing is asked again and says since when; being a relay is not', async () => {
    await stored({ relay: { version: 1, at: NOW - 9 }, perspective: { version: 1, at: NOW - 8 } })
    const consents = await Consents.load(folder, NOW)
    assert.deepEqual(consents.current, { relay: { version: 1, at: NOW - 9 }, perspective: undefined })
    assert.deepEqual(consents.section.outdated, { relay: undefined, perspective: { version: 1, at: NOW - 8 } })
    await consents.set(BOTH, NOW)
    assert.deepEqual(consents.current.relay, { version: 1, at: NOW - 9 }, 'was not asked again')
    assert.deepEqual(consents.current.perspective, { version: SHARING, at: NOW })
    assert.equal(consents.section.outdated, undefined)
  })

  test('whoever answers "do not share" is not asked again', async () => {
    await stored({ relay: { version: 1, at: NOW - 9 }, perspective: { version: 1, at: NOW - 8 } })
    const consents = await Consents.load(folder, NOW)
    await consents.set({ relay: true, perspective: false }, NOW)
    const { section } = await Consents.load(folder, NOW)
    assert.deepEqual([section.outdated, section.perspective], [undefined, undefined])
  })

  test('an agreement to a text that this version does not know counts for nothing', async () => {
    await stored({ relay: { version: RELAY + 1, at: NOW }, perspective: { version: SHARING + 1, at: NOW } })
    const { current, section } = await Consents.load(folder, NOW)
    assert.deepEqual([current.relay, current.perspective, section.outdated], [undefined, undefined, undefined])
  })

  test('a file full of nonsense is put aside and everything is asked anew', async () => {
    await writeFile(join(folder, 'consents.json'), '{"relay":{"version":"1"')
    const consents = await Consents.load(folder, NOW)
    assert.equal(consents.problem?.code, 'settings-damaged')
    assert.equal(consents.current.relay, undefined)
  })
})

describe('sharing on another line', () => {
  test('is noticed where no network is one that was agreed in; agreeing there adds it; the older one stays known', async () => {
    await stored({})
    let networks = ['192.168.178.0/24']
    const load = () => Consents.load(folder, NOW, () => networks)
    const consents = await load()
    await consents.set(BOTH, NOW)
    assert.equal(consents.section.elsewhere, undefined)
    networks = ['10.20.0.0/16']
    const moved = await load()
    assert.deepEqual(moved.section.elsewhere, { agreed: ['192.168.178.0/24'], now: ['10.20.0.0/16'] })
    appState.shape.consents.parse(moved.section)
    assert.ok(moved.current.perspective, 'a notice, not a withdrawal')
    await moved.set(BOTH, NOW + 1)
    assert.equal(moved.section.elsewhere, undefined)
    assert.equal(moved.current.perspective?.at, NOW)
    networks = ['192.168.178.0/24']
    assert.equal((await load()).section.elsewhere, undefined)
  })

  test('is not claimed where nothing is known: no private network then, none now, or no sharing', async () => {
    await stored({ relay: { version: RELAY, at: NOW }, perspective: { version: SHARING, at: NOW } })
    assert.equal((await Consents.load(folder, NOW, () => ['10.0.0.0/8'])).section.elsewhere, undefined)
    await stored({ relay: { version: RELAY, at: NOW }, perspective: { version: SHARING, at: NOW, networks: ['10.0.0.0/8'] } })
    assert.equal((await Consents.load(folder, NOW, () => [])).section.elsewhere, undefined)
    await stored({ relay: { version: RELAY, at: NOW } })
    assert.equal((await Consents.load(folder, NOW, () => ['10.0.0.0/8'])).section.elsewhere, undefined)
  })

  test('never keeps more than twenty networks', async () => {
    await stored({})
    let n = 0
    const consents = await Consents.load(folder, NOW, () => [`10.${n++}.0.0/16`])
    for (let i = 0; i < 30; i++) await consents.set(BOTH, NOW)
    const { perspective } = JSON.parse(await readFile(join(folder, 'consents.json'), 'utf8'))
    assert.equal(perspective.networks.length, 20)
    assert.equal((await Consents.load(folder, NOW)).problem, undefined)
  })

  test('looks at private networks of real interfaces only: no loopback, tunnel, container or public address', () => {
    const at = (cidr: string, internal = false): NetworkInterfaceInfo[] => [
      { address: cidr.split('/')[0]!, netmask: '', family: 'IPv4', mac: '', internal, cidr },
    ]
    const six: NetworkInterfaceInfo = {
      address: 'fd00::2',
      netmask: '',
      family: 'IPv6',
      mac: '',
      internal: false,
      cidr: 'fd00::2/64',
      scopeid: 0,
    }
    const networks = localNetworks({
      lo: at('127.0.0.1/8', true),
      wlan0: [...at('192.168.178.23/24'), six],
      eth0: at('172.31.7.9/20'),
      tun0: at('10.8.0.2/24'),
      docker0: at('172.17.0.1/16'),
      ppp0: at('198.51.100.4/32'),
      eth1: at('203.0.113.4/24'),
      gone: undefined,
    })
    assert.deepEqual(networks, ['172.31.0.0/20', '192.168.178.0/24'])
  })
})
