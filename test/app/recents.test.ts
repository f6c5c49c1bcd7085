import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Recents } from '../../main/app/recents.ts'
import type { Choice } from '../../shared/state.ts'

const COUNTRIES = ['se', 'no', 'fi', 'dk', 'is', 'de', 'nl', 'be', 'fr', 'es']
const country = (code: string): Choice => ({ kind: 'country', country: code })

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'vantage-recents-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

test('C11: the last eight choices are kept, each once, the newest first, over a restart', async () => {
  await using data = await folder()
  const recents = await Recents.load(data.path, 0, () => true)
  for (const code of [...COUNTRIES, 'de', 'se']) await recents.note(country(code))
  await recents.note({ kind: 'off' })
  const again = await Recents.load(data.path, 0, () => true)
  assert.deepEqual(again.choices, ['se', 'de', 'es', 'fr', 'be', 'nl', 'is', 'dk'].map(country))
  assert.doesNotMatch(await readFile(join(data.path, 'recents.json'), 'utf8'), /\d{4}/, 'nothing of when')
})

test('cleared or switched off, nothing is left on the disk', async () => {
  await using data = await folder()
  let wanted = true
  const recents = await Recents.load(data.path, 0, () => wanted)
  await recents.note(country('se'))
  await recents.clear()
  assert.deepEqual([recents.choices, await readdir(data.path)], [[], []])
  await recents.note(country('no'))
  wanted = false
  await recents.note(country('se'))
  assert.deepEqual(recents.choices, [country('no')])
  assert.deepEqual((await Recents.load(data.path, 0, () => wanted)).choices, [])
  assert.deepEqual(await readdir(data.path), [])
})

test('a file that cannot be understood is put aside and named, not overwritten', async () => {
  await using data = await folder()
  await writeFile(join(data.path, 'recents.json'), '{"choices":[{"kind":"country","country":"\u202Ese"}]}')
  const recents = await Recents.load(data.path, 0, () => true)
  assert.deepEqual([recents.choices, recents.problem?.code], [[], 'settings-damaged'])
  await recents.note(country('se'))
  assert.equal((await readdir(data.path)).length, 2)
})
