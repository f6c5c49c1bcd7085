import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { keepDamagedBlockList } from '../../main/app/safety.ts'
import { silentLog } from '../../main/lib/log.ts'
import { BlockBook } from '../../main/perspective/block-book.ts'
import { BlockList, type BlockSubject, MAX_BLOCK_LIST_BYTES } from '../../main/perspective/block-list.ts'

const FP = 'AB'.repeat(20)
const KEY = Buffer.alloc(32, 7)
const subject: BlockSubject = {
  fingerprint: FP,
  ed25519Identity: KEY,
  family: [`$${'CD'.repeat(20)}=friend`, 'nickname'],
  addresses: ['198.51.100.7', '2001:db8:1::7'],
  countries: ['se', undefined],
}
const NOW = Date.parse('2026-11-22T12:00:00Z')
const blocks = (text: string, now = NOW) => BlockList.parse(text).list.match(subject, now) !== undefined

describe('S28: the block list', () => {
  const hits = [
    `$${FP}`,
    FP.toLowerCase(),
    KEY.toString('base64'),
    KEY.toString('base64').slice(0, 43),
    `family:$${FP}`,
    `family:$${'cd'.repeat(20)}`,
    '198.51.100.7',
    '198.51.100.0/24',
    '198.0.0.0/8',
    '2001:db8:1::/48',
    '{se}',
    '{SE} # Sweden',
    `$${FP} expiry=2026-11-22T12:00:01Z reason="port \\"scan\\""`,
    `$${FP} reason="r" expiry=2030-01-01`,
  ]
  for (const line of hits) test(`${line} blocks`, () => assert.equal(blocks(line), true))

  const misses = [
    `$${'CD'.repeat(20)}`,
    `family:$${'EF'.repeat(20)}`,
    '198.51.101.0/24',
    '2001:db8:2::/48',
    '{no}',
    `$${FP} expiry=2026-11-22T12:00:00Z`,
    `# $${FP}`,
    '',
  ]
  for (const line of misses) test(`${JSON.stringify(line)} does not`, () => assert.equal(blocks(line), false))

  test('the first error is reported with its line, and the rest is loaded', () => {
    const { list, errors } = BlockList.parse(`# mine\r\n{se}\r\nnonsense\n198.51.100.0/33\n${FP} expiry=soon\n{no} reason=x\n{fr}`)
    assert.deepEqual(list.toString(), '{se}\n{fr}\n')
    assert.deepEqual(errors[0], { line: 3, reason: 'not a fingerprint, Ed25519 identity, family, network or country' })
    assert.deepEqual(
      errors.map(error => error.line),
      [3, 4, 5, 6],
    )
  })

  test('a list of more than 1 MB is refused', () => {
    assert.throws(() => BlockList.parse('{se}\n'.repeat(MAX_BLOCK_LIST_BYTES / 5 + 1)), { name: 'MalformedError' })
    assert.equal(BlockList.parse('{se}\n'.repeat(MAX_BLOCK_LIST_BYTES / 5)).list.size, 1)
  })

  test('what is exported is imported the same, whatever people wrote as reason and note', () => {
    const target = fc.oneof(
      fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytes => `$${Buffer.from(bytes).toString('hex')}`),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('base64')),
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
    )
    const entry = fc.record({
      target,
      reason: fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: undefined }),
      note: fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: undefined }),
      expires: fc.option(fc.integer({ min: NOW, max: NOW + 1e12 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 10 }), entries => {
        const list = new BlockList()
        for (const { target, ...rest } of entries) list.add({ ...rest, target: BlockList.parse(target).list.entries[0]!.target })
        const text = list.toString()
        const again = BlockList.parse(text)
        assert.deepEqual(again.errors, [])
        assert.equal(again.list.toString(), text)
        assert.equal(again.list.size, list.size)
      }),
      { numRuns: 300 },
    )
  })

  test('hostile text neither throws nor hangs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
        BlockList.parse(text)
      }),
      { numRuns: 500 },
    )
    BlockList.parse(`{se} reason="${'\\"'.repeat(100_000)}`)
    BlockList.parse('a'.repeat(900_000))
  })

  test('a list full of networks that have expired is cleared in a moment', () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255} expiry=2026-01-01\n`)
    const { list } = BlockList.parse(`${lines.join('')}198.51.100.0/24\n`)
    const start = performance.now()
    assert.equal(list.prune(NOW), true)
    assert.ok(performance.now() - start < 2000, 'took seconds, in which nothing else could happen')
    assert.equal(list.toString(), '198.51.100.0/24\n')
    assert.equal(list.match(subject, NOW)?.target.kind, 'network')
    assert.equal(list.prune(NOW), false)
  })

  test('the largest list that is taken can be read again as it is written, which takes more room', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'blocks-'))
    try {
      const book = new BlockBook({ file: join(folder, 'blocklist.txt'), now: () => NOW, log: silentLog })
      const lines = Array.from({ length: 30_000 }, (_, i) => `198.18.${i >> 8}.${i & 255} expiry=2050-01-01\n`)
      await book.replace(lines.join(''))
      assert.ok((await stat(join(folder, 'blocklist.txt'))).size > MAX_BLOCK_LIST_BYTES)
      assert.equal(await keepDamagedBlockList(folder, NOW), undefined)
      const again = new BlockBook({ file: join(folder, 'blocklist.txt'), now: () => NOW, log: silentLog })
      await again.load()
      assert.equal(again.entries.length, lines.length)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  for (const [what, expires] of [
    ['behind the year 9999', Date.UTC(10_000, 0, 1)],
    ['that no date can say', 1e300],
  ] as const)
    test(`an expiry ${what} means for ever, and the list can still be written and read`, async () => {
      const book = new BlockBook({ now: () => NOW, log: silentLog })
      await book.add({ target: { kind: 'country', country: 'se' }, expires })
      await book.add({ target: { kind: 'country', country: 'no' }, expires: Date.UTC(9999, 11, 31) })
      assert.equal(book.export(), '{se}\n{no} expiry=9999-12-31T00:00:00.000Z\n')
      assert.deepEqual(BlockList.parse(book.export()).errors, [])
      assert.equal(book.match(subject)?.target.kind, 'country')
    })

  test('the book keeps its list in a private file, tells of every change, and forgets what has expired', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'blocks-'))
    try {
      const file = join(folder, 'blocklist.txt')
      let now = NOW
      const open = () => new BlockBook({ file, now: () => now, log: silentLog })
      const book = open()
      let changes = 0
      book.onChange.add(() => changes++)
      assert.deepEqual(await book.replace('{no}\n?\n'), [
        { line: 2, reason: 'not a fingerprint, Ed25519 identity, family, network or country' },
      ])
      await book.add({ target: { kind: 'fingerprint', fingerprint: FP }, expires: NOW + 1000, reason: 'automatic: scan' })
      assert.equal(changes, 2)
      assert.equal(book.match(subject)?.reason, 'automatic: scan')
      assert.equal(await readFile(file, 'utf8'), `{no}\n$${FP} expiry=2026-11-22T12:00:01.000Z reason="automatic: scan"\n`)
      assert.equal((await stat(file)).mode & 0o777, 0o600)
      const again = open()
      await again.load()
      assert.equal(again.export(), book.export())
      now += 1000
      assert.equal(book.match(subject), undefined)
      assert.equal(book.export(), '{no}\n')
      assert.equal(await book.remove('{no}'), true)
      assert.equal(await book.remove('{no}'), false)
      assert.equal(await readFile(file, 'utf8'), '')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
