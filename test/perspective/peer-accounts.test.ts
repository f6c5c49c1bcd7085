import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { PeerAccounts } from '../../main/perspective/peer-accounts.ts'
import { groupsOf } from '../../main/perspective/peer-groups.ts'
import { DEFAULT_PERSPECTIVE_LIMITS } from '../../main/perspective/perspective-limits.ts'
import { quotaFactor, UsefulnessBook } from '../../main/perspective/usefulness.ts'

const limits = DEFAULT_PERSPECTIVE_LIMITS
const DAY = 24 * 3_600_000
const fp = (n: number) => n.toString(16).padStart(40, '0').toUpperCase()
const key = { kind: 'address', key: 'address 01020304' } as const

describe('T4: groups share quotas', () => {
  const sources = { countryOf: () => 'se', descriptor: () => undefined }
  const keys = (address: string, more: object = {}) =>
    groupsOf({ fingerprint: fp(1), address, family: [], familyIds: [], ...more }, { ...sources, ...more }).map(group => group.key)

  test('by address, network and system', () => {
    assert.deepEqual(keys('93.184.216.34'), ['address 5db8d822', 'network 5db8d8', 'system se 5db8'])
    assert.deepEqual(keys('2606:2800:220:1::1'), ['address 2606280002200001', 'network 260628000220', 'system se 26062800'])
    assert.deepEqual(keys('93.184.216.34', { systemOf: () => 'AS15133' }).at(-1), 'system AS15133')
  })
  test('addresses of test networks make none', () => assert.deepEqual(keys('127.0.0.1'), []))
  test('a family counts when both sides declare it, and has the same key for all of them', () => {
    const families: Record<string, string[]> = { [fp(1)]: [`$${fp(2)}=nick`, `$${fp(3)}`], [fp(2)]: [`$${fp(1)}`], [fp(3)]: ['nick'] }
    const of = (n: number) =>
      groupsOf(
        { fingerprint: fp(n), address: '127.0.0.1', family: families[fp(n)]!, familyIds: [] },
        { ...sources, descriptor: name => (families[name] ? { family: families[name] } : undefined) },
      ).map(group => group.key)
    assert.deepEqual(of(1), [`family ${fp(1)}`])
    assert.deepEqual(of(2), [`family ${fp(1)}`])
    assert.deepEqual(of(3), [])
    assert.deepEqual(keys('127.0.0.1', { familyIds: ['ed25519:abc'] }), ['family ed25519:abc'])
  })
})

describe('T11: accounts', () => {
  test('many identities behind one address have no more than its shares, but each has a little for nothing', () => {
    const accounts = new PeerAccounts(() => limits)
    const all = Array.from({ length: 20 }, (_, i) => accounts.of(fp(i), [key], 1, 0))
    const links = all.flatMap(account => [account.takeLink(), account.takeLink()]).filter(over => over === undefined)
    assert.equal(links.length, limits.groups.address * limits.quota.links)
    // Each uses up the free part, then all of them together the group's.
    for (const account of all) account.spend(limits.freeBytesPerDay, 0)
    for (const account of all) account.spend(limits.quota.bytesPerDay / 5 - 1, 1000)
    assert.equal(all[0]!.overDay(2000)?.what, undefined)
    assert.equal(accounts.of(fp(99), [key], 1, 2000).overDay(2000), undefined, 'a newcomer has its free part')
    for (const account of all) account.spend(1, 3000)
    assert.equal(all[0]!.overDay(3000)?.what, 'bytes of the day')
    assert.equal(all[0]!.overDay(DAY + 3000), undefined)
  })

  test('hanging up refills nothing; a day later it is full again', () => {
    const accounts = new PeerAccounts(() => limits)
    const quotaBytes = limits.quota.bytesPerDay
    accounts.of(fp(1), [], 1, 0).spend(quotaBytes, 0)
    const again = accounts.of(fp(1), [], 1, 60_000)
    assert.deepEqual(again.overDay(60_000), { what: 'bytes of the day', retryAfter: 86_340 })
    assert.equal(again.overDay(DAY), undefined)
  })

  test('rates say when to come again', () => {
    const account = new PeerAccounts(() => limits).of(fp(1), [], 1, 0)
    let made = 0
    while (!account.takeStream(0)) made++
    assert.equal(made, 100)
    for (let i = 0; i < made; i++) account.giveStream()
    assert.deepEqual(account.takeStream(0), { what: 'stream rate', retryAfter: 1 })
    assert.equal(account.takeStream(50), undefined)
    assert.equal(account.holds.streams, 1)
  })

  test('a peer that was refused holds nothing of its group', () => {
    const accounts = new PeerAccounts(() => ({ ...limits, groups: { ...limits.groups, address: 0.5 } }))
    const [a, b] = [accounts.of(fp(1), [key], 1, 0), accounts.of(fp(2), [key], 1, 0)]
    assert.equal(a.takeLink(), undefined)
    assert.equal(b.takeLink()?.what, 'links')
    a.giveLink()
    assert.equal(b.takeLink(), undefined)
  })
})

