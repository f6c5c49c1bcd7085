import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { ServerDesk } from '../../main/app/server-desk.ts'
import type { NetworkDirectory } from '../../main/directory/network-directory.ts'
import { silentLog } from '../../main/lib/log.ts'
import { ServerRecords } from '../../main/perspective/server-records.ts'
import { type CallArgument, calls } from '../../shared/ipc.ts'

const PEER = 'AB'.repeat(20)
const directory = {
  consensus: { byFingerprint: new Map([[PEER, { nickname: 'Friendly' }]]) },
  descriptor: (fingerprint: string) => (fingerprint === PEER ? { contact: 'op@relay.example' } : undefined),
} as unknown as NetworkDirectory

describe('the owner’s desk, with the relay stopped', () => {
  let folder: string
  let hours = 24
  let records: ServerRecords
  let desk: ServerDesk
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-'))
    records = new ServerRecords({ folder, log: silentLog, accessLog: () => ({ hours, truncate: false }) })
    await records.start()
    desk = new ServerDesk({ records, directory, run: () => undefined })
  })
  after(async () => {
    await records.stop()
    await rm(folder, { recursive: true })
  })
  beforeEach(async () => {
    await records.blocks.replace('')
    await desk.clearLog()
  })

  test('S28: entries are added, listed, removed; what is no target is said', async () => {
    await desk.addBlock({ target: `$${PEER.toLowerCase()}`, reason: 'rude', expires: Date.now() + 60_000 })
    const { entries } = calls['blocks.get'].result.parse(desk.blocks())
    assert.deepEqual([entries.length, entries[0]!.target, entries[0]!.reason], [1, `$${PEER}`, 'rude'])
    await assert.rejects(desk.addBlock({ target: 'somebody' }), { name: 'AppStartError' })
    await desk.removeBlock(PEER)
    await assert.rejects(desk.removeBlock(PEER), { name: 'AppStartError' })
    assert.equal(desk.exportBlocks().text, '')
  })

  const part = (text: string, change: Partial<CallArgument<'blocks.import'>> = {}) =>
    desk.importBlocks({ id: 'one', text, part: 0, last: true, replace: true, ...change })

  test('S28: an import in parts names the lines of each part, and an export is the same list', async () => {
    assert.deepEqual(await part('{se}\nwhat\n', { last: false }), {
      errors: [{ line: 2, reason: 'not a fingerprint, Ed25519 identity, family, network or country' }],
    })
    const second = await part('?\n{no}\n', { part: 1 })
    assert.deepEqual(
      second.errors.map(({ line }) => line),
      [1],
    )
    assert.equal(desk.exportBlocks().text, '{se}\n{no}\n')
    await part('{dk}\n{se}\n', { replace: false })
    assert.equal(desk.exportBlocks().text, '{se}\n{no}\n{dk}\n')
    await part('{fr}\n')
    assert.equal(desk.exportBlocks().text, '{fr}\n')
  })

  test('S28: an import that stops midway changes nothing, in force or on disk; the last part changes all at once', async () => {
    await part('{fr}\n')
    const file = () => readFile(join(folder, 'blocklist.txt'), 'utf8')
    const changes: string[] = []
    const forget = records.blocks.onChange.add(() => changes.push(desk.exportBlocks().text))
    await part('{se}\n', { id: 'two', last: false })
    await part('{no}\n', { id: 'two', part: 1, last: false })
    assert.equal(desk.exportBlocks().text, '{fr}\n')
    assert.equal(await file(), '{fr}\n')
    // The window went; another one begins, and what comes late of the first means nothing.
    await part('{dk}\n', { id: 'three', last: false })
    await assert.rejects(part('{is}\n', { id: 'two', part: 2 }), { name: 'AppStartError' })
    await assert.rejects(part('{fi}\n', { id: 'three', part: 1 }), { name: 'AppStartError' })
    await part('{dk}\n', { id: 'four', last: false })
    await assert.rejects(part('{is}\n', { id: 'four', part: 2 }), { name: 'AppStartError' })
    await part('x'.repeat(199_999), { id: 'five', last: false })
    for (let i = 1; i < 5; i++) await part('x'.repeat(199_999), { id: 'five', part: i, last: false })
    await assert.rejects(part('x'.repeat(199_999), { id: 'five', part: 5 }), { name: 'AppStartError' })
    assert.deepEqual(changes, [])
    assert.equal(await file(), '{fr}\n')
    await part('{se}\n', { id: 'six', last: false })
    await part('{no}\n', { id: 'six', part: 1 })
    forget()
    assert.deepEqual(changes, ['{se}\n{no}\n'])
    assert.equal(await file(), '{se}\n{no}\n')
  })

  const stream = { peer: PEER, address: '93.184.216.34', port: 443, reason: 6, bytesIn: 10, bytesOut: 20, durationMs: 1000 }

  test('S26: search and CSV', async () => {
    const endedAt = Math.floor(Date.now() / 1000) * 1000
    records.accessLog!.add({ ...stream, endedAt })
    records.accessLog!.add({ ...stream, endedAt, port: 80 })
    const found = calls['accessLog.search'].result.parse(await desk.search({ network: '93.184.0.0/16', port: 443 }))
    assert.deepEqual([found.total, found.records[0]!.nickname, found.records[0]!.startedAt], [1, 'Friendly', endedAt - 1000])
    assert.equal((await desk.csv({})).text.trimEnd().split('\r\n').length, 3)
    await assert.rejects(desk.search({ network: 'example.com' }), { name: 'AppStartError' })
    await desk.clearLog()
    assert.equal((await desk.search({})).total, 0)
  })

  test('a complaint: the peer, the block, the letter', async () => {
    const endedAt = Math.floor(Date.now() / 1000) * 1000
    records.accessLog!.add({ ...stream, endedAt })
    await desk.addBlock({ target: `$${PEER}` })
    const found = calls['abuse.find'].result.parse(await desk.findAbuse({ at: endedAt, address: '93.184.216.34', port: 443 }))
    assert.deepEqual([found.logged, found.suspects.length, found.suspects[0]!.contact], [true, 1, 'op@relay.example'])
    for (const part of ['93.184.216.34 port 443', PEER, '"Friendly"', 'op@relay.example', `I have blocked ${PEER}`])
      assert.ok(found.letter.includes(part), part)
    const none = await desk.findAbuse({ at: endedAt, address: '8.8.8.8' })
    assert.deepEqual(none.suspects, [])
    assert.match(none.letter, /shows no such connection/)
    assert.match((await desk.findAbuse({ at: endedAt - 48 * 3_600_000, address: '8.8.8.8' })).letter, /no log that reaches back/)
    await assert.rejects(desk.findAbuse({ at: endedAt, address: 'example.com' }), { name: 'AppStartError' })
  })

  test('S27: switching the log off deletes it', async () => {
    records.accessLog!.add({ ...stream, endedAt: Date.now() })
    hours = 0
    await records.configure()
    assert.equal(records.accessLog!.bytes, 0)
    assert.equal((await desk.search({})).total, 0)
  })
})
