import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { AsNumbers } from '../../main/app/as-numbers.ts'
import { RelayRows } from '../../main/app/relay-rows.ts'
import { groupsOf } from '../../main/perspective/peer-groups.ts'
import { packAsNumbers } from '../../tools/as-numbers.mjs'

describe('autonomous systems of addresses', () => {
  let folder: string
  let count = 0
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-as-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const fileOf = async (bytes: Uint8Array) => {
    const path = join(folder, `${++count}.bin`)
    await writeFile(path, bytes)
    return path
  }
  /** As setting up packs it. */
  const packed = async (four: string, six = '') => {
    await writeFile(join(folder, 'package.json'), '{"version":"2.3.2026061719"}')
    await writeFile(join(folder, 'asn-ipv4-num.csv'), four)
    await writeFile(join(folder, 'asn-ipv6-num.csv'), six)
    return packAsNumbers(folder)
  }

  test('the data that is shipped knows well-known addresses of both families, and when it was made', async () => {
    const bytes = packAsNumbers(new URL('../../node_modules/@ip-location-db/asn', import.meta.url).pathname)
    assert.ok(bytes.length < 12e6, `${bytes.length} bytes`)
    const systems = new AsNumbers(await fileOf(bytes))
    for (const [address, number, name] of [
      ['1.1.1.1', 13335, /cloudflare/i],
      ['8.8.8.8', 15169, /google/i],
      ['193.10.7.1', 1653, /sunet/i],
      ['141.20.7.1', 680, /forschungsnetz|dfn/i],
      ['2001:4860:4860::8888', 15169, /google/i],
      ['2606:4700:4700::1111', 13335, /cloudflare/i],
    ] as const) {
      const found = systems.system(address)
      assert.equal(found?.number, number, address)
      assert.match(found!.name, name)
      assert.equal(systems.system(address), found, 'found once')
    }
    for (const address of ['10.0.0.1', '127.0.0.1', '0.0.0.0', '255.255.255.255', '::', '::1', 'fe80::1', 'ff02::1', 'no address']) {
      assert.equal(systems.system(address), undefined, address)
    }
    assert.equal(systems.source, 'ip-location-db asn, 2026-06-17 (RouteViews, NRO, https://db-ip.com; CC BY 4.0)')
  })

  test('ranges end where they end; neighbours join; of overlapping ones the first counts; lines that are none are passed over', async () => {
    // 1.0.0.0–255, 1.0.1.0–255 of one system; a hole; 1.0.3.0–1.0.4.255; inside it a liar; out of order.
    const four = [
      '16778240,16778751,200,"Second, ""quoted"" name"',
      '16777216,16777471,100,First',
      '16777472,16777727,100,First again',
      '16778496,16778500,300,Liar',
      'nonsense',
      '1,2,0,None',
      '3,4,99999999999,Too large',
      '4294967295,4294967295,500,Last',
    ]
    const six = ['42540488161975842760550356425300246528,42540488241204005274814694018844196863,600,Six']
    const systems = new AsNumbers(await fileOf(await packed(four.join('\r\n'), six.join('\n'))))
    const number = (address: string) => systems.system(address)?.number
    assert.equal(number('0.255.255.255'), undefined)
    assert.equal(number('1.0.0.0'), 100)
    assert.equal(number('1.0.1.255'), 100)
    assert.equal(number('1.0.2.0'), undefined)
    assert.equal(number('1.0.3.255'), undefined)
    assert.equal(number('1.0.4.0'), 200)
    assert.equal(number('1.0.5.2'), 200)
    assert.equal(number('1.0.5.255'), 200)
    assert.equal(number('1.0.6.0'), undefined)
    assert.equal(number('255.255.255.254'), undefined)
    assert.equal(number('255.255.255.255'), 500)
    assert.equal(number('2001::1'), 600)
    assert.equal(number('2001:0:0:ffff:ffff:ffff:ffff:ffff'), 600)
    assert.equal(number('2001:1::'), undefined)
    assert.equal(number('2000:ffff::'), undefined)
    assert.equal(systems.system('1.0.4.0')?.name, 'Second, "quoted" name')
    assert.equal(systems.system('1.0.0.0')?.name, 'First')
  })

  test('names are untrusted text: bounded, and nothing in them turns writing around', async () => {
    const wild = `A\u202eevil\u2066\u0007 ${'ü'.repeat(200)}`
    const bytes = await packed(`0,255,1,${wild}\n256,511,2,${'x'.repeat(5000)}\n512,767,3,\n`)
    const systems = new AsNumbers(await fileOf(bytes))
    for (const address of ['0.0.0.1', '0.0.1.1', '0.0.2.1']) {
      const { name } = systems.system(address)!
      assert.ok(name.length <= 100, `${name.length}`)
      assert.doesNotMatch(name, /[\p{Cc}\p{Cf}]/u)
    }
    // The same where the file itself holds such a name, however long it claims to be.
    const forged = Buffer.from(bytes)
    const names = forged.length - forged.readUInt32LE(24)
    forged.write('\u202e\u0000\u2067', names)
    forged.fill(0xff, names - 4 * 3, names)
    const { name } = new AsNumbers(await fileOf(forged)).system('0.0.0.1')!
    assert.ok(name.length <= 100)
    assert.doesNotMatch(name, /[\p{Cc}\u202e\u2067]/u)
  })

  test('a file that is missing, cut short, too long or not one at all gives no answers', async () => {
    const good = await packed('16777216,16777471,100,First\n')
    assert.equal(new AsNumbers(await fileOf(good)).system('1.0.0.1')?.number, 100)
    const changed = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(good)
      change(bytes)
      return bytes
    }
    const wrong = [
      Buffer.alloc(0),
      Buffer.alloc(28),
      good.subarray(0, -1),
      Buffer.concat([good, Buffer.alloc(1)]),
      changed(bytes => bytes.write('XXXX')),
      changed(bytes => bytes.writeUInt32LE(2, 4)),
      changed(bytes => bytes.writeUInt32LE(0, 8)),
      // Counts that are far more than the file has, or add up to it in 32 bits.
      ...[12, 16, 20, 24].map(at => changed(bytes => bytes.writeUInt32LE(0xffffffff, at))),
      changed(bytes => {
        bytes.writeUInt32LE(bytes.readUInt32LE(12) + 0x80000000, 12)
      }),
    ]
    for (const bytes of wrong) {
      const systems = new AsNumbers(await fileOf(bytes))
      assert.equal(systems.system('1.0.0.1'), undefined)
      assert.equal(systems.source, undefined)
    }
    // Systems that are not in the table.
    const outside = changed(bytes => bytes.fill(0xee, 28 + 4 * bytes.readUInt32LE(12), 28 + 8 * bytes.readUInt32LE(12)))
    assert.equal(new AsNumbers(await fileOf(outside)).system('1.0.0.1'), undefined)
    const none = new AsNumbers(join(folder, 'nothing-there'))
    assert.equal(none.system('8.8.8.8'), undefined)
    assert.equal(none.source, undefined)
  })

  test('T4: peers of one system share its quota; where the system is not known, country and prefix stand for it', async () => {
    const systems = new AsNumbers(await fileOf(await packed('16777216,16777471,100,First\n33554432,33554687,100,First\n')))
    const key = (address: string, known = true) => {
      const systemOf = (one: string) => {
        const system = known ? systems.system(one) : undefined
        return system && `AS${system.number}`
      }
      const peer = { fingerprint: 'A'.repeat(40), address, family: [], familyIds: [] }
      const groups = groupsOf(peer, { systemOf, countryOf: () => 'se', descriptor: () => undefined })
      return groups.find(({ kind }) => kind === 'system')!.key
    }
    assert.equal(key('1.0.0.1'), 'system AS100')
    assert.equal(key('2.0.0.1'), 'system AS100')
    assert.equal(key('3.0.0.1'), 'system se 0300')
    assert.equal(key('1.0.0.1', false), 'system se 0100')
  })

  test('relays are shown with the system that announces them, where it is known', async () => {
    const systems = new AsNumbers(await fileOf(await packed('16777216,16777471,100,First\n')))
    const offer = (fingerprint: string, address: string) => ({
      fingerprint,
      country: 'se',
      status: { nickname: 'one', address, flags: new Set(['Running']) },
      descriptor: {
        perspective: { port: 9040, admits: 'stable' },
        perspectivePolicy: 'accept 80',
        bandwidth: { rate: 1, burst: 1, observed: 1 },
        published: 0,
        uptimeSeconds: 0,
      },
    })
    const client = { offers: () => [offer('A'.repeat(40), '1.0.0.1'), offer('B'.repeat(40), '9.0.0.1')], known: () => new Set() }
    const { relays } = new RelayRows(client as never, address => systems.system(address)).read()
    assert.deepEqual(
      relays.map(relay => relay.as),
      [{ number: 100, name: 'First' }, undefined],
    )
  })
})
