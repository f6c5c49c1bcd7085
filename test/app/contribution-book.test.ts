import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ContributionBook, type ContributionCounters, dayOf, EMPTY_SUM } from '../../main/app/contribution-book.ts'
import { contributionCsv } from '../../main/app/contribution-csv.ts'
import { contributionDay, contributionSum, estimatedKwh } from '../../shared/contribution.ts'

const A = 'A'.repeat(40)
const B = 'B'.repeat(40)
const NOON = new Date(2026, 2, 10, 12).getTime()
const DAY = 24 * 3_600_000

const folders: string[] = []
after(() => Promise.all(folders.map(folder => rm(folder, { recursive: true }))))
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vantage-book-'))
  folders.push(folder)
  return folder
}
const open = (folder: string, now = NOON, retention = 400) => ContributionBook.load(folder, { now, retentionDays: () => retention })

const peer = (fingerprint: string, read: number, written: number, streams: number) => ({ fingerprint, read, written, streams })
function counters(n: number, change: Partial<ContributionCounters> = {}): ContributionCounters {
  return {
    or: { read: 1000 * n, written: 1100 * n },
    dir: { read: 10 * n, written: 100 * n },
    served: [peer(A, 20 * n, 200 * n, n)],
    used: [peer(B, 50 * n, 5 * n, n)],
    tor: { read: 30 * n, written: 3 * n, streams: n },
    refused: n,
    circuits: 100 * n,
    cpuSeconds: 1.25 * n,
    ...change,
  }
}

test('what counters grow by goes to the day, peer by peer, and the sums say what was given and taken', async () => {
  const book = await open(await freshFolder())
  assert.deepEqual(book.total, EMPTY_SUM)
  book.begin(NOON)
  book.sample(counters(1), NOON + 5000)
  book.sample(counters(3), NOON + 10_000)
  const today = book.today(NOON)
  assert.deepEqual(today, {
    // Our own use of Tor is no gift to it.
    or: { read: 2910, written: 3291 },
    dir: { read: 30, written: 300 },
    served: { read: 60, written: 600, streams: 3 },
    used: { read: 150, written: 15, streams: 3 },
    tor: { read: 90, written: 9, streams: 3 },
    refused: 3,
    uptimeSeconds: 10,
    circuits: 300,
    cpuSeconds: 4,
    given: 3291 + 300 + 660,
    taken: 165 + 99,
  })
  assert.deepEqual(contributionSum.parse(today), today)
  assert.deepEqual(book.total, today)
  const [day] = book.days()
  assert.deepEqual(contributionDay.parse(day), day)
  assert.deepEqual(day!.servedPeers, [peer(A, 60, 600, 3)])
  assert.deepEqual(day!.usedPeers, [peer(B, 150, 15, 3)])
})

test('days are apart by the clock of this computer, and a new run of the relay begins at nothing', async () => {
  const book = await open(await freshFolder())
  book.begin(NOON)
  book.sample(counters(1), NOON + 1000)
  book.sample(counters(2), NOON + DAY)
  book.end()
  book.begin(NOON + DAY + 1000)
  book.sample(counters(1), NOON + DAY + 2000)
  assert.deepEqual(
    book.days().map(({ day, refused }) => [day, refused]),
    [
      ['2026-03-10', 1],
      ['2026-03-11', 2],
    ],
  )
  assert.equal(book.since, '2026-03-10')
  assert.deepEqual(
    book.days('2026-03-11').map(({ day }) => day),
    ['2026-03-11'],
  )
  assert.deepEqual(
    book.days(undefined, '2026-03-10').map(({ day }) => day),
    ['2026-03-10'],
  )
  assert.equal(dayOf(new Date(2026, 0, 2, 23, 59, 59).getTime()), '2026-01-02')
})

test('time in which the computer slept is not uptime', async () => {
  const book = await open(await freshFolder())
  book.begin(NOON)
  book.sample(counters(1), NOON + 5000)
  book.sample(counters(1), NOON + 5000 + 3 * 3_600_000)
  assert.equal(book.today(NOON).uptimeSeconds, 65)
})

