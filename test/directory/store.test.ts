import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { DirectoryStore } from '../../main/directory/store.ts'
import type { ScopedLog } from '../../main/lib/log.ts'

describe('the directory cache on disk', () => {
  let folder: string
  let warnings: string[]
  let store: DirectoryStore

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'vantage-store-')), 'cache')
    warnings = []
    const log: ScopedLog = { debug: () => {}, info: () => {}, warn: text => warnings.push(text), error: () => {} }
    store = new DirectoryStore(folder, log)
    await store.open()
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))

  test('gives back what was written, newest last, for its owner only', async () => {
    assert.equal(await store.read('consensus'), undefined)
    void store.write('consensus', ['old'])
    void store.write('consensus', ['ne', 'w'])
    await store.flush()
    assert.equal(await store.read('consensus'), 'new')
    assert.deepEqual(await readdir(folder), ['consensus'])
    assert.equal((await stat(join(folder, 'consensus'))).mode & 0o777, 0o600)
  })

  test('remembers the newest consensus seen; a damaged memory is none', async () => {
    assert.deepEqual(await store.readNewest(), { ns: 0, microdesc: 0 })
    await store.writeNewest({ ns: 5, microdesc: 7 })
    assert.deepEqual(await store.readNewest(), { ns: 5, microdesc: 7 })
    for (const text of ['{"ns": "5", "microdesc": 7}', 'null', '[1]', '{', '']) {
      await writeFile(join(folder, 'newest.json'), text)
      assert.equal((await store.readNewest()).ns, 0, text)
    }
  })

  test('a disk that fails costs the cache only', async () => {
    await mkdir(join(folder, 'certificates'))
    assert.equal(await store.read('certificates'), undefined)
    await store.write('certificates', ['x'])
    assert.equal(warnings.length, 2)
    await chmod(folder, 0o700)
    await store.write('consensus', ['still works'])
    assert.equal(await store.read('consensus'), 'still works')
  })
})
