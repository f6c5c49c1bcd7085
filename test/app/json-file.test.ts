import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { z } from 'zod'
import { JsonFile } from '../../main/app/json-file.ts'
import { diskRefusal, NotAFileError, removeUnfinished } from '../../main/lib/files.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 30, 5)
const DAMAGED = 'it.damaged-20261122T123005Z.json'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-json-'))
})
afterEach(() => rm(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const file = () => new JsonFile(at('it.json'), z.object({ n: z.number().default(0) }))

describe('what stands in the place of a file', () => {
  test('a folder, a pipe that nobody writes into, a device without an end: refused, not waited for, and left alone', async () => {
    await mkdir(at('it.json'))
    await assert.rejects(file().load(NOW), NotAFileError)
    await rm(at('it.json'), { recursive: true })
    execFileSync('mkfifo', [at('it.json')])
    await assert.rejects(file().load(NOW), NotAFileError)
    await rm(at('it.json'))
    await symlink('/dev/zero', at('it.json'))
    await assert.rejects(file().load(NOW), NotAFileError)
    assert.deepEqual(await readdir(folder), ['it.json'])
  })

  test('a link is read through; a change takes its place, and what it led to stays as it was', async () => {
    await writeFile(at('elsewhere'), '{"n":7}')
    await symlink(at('elsewhere'), at('it.json'))
    assert.equal((await file().load(NOW)).value.n, 7)
    await file().save({ n: 8 })
    assert.ok((await lstat(at('it.json'))).isFile())
    assert.equal(await readFile(at('elsewhere'), 'utf8'), '{"n":7}')
  })

  test('a link to nothing is no file; one in a circle is refused', async () => {
    await symlink(at('nowhere'), at('it.json'))
    assert.deepEqual(await file().load(NOW), { value: { n: 0 }, problem: undefined })
    await rm(at('it.json'))
    await symlink(at('it.json'), at('it.json'))
    await assert.rejects(file().load(NOW), { code: 'ELOOP' })
  })

  test('a file larger than the memory is put aside whole, without being read', async () => {
    await writeFile(at('it.json'), '{"n":1}')
    await truncate(at('it.json'), 2 ** 40)
    assert.equal((await file().load(NOW)).problem?.code, 'settings-damaged')
    assert.equal((await stat(at(DAMAGED))).size, 2 ** 40)
  })
})

test('two damaged ones of one second are both kept', async () => {
  for (const text of ['one', 'two', 'three']) {
    await writeFile(at('it.json'), text)
    await file().load(NOW)
  }
  const kept = await Promise.all((await readdir(folder)).map(name => readFile(at(name), 'utf8')))
  assert.deepEqual(kept.sort(), ['one', 'three', 'two'])
})

describe('a disk that refuses', () => {
  for (const [what, step, code] of [
    ['is full', 'writeFile', 'ENOSPC'],
    ['is full only when it is asked to be sure', 'sync', 'ENOSPC'],
    ['has no quota left', 'writeFile', 'EDQUOT'],
    ['fails', 'sync', 'EIO'],
  ] as const)
    test(`${what}: the old content stays, nothing half stays beside it, and the reason can be told`, async t => {
      await file().save({ n: 1 })
      const handle = await open(at('it.json'))
      const kind = Object.getPrototypeOf(handle)
      await handle.close()
      t.mock.method(kind, step, () =>
        Promise.reject(Object.assign(new Error(code), { code, syscall: step === 'sync' ? 'fsync' : 'write' })),
      )
      const refused = await file()
        .save({ n: 2 })
        .catch(error => error)
      assert.equal(diskRefusal(refused), code)
      assert.deepEqual(await readdir(folder), ['it.json'])
      t.mock.restoreAll()
      assert.equal((await file().load(NOW)).value.n, 1)
    })
})

test('what a killed program left half written is removed, and nothing else', async () => {
  for (const name of ['it.json', 'it.json.0123456789ab.tmp', 'mine.tmp', 'it.json.0123456789AB.tmp', 'notes.0123456789ab.tmp.txt'])
    await writeFile(at(name), '{}')
  await removeUnfinished(folder)
  await removeUnfinished(at('nowhere'))
  assert.deepEqual((await readdir(folder)).sort(), ['it.json', 'it.json.0123456789AB.tmp', 'mine.tmp', 'notes.0123456789ab.tmp.txt'])
})