test('the book survives a restart, in one small private file without addresses, names or times of day', async () => {
  const folder = await freshFolder()
  const book = await open(folder)
  book.begin(NOON)
  book.sample(counters(5), NOON + 5000)
  const { days, total } = { days: book.days(), total: book.total }
  await book.save(NOON + 5000)
  assert.deepEqual(await readdir(folder), ['contribution.json'])
  const path = join(folder, 'contribution.json')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  const text = await readFile(path, 'utf8')
  assert.ok(text.length < 1500)
  assert.doesNotMatch(text, /\d+\.\d+\.\d+\.\d+|example|\d\d:\d\d/)
  const again = await open(folder, NOON + DAY)
  assert.deepEqual(again.days(), days)
  assert.deepEqual(again.total, total)
  assert.deepEqual(again.today(NOON + DAY), EMPTY_SUM)
})

test('days beyond the retention go, from the file too; 0 keeps nothing', async () => {
  const folder = await freshFolder()
  let keep = 3
  let passed = 0
  const book = await ContributionBook.load(folder, { now: NOON, retentionDays: () => keep, steady: () => passed })
  book.begin(NOON)
  for (let i = 0; i < 6; i++) {
    passed = i * DAY
    book.sample(counters(i + 1), NOON + passed)
  }
  assert.deepEqual(
    book.days().map(({ day }) => day),
    ['2026-03-13', '2026-03-14', '2026-03-15'],
  )
  keep = 1
  await book.save(NOON + 5 * DAY)
  assert.deepEqual(
    (await open(folder, NOON + 5 * DAY)).days().map(({ day }) => day),
    ['2026-03-15'],
  )
  keep = 0
  book.sample(counters(9), NOON + 5 * DAY + 1000)
  await book.save(NOON + 5 * DAY + 1000)
  assert.deepEqual(book.days(), [])
  assert.doesNotMatch(await readFile(join(folder, 'contribution.json'), 'utf8'), /2026/)
})

test('a clock that is years ahead for a while, at a start or in between, takes no day with it', async () => {
  const folder = await freshFolder()
  let passed = 0
  const load = (now: number) => ContributionBook.load(folder, { now, retentionDays: () => 3, steady: () => passed })
  const book = await load(NOON)
  book.begin(NOON)
  book.sample(counters(1), NOON + 1000)
  const days = () => book.days().map(({ day }) => day)
  const AHEAD = 2000 * DAY
  passed += 5000
  book.sample(counters(2), NOON + AHEAD)
  await book.save(NOON + AHEAD)
  passed += 3_500_000
  book.sample(counters(3), NOON + AHEAD + 3_500_000)
  assert.deepEqual(days(), ['2026-03-10', dayOf(NOON + AHEAD)])
  // Set right again; what was counted on the day that was none stays there.
  book.sample(counters(4), NOON + 3_600_000)
  await book.save(NOON + 3_600_000)
  assert.deepEqual(days(), ['2026-03-10', dayOf(NOON + AHEAD)])
  const wrong = await load(NOON + AHEAD)
  await wrong.save(NOON + AHEAD)
  assert.deepEqual((await load(NOON)).days().length, 2)
  // It was not wrong after all.
  book.sample(counters(5), NOON + AHEAD + passed)
  passed += 2 * DAY
  book.sample(counters(6), NOON + AHEAD + passed)
  assert.deepEqual(days(), [dayOf(NOON + AHEAD), dayOf(NOON + AHEAD + passed)])
})

test('cleared, it is empty here and on the disk, and what was counted before does not come back', async () => {
  const folder = await freshFolder()
  const book = await open(folder)
  book.begin(NOON)
  book.sample(counters(5), NOON + 1000)
  await book.clear(NOON + 1000)
  assert.deepEqual((await open(folder)).days(), [])
  book.sample(counters(6), NOON + 2000)
  assert.equal(book.total.refused, 1)
})

