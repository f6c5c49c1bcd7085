import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Accounting, capMargin, monthOf } from '../../main/app/accounting.ts'

const local = (year: number, month: number, day: number, hour = 0) => new Date(year, month - 1, day, hour).getTime()
const GB = 1e9
let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-accounting-'))
})
after(() => rm(folder, { recursive: true }))
let count = 0
const fresh = () => join(folder, String(++count))

async function load(at: number, where: string, startDay = 1): Promise<Accounting> {
  await import('node:fs/promises').then(({ mkdir }) => mkdir(where, { recursive: true }))
  return Accounting.load(where, { now: at, startDay })
}

describe('a month', () => {
  test('goes from its day to the same day of the next month, at midnight', () => {
    assert.deepEqual(monthOf(local(2026, 7, 15, 12), 1), { since: local(2026, 7, 1), resetsAt: local(2026, 8, 1) })
    assert.deepEqual(monthOf(local(2026, 7, 15, 12), 28), { since: local(2026, 6, 28), resetsAt: local(2026, 7, 28) })
    assert.deepEqual(monthOf(local(2026, 7, 15), 15), { since: local(2026, 7, 15), resetsAt: local(2026, 8, 15) })
    assert.deepEqual(monthOf(local(2026, 1, 3), 10), { since: local(2025, 12, 10), resetsAt: local(2026, 1, 10) })
    assert.deepEqual(monthOf(local(2026, 2, 28, 23), 28), { since: local(2026, 2, 28), resetsAt: local(2026, 3, 28) })
  })
})

describe('accounting', () => {
  test('counts each run from nothing, never backwards, and survives a restart', async () => {
    const where = fresh()
    const now = local(2026, 7, 15)
    const first = await load(now, where)
    first.begin()
    first.count(3 * GB, now)
    first.count(5 * GB, now + 1000)
    first.count(4 * GB, now + 2000)
    first.begin()
    first.count(GB, now + 3000)
    assert.equal(first.volume(now).used, 6 * GB)
    await first.save(now)
    const again = await load(now + 60_000, where)
    assert.deepEqual(again.volume(now), { used: 6 * GB, since: local(2026, 7, 1), resetsAt: local(2026, 8, 1) })
  })

  test('begins anew with the month', async () => {
    const accounting = await load(local(2026, 7, 31, 23), fresh())
    accounting.count(7 * GB, local(2026, 7, 31, 23))
    accounting.count(8 * GB, local(2026, 8, 1, 1))
    assert.equal(accounting.volume(local(2026, 8, 1, 1)).used, GB)
  })

  test('a clock that is set forth and back again finds the month’s count as it was', async () => {
    const where = fresh()
    const now = local(2026, 7, 15)
    const accounting = await load(now, where)
    accounting.count(9 * GB, now)
    for (const wrong of [local(2031, 1, 1), local(1999, 12, 31), local(2026, 9, 9)]) {
      accounting.count(9 * GB, wrong)
      assert.equal(accounting.volume(wrong).used, 0)
    }
    await accounting.save(now)
    const again = await load(now, where)
    assert.equal(again.volume(now).used, 9 * GB, 'also over a restart')
    assert.equal(accounting.volume(now).used, 9 * GB)
  })

  test('another start day takes the count along', async () => {
    const now = local(2026, 7, 15)
    const accounting = await load(now, fresh())
    accounting.count(2 * GB, now)
    accounting.setStartDay(20, now)
    assert.deepEqual(accounting.volume(now), { used: 2 * GB, since: local(2026, 6, 20), resetsAt: local(2026, 7, 20) })
  })

  test('another time zone is the same month', async () => {
    const zone = process.env['TZ']
    process.env['TZ'] = 'Pacific/Auckland'
    const now = Date.UTC(2026, 6, 15)
    const accounting = await load(now, fresh())
    accounting.count(2 * GB, now)
    process.env['TZ'] = 'America/Los_Angeles'
    assert.equal(accounting.volume(now).used, 2 * GB)
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })

  test('a damaged file is put aside and told; hostile numbers in it are damage', async () => {
    for (const text of [
      '{',
      '{"current":{"since":0,"bytes":-5}}',
      '{"current":{"since":"x","bytes":1}}',
      `{"others":${JSON.stringify(Array(9).fill({ since: 0, bytes: 0 }))}}`,
    ]) {
      const where = fresh()
      await load(0, where)
      await writeFile(join(where, 'accounting.json'), text)
      const accounting = await load(local(2026, 7, 15), where)
      assert.equal(accounting.problem?.code, 'settings-damaged', text)
      assert.equal(accounting.volume(local(2026, 7, 15)).used, 0)
      assert.ok((await readdir(where)).some(name => name.startsWith('accounting.damaged-')))
    }
  })

  test('is saved by itself while it grows', async () => {
    const where = fresh()
    const now = local(2026, 7, 15)
    const accounting = await load(now, where)
    accounting.count(GB, now + 31_000)
    await accounting.save(now)
    assert.match(await readFile(join(where, 'accounting.json'), 'utf8'), /1000000000/)
  })

  test('the relay rests short of the cap, by what ten seconds carry, and by no more than a hundredth', () => {
    assert.equal(capMargin(1e12, 1_250_000), 25_000_000)
    assert.equal(capMargin(1e9, 1_250_000), 10_000_000)
  })
})