describe('usefulness', () => {
  const factor = (days: number, passed: number, failed: number, ...flags: string[]) =>
    quotaFactor({ listedMs: days * DAY, passed, failed, flags: new Set(flags) }, limits)
  test('a newcomer has a quarter, a long useful peer four times', () => {
    assert.equal(factor(0, 0, 0), 0.25)
    assert.ok(Math.abs(factor(30, 100, 0, 'Fast', 'Stable', 'Guard', 'HSDir', 'V2Dir') - 4) < 1e-9)
    assert.ok(Math.abs(factor(400, 1e6, 0, 'Fast', 'Stable', 'Guard', 'HSDir', 'V2Dir', 'Exit', 'Authority') - 4) < 1e-9)
  })
  test('grows with what we measured, and shrinks with failed tests', () => {
    assert.ok(factor(1, 1, 0) > factor(0, 0, 0))
    assert.ok(factor(10, 50, 0) > factor(10, 25, 25))
    assert.ok(factor(10, 50, 0, 'Fast') > factor(10, 50, 0))
  })

  test('is remembered over a restart; a damaged file only makes everybody new', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'useful-'))
    try {
      const file = join(folder, 'peers')
      let now = 1_000_000
      const book = new UsefulnessBook({ file, now: () => now })
      book.note(fp(1), true)
      now += DAY
      book.note(fp(1), false)
      book.note(fp(2))
      await book.save()
      const again = new UsefulnessBook({ file, now: () => now })
      await again.load()
      assert.deepEqual(again.of(fp(1)), { listedMs: DAY, passed: 1, failed: 1 })
      assert.deepEqual(again.of(fp(2)), { listedMs: 0, passed: 0, failed: 0 })
      const setBack = new UsefulnessBook({ file, now: () => now - 365 * DAY })
      await setBack.load()
      setBack.note(fp(2))
      await setBack.save()
      const setRight = new UsefulnessBook({ file, now: () => now })
      await setRight.load()
      assert.deepEqual(setRight.of(fp(1)), { listedMs: DAY, passed: 1, failed: 1 }, 'a clock that was wrong for a while forgets nobody')
      now += 91 * DAY
      await again.load()
      again.note(fp(1), true)
      assert.deepEqual(again.of(fp(1)), { listedMs: 0, passed: 1, failed: 0 })
      for (const damaged of [
        '\0\0',
        `${fp(1)} 9 9 9 99999999999999\n`,
        `${fp(1)} 9 9 9 8\n`,
        `${fp(1)} 5 1 1 1\n`,
        'x'.repeat(2_000_000),
      ]) {
        await writeFile(file, damaged)
        const fresh = new UsefulnessBook({ file, now: () => now })
        await fresh.load()
        assert.deepEqual(fresh.of(fp(1)), { listedMs: 0, passed: 0, failed: 0 })
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
