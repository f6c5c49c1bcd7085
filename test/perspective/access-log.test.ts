import assert from 'node:assert/strict'
import { appendFile, link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { parseCidr } from '../../main/lib/ip.ts'
import { type ScopedLog, silentLog } from '../../main/lib/log.ts'
import { AccessLog } from '../../main/perspective/access-log.ts'
import { type AccessRecord, decodeRecords, decodeSegment, encodePeer, encodeStream, HOUR_MS } from '../../main/perspective/access-record.ts'
import { formatCsv, searchLog, suspectsOf } from '../../main/perspective/access-search.ts'
import { readSegment } from '../../main/perspective/access-segment.ts'
import { FileKeyKeeper, KEEPER_FILE, KEEPER_SYSTEM, type KeyKeeper } from '../../main/perspective/key-keeper.ts'
import { ServedStreams } from '../../main/perspective/served-streams.ts'
import { stream } from './peer-fixture.ts'

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

/** As earlier Vantages wrote it: nothing is encrypted. */
function plainSegment(hour: number, ...records: AccessRecord[]): Buffer {
  const header = Buffer.from('56414c47012400000000000'.padEnd(24, '0'), 'hex')
  header.writeUInt32BE(hour, 8)
  return Buffer.concat([header, encodePeer(0, peer(1)), ...records.map(one => encodeStream(0, one))])
}

/** Stands in for the system's keystore. */
class FakeKeystore implements KeyKeeper {
  readonly id = KEEPER_SYSTEM
  there = true
  sealed = 0
  async seal(secret: Buffer): Promise<Buffer> {
    if (!this.there) throw new Error('no keystore')
    this.sealed++
    return Buffer.from(secret.map(byte => byte ^ 0x5a))
  }
  async open(sealed: Buffer): Promise<Buffer | undefined> {
    return this.there ? Buffer.from(sealed.map(byte => byte ^ 0x5a)) : undefined
  }
  async forget(): Promise<void> {}
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
  async function open(
    hours = 24,
    change: { truncate?: boolean; maxBytes?: number; keystore?: KeyKeeper; log?: ScopedLog } = {},
  ): Promise<AccessLog> {
    const keepers = [...(change.keystore ? [change.keystore] : []), keyFile()]
    const { maxBytes, log: said = silentLog } = change
    const log = new AccessLog({ folder, keepers, now: () => now, log: said, flushMs: 1e9, sweepMs: 1e9, maxBytes })
    logs.push(log)
    await log.configure({ hours, truncate: change.truncate ?? false })
    await log.start()
    return log
  }
  const keyFile = () => new FileKeyKeeper(join(parent, 'access-log.key'))
  const onDisk = async () => readdir(folder).catch(() => [])
  async function all(log: AccessLog): Promise<AccessRecord[]> {
    const found: AccessRecord[] = []
    for await (const one of log.records()) found.push(one)
    return found
  }

  test('S26: is off by default and then leaves nothing on disk', async () => {
    const log = new AccessLog({ folder, keepers: [keyFile()], now: () => now, log: silentLog })
    await log.start()
    logs.push(log)
    for (let i = 0; i < 100; i++) log.add(record())
    await log.flush()
    assert.deepEqual(await onDisk(), [])
  })

  test('a stream that is open while the clock is set back ends as any other, and its record says how long it took', async t => {
    const log = await open()
    const served = new ServedStreams(log)
    const clock = t.mock.method(Date, 'now', () => START)
    const one = stream()
    served.opened(peer(1), one, '192.0.2.9', 443)
    now = START - HOUR_MS
    clock.mock.mockImplementation(() => now)
    one.abort()
    assert.equal(one.closed, true)
    const [record] = await all(log)
    assert.equal(record?.endedAt, now)
    assert.ok(record.durationMs >= 0 && record.durationMs < 60_000, `${record.durationMs}`)
  })

  test('when nobody knows any more what its owner wanted, nothing is written, and what there is stays for at most 90 days', async () => {
    const before = await open(720)
    before.add(record())
    await before.stop()
    const log = await open(720)
    await log.configure({ hours: 0, truncate: false, keptHours: 2160 })
    log.add(record({ port: 80 }))
    await log.sweep()
    assert.deepEqual(await all(log), [record()])
    now += 89 * 24 * HOUR_MS
    await log.sweep()
    assert.deepEqual(await all(log), [record()])
    now += 2 * 24 * HOUR_MS
    await log.sweep()
    assert.deepEqual([await all(log), await onDisk()], [[], []])
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

  test('S26: streams that come one by one cost as little once their hour is over', async () => {
    const log = await open()
    const streams = Array.from({ length: 300 }, (_, i) => record({ peer: peer(i % 3), endedAt: START + i * 1000 }))
    for (const stream of streams) {
      log.add(stream)
      await log.flush()
    }
    const [name] = await onDisk()
    const size = async () => (await stat(join(folder, name!))).size / streams.length
    assert.ok((await size()) <= 56, `${await size()} bytes a stream while they come`)
    now += HOUR_MS
    await log.sweep()
    assert.deepEqual(await onDisk(), [name])
    assert.ok((await size()) <= 40, `${await size()} bytes a stream`)
    assert.deepEqual(await all(log), streams)
    // Once is enough.
    const { mtimeMs, ino } = await stat(join(folder, name!))
    await log.sweep()
    const again = await stat(join(folder, name!))
    assert.deepEqual([again.mtimeMs, again.ino], [mtimeMs, ino])
  })

  test('S27: what is older than the owner wants is gone from the disk', async () => {
    const log = await open(1)
    log.add(record({ address: '198.51.100.1' }))
    now += 600_000
    log.add(record({ endedAt: now, address: '198.51.100.2' }))
    await log.flush()
    now = START + HOUR_MS + 1000
    await log.sweep()
    const held = await Promise.all((await onDisk()).map(name => readSegment(join(folder, name), (_, sealed) => keyFile().open(sealed))))
    assert.deepEqual(
      held.flatMap(segment => segment!.records).map(({ address }) => address),
      ['198.51.100.2'],
    )
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

  test('S27 T22: what is deleted loses its key: a copy of the file that the disk still has is noise', async () => {
    const log = await open(1)
    const copy = async (name: string) => {
      // A second name of the same bytes, as whoever searches the disk finds them.
      await link(join(folder, name), join(parent, name))
      return join(parent, name)
    }
    const readable = async (path: string) => (await readSegment(path, (_, sealed) => keyFile().open(sealed)))?.records.length
    log.add(record())
    await log.flush()
    const [first] = await onDisk()
    const trimmed = await copy(first!)
    assert.equal(await readable(trimmed), 1)
    now += 1_200_000
    log.add(record({ endedAt: now }))
    await log.flush()
    now = START + HOUR_MS + 1000
    await log.sweep()
    assert.equal((await all(log)).length, 1)
    assert.equal(await readable(trimmed), undefined, 'the former file of an hour that lost a part')
    await rm(trimmed)
    const expired = await copy(first!)
    assert.equal(await readable(expired), 1)
    now += 2 * HOUR_MS
    await log.sweep()
    assert.deepEqual(await onDisk(), [])
    assert.equal(await readable(expired), undefined, 'an hour that is over')
    log.add(record({ endedAt: now }))
    await log.flush()
    const [last] = await onDisk()
    const deleted = await copy(last!)
    await log.deleteAll()
    assert.equal(await readable(deleted), undefined, 'what the owner deleted')
    assert.deepEqual((await readdir(parent)).sort(), [first!, last!].sort(), 'nor is there a key file any more')
  })

  test('T22: while it is on, no file knows in clear where anybody went, nor who', async () => {
    for (const keystore of [undefined, new FakeKeystore()]) {
      const log = await open(24, { keystore })
      log.add(record({ address: '198.51.100.77', peer: peer(0xab) }))
      log.add(record({ address: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:1234', peer: peer(0xcd) }))
      await log.flush()
      assert.equal((await all(log)).length, 2)
      const bytes = await everything()
      const addresses = [Buffer.of(0xff, 0xff, 198, 51, 100, 77), Buffer.from('20010db8aaaabbbbccccddddeeee1234', 'hex')]
      const planted = [...addresses, Buffer.of(0xab, 0xab, 0xab, 0xab, 0xab, 0xab), Buffer.of(0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd)]
      for (const secret of planted) {
        for (const form of [secret, Buffer.from(secret.toString('hex')), Buffer.from(secret.toString('base64').slice(0, 8))]) {
          assert.equal(bytes.includes(form), false, form.toString('latin1'))
        }
      }
      assert.equal(bytes.includes('198.51.100.77'), false)
      // The search itself can find.
      assert.equal(Buffer.concat([bytes, plainSegment(1, record({ address: '198.51.100.77' }))]).includes(addresses[0]!), true)
      await log.deleteAll()
    }
  })
  /** Every byte of every file. */
  async function everything(): Promise<Buffer> {
    const entries = await readdir(parent, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    assert.ok(files.length > 0)
    return Buffer.concat(await Promise.all(files.map(file => readFile(file))))
  }

  test('an earlier Vantage’s records, which are not encrypted, are read and expire; what stays of them is encrypted', async () => {
    const hour = Math.floor(START / HOUR_MS)
    await mkdir(folder)
    const old = [record({ address: '198.51.100.1' }), record({ address: '198.51.100.2', endedAt: START + 1_200_000 })]
    await writeFile(join(folder, `${hour}.val`), plainSegment(hour, ...old))
    const log = await open(1)
    now += 1_200_000
    const fresh = record({ endedAt: START + 600_000, peer: peer(3) })
    log.add(fresh)
    assert.deepEqual(await all(log), [old[0], fresh, old[1]])
    now = START + HOUR_MS + 1000
    await log.sweep()
    assert.deepEqual(await all(log), [fresh, old[1]])
    assert.equal((await everything()).includes(Buffer.of(0xff, 0xff, 198, 51, 100, 2)), false)
    now += 2 * HOUR_MS
    await log.sweep()
    assert.deepEqual(await onDisk(), [])
  })

  test('after a restart within the hour another file begins; what a crash cut short is passed over', async () => {
    const log = await open()
    log.add(record({ peer: peer(1) }))
    await log.flush()
    log.add(record({ peer: peer(2) }))
    await log.stop()
    const [name] = await onDisk()
    const again = await open()
    again.add(record({ peer: peer(3) }))
    await again.flush()
    const peers = async () => (await all(again)).map(one => one.peer).sort()
    assert.deepEqual(await peers(), [peer(1), peer(2), peer(3)])
    assert.equal((await onDisk()).length, 2)
    const whole = await readFile(join(folder, name!))
    for (const cut of [1, 5, 36, 70]) {
      await writeFile(join(folder, name!), whole.subarray(0, -cut))
      assert.deepEqual(await peers(), [peer(1), peer(3)], `${cut} bytes less`)
    }
    // Both hours over, both files are packed, and still there.
    await writeFile(join(folder, name!), whole)
    now += HOUR_MS
    await again.sweep()
    assert.deepEqual(await peers(), [peer(1), peer(2), peer(3)])
  })

  test('a changed bit anywhere in a file shows nothing that was not logged', async () => {
    const log = await open()
    for (let i = 0; i < 3; i++) {
      log.add(record({ port: 1000 + i }))
      await log.flush()
    }
    const [name] = await onDisk()
    const path = join(folder, name!)
    const whole = await readFile(path)
    const ports = async () => (await all(log)).map(({ port }) => port)
    assert.deepEqual(await ports(), [1000, 1001, 1002])
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole)
      changed[at]! ^= 1 << (at % 8)
      await writeFile(path, changed)
      const shown = await ports()
      assert.ok(shown.length < 3 && shown.every((port, i) => port === 1000 + i), `byte ${at}: ${shown}`)
    }
    // Parts of one file mean nothing in another, nor in another order.
    log.add(record({ port: 2000, endedAt: START - HOUR_MS }))
    await log.flush()
    const other = (await onDisk()).find(one => one !== name)!
    const theirs = await readFile(join(folder, other))
    await writeFile(path, Buffer.concat([whole, theirs.subarray(-(2 + 72 + 16))]))
    assert.deepEqual(await ports(), [2000, 1000, 1001, 1002])
    await appendFile(path, whole.subarray(-(2 + 36 + 16)))
    assert.deepEqual(await ports(), [2000, 1000, 1001, 1002])
  })

  test('keys that the system keeps are its own: without it nothing is shown, and all the same nothing stays too long', async () => {
    const keystore = new FakeKeystore()
    const log = await open(1, { keystore })
    log.add(record())
    await log.stop()
    assert.equal(keystore.sealed, 1)
    assert.deepEqual(await readdir(parent), ['log'], 'no key lies beside')
    const headless = await open(1)
    assert.deepEqual(await all(headless), [])
    assert.equal((await onDisk()).length, 1)
    const back = await open(1, { keystore })
    assert.equal((await all(back)).length, 1)
    now = START + HOUR_MS + 1000
    await headless.sweep()
    assert.deepEqual(await onDisk(), [])
  })

  test('a keystore that does not want to is passed over, and the owner is told once', async () => {
    const words: string[] = []
    const log = { ...silentLog, warn: (text: string) => void words.push(text) } as ScopedLog
    const keystore = new FakeKeystore()
    keystore.there = false
    const one = await open(24, { keystore, log })
    one.add(record())
    one.add(record({ endedAt: START + HOUR_MS }))
    await one.flush()
    assert.equal((await all(one)).length, 2)
    assert.equal(words.length, 1)
    assert.match(words[0]!, /kept in a file/)
  })

  test('the key file is its owner’s alone; a damaged one is replaced, and what it kept is lost', async () => {
    const path = join(parent, 'access-log.key')
    const keeper = keyFile()
    assert.equal(keeper.id, KEEPER_FILE)
    const secret = Buffer.from('a secret of thirty-two bytes ...')
    const sealed = await keeper.seal(secret)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(await keyFile().open(sealed), secret)
    assert.notDeepEqual(await keyFile().seal(secret), sealed)
    for (const wrong of [Buffer.alloc(0), sealed.subarray(1), sealed.subarray(0, 20), Buffer.alloc(1000)]) {
      assert.equal(await keyFile().open(wrong), undefined)
    }
    await writeFile(path, 'short', { mode: 0o644 })
    assert.equal(await keyFile().open(sealed), undefined)
    const other = await keyFile().seal(secret)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(await keyFile().open(other), secret)
    assert.equal(await keyFile().open(sealed), undefined)
    await keyFile().forget()
    assert.deepEqual(await readdir(parent), [])
    await keyFile().forget()
  })

  test('leftovers of a crash and files that are no segments do not outlive a sweep', async () => {
    const log = await open(1)
    log.add(record())
    await log.flush()
    const [name] = await onDisk()
    await writeFile(join(folder, `${name}.tmp`), 'x')
    await link(join(folder, name!), join(parent, 'old'))
    await writeFile(join(folder, `${name}.old`), await readFile(join(folder, name!)))
    await writeFile(join(folder, `${Number.parseInt(name!, 10) - 1}.val`), 'not a segment')
    await mkdir(join(folder, 'a folder'))
    await log.sweep()
    assert.deepEqual(await onDisk(), [name])
    assert.equal((await all(log)).length, 1)
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
          assert.deepEqual([...decodeRecords(Buffer.concat([encodePeer(7, peer(5)), encodeStream(7, one)]), 490_000)], [one])
        },
      ),
      { numRuns: 300 },
    )
    assert.throws(() => [...decodeSegment(Buffer.alloc(100))], { name: 'MalformedError' })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        formatCsv(decodeRecords(Buffer.from(bytes), 1))
      }),
      { numRuns: 300 },
    )
  })
})
