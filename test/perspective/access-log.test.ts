import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { parseCidr } from '../../main/lib/ip.ts'
import { silentLog } from '../../main/lib/log.ts'
import { AccessLog } from '../../main/perspective/access-log.ts'
import {
  type AccessRecord,
  decodeSegment,
  encodePeer,
  encodeSegmentHeader,
  encodeStream,
  HOUR_MS,
} from '../../main/perspective/access-record.ts'
import { formatCsv, searchLog, suspectsOf } from '../../main/perspective/access-search.ts'

const START = Date.parse('2026-11-22T12:10:00Z')
const peer = (n: number) => n.toString(16).padStart(2, '0').repeat(20).toUpperCase()

function record(change: Partial<AccessRecord> = {}): AccessRecord {
  return {
    endedAt: START,
    durationMs: 1500,
    peer: peer(1),
    address: '93.184.216.34',
    port: 443,
    reason: 6,
    bytesIn: 1234,
    bytesOut: 5_000_000_000,
    ...change,
  }
}

describe('the access log', () => {
  let parent: string
  let folder: string
  let now = START
  const logs: AccessLog[] = []
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'access-'))
    folder = join(parent, 'log')
    now = START
  })
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.stop()
    await rm(parent, { recursive: true })
  })
  /** Nothing happens by itself: tests flush and sweep. */
  async function open(hours = 24, change: { truncate?: boolean; maxBytes?: number } = {}): Promise<AccessLog> {
    const log = new AccessLog({ folder, now: () => now, log: silentLog, flushMs: 1e9, sweepMs: 1e9, maxBytes: change.maxBytes })
    logs.push(log)
    await log.configure({ hours, truncate: change.truncate ?? false })
    await log.start()
    return log
  }
  const onDisk = async () => readdir(folder).catch(() => [])
  async function all(log: AccessLog): Promise<AccessRecord[]> {
    const found: AccessRecord[] = []
    for await (const one of log.records()) found.push(one)
    return found
  }

  test('S26: is off by default and then leaves nothing on disk', async () => {
    const log = new AccessLog({ folder, now: () => now, log: silentLog })
    await log.start()
    logs.push(log)
    for (let i = 0; i < 100; i++) log.add(record())
    await log.flush()
    assert.deepEqual(await onDisk(), [])
  })

  test('S26: costs at most 40 bytes a stream, and gives back what went in', async () => {
    const log = await open()
    const streams = Array.from({ length: 1000 }, (_, i) =>
      record({
        peer: peer(i % 8),
        endedAt: START + i * 1000,
        port: 1 + i,
        address: i % 3 ? `198.51.100.${i % 256}` : `2001:db8::${(i + 1).toString(16)}`,
      }),
    )
    for (const stream of streams) log.add(stream)
    await log.flush()
    const sizes = await Promise.all((await onDisk()).map(async name => (await stat(join(folder, name))).size))
    const bytes = sizes.reduce((a, b) => a + b)
    assert.ok(bytes / streams.length <= 40, `${bytes / streams.length} bytes a stream`)
    assert.equal(log.bytes, bytes)
    assert.deepEqual(await all(log), streams)
    for (const name of await onDisk()) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600)
  })

  test('S27: what is older than the owner wants is gone from the disk', async () => {
    const log = await open(1)
    log.add(record({ address: '198.51.100.1' }))
    now += 600_000
    log.add(record({ endedAt: now, address: '198.51.100.2' }))
    await log.flush()
    now = START + HOUR_MS + 1000
    await log.sweep()
    const bytes = Buffer.concat(await Promise.all((await onDisk()).map(name => readFile(join(folder, name)))))
    assert.equal(bytes.includes(Buffer.of(0xff, 0xff, 198, 51, 100, 1)), false)
    assert.equal(bytes.includes(Buffer.of(0xff, 0xff, 198, 51, 100, 2)), true)
    log.add(record({ endedAt: now, address: '198.51.100.3', peer: peer(9) }))
    assert.deepEqual(
      (await all(log)).map(({ address, peer }) => [address, peer]),
      [
        ['198.51.100.2', peer(1)],
        ['198.51.100.3', peer(9)],
      ],
    )
    now += 3 * HOUR_MS
    await log.sweep()
    assert.deepEqual(await onDisk(), [])
    // The file is gone, the numbers of its peers with it: they are named anew.
    log.add(record({ endedAt: now - 3 * HOUR_MS + 100_000 }))
    log.add(record({ endedAt: now, peer: peer(9) }))
    assert.deepEqual(
      (await all(log)).map(({ peer }) => peer),
      [peer(9)],
    )
  })

  test('S27: an expired record is never shown, even before the disk is swept', async () => {
    const log = await open(1)
    log.add(record())
    await log.flush()
    now += HOUR_MS + 1000
    assert.deepEqual(await all(log), [])
  })

  test('S27: delete now and switching off leave no file, waiting records included', async () => {
    for (const wipe of [(log: AccessLog) => log.deleteAll(), (log: AccessLog) => log.configure({ hours: 0, truncate: false })]) {
      const log = await open()
      log.add(record())
      await log.flush()
      log.add(record())
      await wipe(log)
      await log.flush()
      assert.deepEqual(await onDisk(), [])
      assert.deepEqual(await all(log), [])
    }
  })

  test('after a restart within the hour the same file goes on, half a record of a crash is passed over', async () => {
    const log = await open()
    log.add(record({ peer: peer(1) }))
    log.add(record({ peer: peer(2) }))
    await log.stop()
    const again = await open()
    again.add(record({ peer: peer(3) }))
    await again.flush()
    assert.deepEqual(
      (await all(again)).map(({ peer }) => peer),
      [peer(1), peer(2), peer(3)],
    )
    const [name] = await onDisk()
    await writeFile(join(folder, name!), (await readFile(join(folder, name!))).subarray(0, -5))
    assert.equal((await all(again)).length, 2)
  })

  test('leftovers of a crash and files that are no segments do not outlive a sweep', async () => {
    const log = await open(1)
    log.add(record())
    await log.flush()
    const [name] = await onDisk()
    await writeFile(join(folder, `${name}.0a0b.tmp`), 'x')
    await writeFile(join(folder, `${Number.parseInt(name!, 10) - 1}.val`), 'not a segment')
    await log.sweep()
    assert.deepEqual(await onDisk(), [name])
  })

  test('a log that grows too large loses its oldest hours', async () => {
    const log = await open(24, { maxBytes: 5000 })
    for (let hour = 0; hour < 3; hour++) {
      for (let i = 0; i < 100; i++) log.add(record({ endedAt: START + hour * HOUR_MS }))
    }
    now += 2 * HOUR_MS
    await log.flush()
    await log.sweep()
    assert.equal((await onDisk()).length, 1)
    assert.ok(log.bytes <= 5000)
    assert.equal((await all(log)).length, 100)
  })

  test('addresses may be cut to their networks', async () => {
    const log = await open(24, { truncate: true })
    log.add(record({ address: '198.51.100.77' }))
    log.add(record({ address: '2001:db8:1:2:3::4' }))
    assert.deepEqual(
      (await all(log)).map(({ address }) => address),
      ['198.51.100.0', '2001:db8:1::'],
    )
    assert.equal((await suspectsOf(await all(log), { at: START, address: '198.51.100.77', toleranceMs: 1000 })).length, 1)
  })

  test('search by peer, network, port and time; CSV', async () => {
    const log = await open()
    log.add(record())
    log.add(record({ endedAt: START + 60_000, address: '198.51.100.9', port: 80, peer: peer(2) }))
    const find = async (query: object, limit = 10) => {
      const { records, total } = await searchLog(log.records(), query, limit)
      return [total, ...records.map(({ port }) => port)]
    }
    assert.deepEqual(await find({}), [2, 80, 443])
    assert.deepEqual(await find({}, 1), [2, 80])
    assert.deepEqual(await find({ peer: peer(1) }), [1, 443])
    assert.deepEqual(await find({ network: parseCidr('198.51.100.0/24') }), [1, 80])
    assert.deepEqual(await find({ port: 80 }), [1, 80])
    assert.deepEqual(await find({ from: START + 2000 }), [1, 80])
    assert.deepEqual(await find({ to: START + 2000 }), [1, 443])
    assert.equal(
      formatCsv((await searchLog(log.records(), { port: 80 }, 1)).records),
      `started,ended,peer,address,port,end_reason,bytes_from_peer,bytes_to_peer\r\n2026-11-22T12:10:58.500Z,2026-11-22T12:11:00.000Z,${peer(2)},198.51.100.9,80,6,1234,5000000000\r\n`,
    )
  })

  test('the answer to a complaint: which peers had a stream there at that time', async () => {
    const log = await open()
    log.add(record({ durationMs: 600_000 }))
    log.add(record({ peer: peer(2), endedAt: START + 5000 }))
    log.add(record({ peer: peer(2), endedAt: START + 6000 }))
    log.add(record({ peer: peer(3), endedAt: START + 600_000 }))
    log.add(record({ peer: peer(4), address: '93.184.216.35' }))
    const suspects = (at: number, port?: number) => suspectsOf(log.records(), { at, address: '93.184.216.34', port, toleranceMs: 2000 })
    assert.deepEqual(
      (await suspects(START - 300_000)).map(({ peer }) => peer),
      [peer(1)],
    )
    const [first, second, ...rest] = await suspects(START + 2900, 443)
    assert.deepEqual([first!.peer, first!.streams, first!.lastAt, first!.bytesIn], [peer(2), 2, START + 6000, 2468])
    assert.equal(second!.peer, peer(1))
    assert.deepEqual(rest, [])
    assert.deepEqual(await suspects(START, 80), [])
  })

  test('records survive coding; hostile segments neither throw anything else nor hang', () => {
    fc.assert(
      fc.property(
        fc.record({
          second: fc.integer({ min: 0, max: 3599 }),
          tenths: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
          address: fc.oneof(fc.ipV4(), fc.constant('2001:db8::1')),
          port: fc.integer({ min: 1, max: 65535 }),
          reason: fc.integer({ min: 0, max: 255 }),
          bytesIn: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
          bytesOut: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
        }),
        ({ second, tenths, ...rest }) => {
          const one = { ...rest, peer: peer(5), endedAt: 490_000 * HOUR_MS + second * 1000, durationMs: tenths * 100 }
          const bytes = Buffer.concat([encodeSegmentHeader(490_000), encodePeer(7, peer(5)), encodeStream(7, one)])
          assert.deepEqual([...decodeSegment(bytes)], [one])
        },
      ),
      { numRuns: 300 },
    )
    assert.throws(() => [...decodeSegment(Buffer.alloc(100))], { name: 'MalformedError' })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        const records = [...decodeSegment(Buffer.concat([encodeSegmentHeader(1), bytes]))]
        formatCsv(records)
      }),
      { numRuns: 300 },
    )
  })
})