test('many peers of one day are folded: the largest stay, the others become one', async () => {
  const folder = await freshFolder()
  const book = await open(folder)
  book.begin(NOON)
  const many = Array.from({ length: 200 }, (_, i) => peer(i.toString(16).toUpperCase().padStart(40, '0'), i, 0, 1))
  book.sample(counters(1, { served: many }), NOON + 1000)
  const before = book.total.served
  await book.save(NOON + 1000)
  const [day] = (await open(folder)).days()
  assert.equal(day!.servedPeers.length, 25)
  assert.ok(day!.servedPeers.some(({ fingerprint }) => fingerprint === ''))
  assert.deepEqual(day!.served, before)
})

test('a damaged file is put aside with a problem, never overwritten', async () => {
  const folder = await freshFolder()
  await writeFile(join(folder, 'contribution.json'), '{"version":1,"days":{"yesterday":{}}}')
  const book = await open(folder)
  assert.equal(book.problem?.code, 'settings-damaged')
  assert.deepEqual(book.days(), [])
  assert.equal((await readdir(folder)).filter(name => name.startsWith('contribution.damaged-')).length, 1)
})

test('the table has a line per day, kind and relay, and nothing that a spreadsheet could take for a formula', async () => {
  const book = await open(await freshFolder())
  book.begin(NOON)
  book.sample(counters(2, { cpuSeconds: 360 }), NOON + 60_000)
  const days = book.days().map(day => ({ ...day, servedPeers: day.servedPeers.map(one => ({ ...one, nickname: '=cmd' })) }))
  assert.equal(
    contributionCsv(days, 10),
    [
      'day,kind,relay,bytes_in,bytes_out,streams,refused,uptime_seconds,circuits,cpu_seconds,estimated_kwh',
      '2026-03-10,day,,,,,2,60,200,360,0.0010',
      '2026-03-10,or,,1940,2194,,,,,,',
      '2026-03-10,directory,,20,200,,,,,,',
      `2026-03-10,perspective_served,${A},40,400,2,,,,,`,
      `2026-03-10,perspective_used,${B},100,10,2,,,,,`,
      '2026-03-10,tor_used,,60,6,2,,,,,',
      '',
    ].join('\r\n'),
  )
})

test('days of an earlier version stay readable; what they did not count is unknown, not nothing', async () => {
  const folder = await freshFolder()
  const old = { or: [5, 6], dir: [0, 1], tor: [0, 0, 0], refused: 2, up: 3600, served: {}, used: {} }
  await writeFile(join(folder, 'contribution.json'), JSON.stringify({ version: 1, days: { '2026-03-09': old, '2026-03-10': old } }))
  const book = await open(folder)
  assert.equal(book.problem, undefined)
  assert.deepEqual([book.total.circuits, book.total.cpuSeconds], [undefined, undefined])
  assert.match(contributionCsv(book.days(), 10), /^2026-03-09,day,,,,,2,3600,,,\r$/m)
  book.begin(NOON)
  book.sample(counters(1), NOON + 1000)
  await book.save(NOON + 1000)
  const again = await open(folder)
  assert.deepEqual(
    again.days().map(({ day, circuits, cpuSeconds, refused }) => [day, circuits, cpuSeconds, refused]),
    [
      ['2026-03-09', undefined, undefined, 2],
      ['2026-03-10', 100, 1, 3],
    ],
  )
  assert.deepEqual([again.total.circuits, again.total.cpuSeconds], [100, 1])
})

test('energy is reckoned from time and watts alone', () => {
  assert.equal(estimatedKwh(3600, 1000), 1)
  assert.equal(estimatedKwh(0, 10), 0)
})

test('a clock that is set back by a year does not put off the next save for a year', async () => {
  const book = await open(await freshFolder())
  let saves = 0
  book.save = async () => void saves++
  book.sample(counters(5), NOON + 1000)
  assert.equal(saves, 0)
  book.sample(counters(6), NOON - 365 * DAY)
  assert.equal(saves, 1)
})
