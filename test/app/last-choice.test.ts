import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { LastChoice } from '../../main/app/last-choice.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-choice-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the choice is there after a restart; "off" leaves nothing behind', async () => {
  const first = await LastChoice.load(folder, 0, () => true)
  assert.deepEqual(first.value, { kind: 'off' })
  await first.note({ kind: 'country', country: 'se' })
  assert.deepEqual((await LastChoice.load(folder, 0, () => true)).value, { kind: 'country', country: 'se' })
  await first.note({ kind: 'off' })
  assert.deepEqual(await readdir(folder), [])
})

test('where choices are not remembered, this one is neither, nor is one from before taken up', async () => {
  const before = await LastChoice.load(folder, 0, () => true)
  await before.note({ kind: 'any' })
  const after = await LastChoice.load(folder, 0, () => false)
  assert.deepEqual(after.value, { kind: 'off' })
  await after.note({ kind: 'tor' })
  assert.deepEqual(await readdir(folder), [])
})

test('a damaged file is kept aside, said, and chooses nothing', async () => {
  await writeFile(join(folder, 'choice.json'), '{"choice":{"kind":"everything"}}')
  const { value, problem } = await LastChoice.load(folder, 0, () => true)
  assert.deepEqual([value, problem?.code], [{ kind: 'off' }, 'settings-damaged'])
})
