import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { SettingsStore } from '../../main/app/settings-store.ts'
import { settings } from '../../shared/settings.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 30, 5)
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-settings-'))
})
afterEach(() => rm(folder, { recursive: true }))
const file = () => join(folder, 'settings.json')

test('an empty folder gives the defaults and writes nothing', async () => {
  const store = await SettingsStore.load(folder, NOW)
  assert.deepEqual(store.current, settings.parse({}))
  assert.equal(store.problem, undefined)
  assert.deepEqual(await readdir(folder), [])
})

test('a change touches what it names, survives a restart, and is readable by its owner only', async () => {
  const store = await SettingsStore.load(folder, NOW)
  await store.update({ nickname: 'Alice', paPort: 'virtual' })
  const changed = await store.update({ orPort: 443, contact: undefined })
  assert.deepEqual(changed, { ...settings.parse({}), nickname: 'Alice', paPort: 'virtual', orPort: 443 })
  assert.deepEqual((await SettingsStore.load(folder, NOW)).current, changed)
  assert.equal((await stat(file())).mode & 0o777, 0o600)
})

test('changes at the same time all hold', async () => {
  const store = await SettingsStore.load(folder, NOW)
  await Promise.all([store.update({ orPort: 1 }), store.update({ dirPort: 2 }), store.update({ socksPort: 3 })])
  const { orPort, dirPort, socksPort } = (await SettingsStore.load(folder, NOW)).current
  assert.deepEqual([orPort, dirPort, socksPort], [1, 2, 3])
})

test('what the schema refuses changes nothing', async () => {
  const store = await SettingsStore.load(folder, NOW)
  await assert.rejects(store.update({ nickname: 'not a nickname' }))
  assert.equal(store.current.nickname, 'Unnamed')
  await store.update({ nickname: 'Bob' })
  assert.equal(store.current.nickname, 'Bob')
})

describe('damage', () => {
  for (const [what, content] of [
    ['no JSON', '{"nickname": "Al'],
    ['empty', ''],
    ['a bare value', '7'],
    ['an array', '[]'],
    ['binary', '\u0000\ufffd\u0001'],
    ['huge', JSON.stringify({ contact: '', filler: 'x'.repeat(1 << 20) })],
  ] as const)
    test(`${what}: kept aside whole, said, defaults used`, async () => {
      await writeFile(file(), content)
      const store = await SettingsStore.load(folder, NOW)
      assert.deepEqual(store.current, settings.parse({}))
      const keptAs = 'settings.damaged-20261122T123005Z.json'
      assert.deepEqual(store.problem, { code: 'settings-damaged', detail: { file: 'settings.json', keptAs } })
      assert.deepEqual(await readdir(folder), [keptAs])
      assert.equal(await readFile(join(folder, keptAs), 'utf8'), content)
    })

  test('a wrong type, a value out of range, one of a newer version: the other settings stay, the file is kept aside', async () => {
    const wrong = { orPort: '9001', dirPort: 70_000, contact: 'x'.repeat(201), theme: 'sepia', favourites: [7] }
    const content = JSON.stringify({ nickname: 'Dora', ...wrong, socksPort: 9999, fromTheFuture: 1, constructor: 2 })
    await writeFile(file(), content)
    const store = await SettingsStore.load(folder, NOW)
    assert.deepEqual(store.current, { ...settings.parse({}), nickname: 'Dora', socksPort: 9999 })
    const keptAs = 'settings.damaged-20261122T123005Z.json'
    const lost = 'orPort, dirPort, contact, theme, favourites'
    assert.deepEqual(store.problem, { code: 'settings-damaged', detail: { file: 'settings.json', keptAs, lost } })
    assert.equal(await readFile(join(folder, keptAs), 'utf8'), content)
    const again = await SettingsStore.load(folder, NOW)
    assert.equal(again.problem, undefined, 'told once')
    assert.deepEqual(again.current, store.current, 'what was good is good for every start')
    assert.deepEqual(JSON.parse(await readFile(file(), 'utf8')), { nickname: 'Dora', socksPort: 9999, fromTheFuture: 1, constructor: 2 })
  })

  for (const [what, content] of [
    ['all settings', '{"accessLogHours":720,"contributionDays":3660'],
    ['these settings', '{"accessLogHours":99999,"contributionDays":null}'],
  ] as const)
    test(`what is kept is not deleted by the usual values of settings that were lost, with ${what}, until its owner decides`, async () => {
      await writeFile(file(), content)
      const undecided = (store: SettingsStore) => [store.isUndecided('accessLogHours'), store.isUndecided('contributionDays')]
      assert.deepEqual(undecided(await SettingsStore.load(folder, NOW)), [true, true])
      const store = await SettingsStore.load(folder, NOW)
      assert.deepEqual(undecided(store), [true, true], 'also after a restart')
      await store.update({ theme: 'dark' })
      assert.deepEqual(undecided(await SettingsStore.load(folder, NOW)), [true, true], 'also when others were set')
      await store.update({ accessLogHours: 0 })
      assert.deepEqual(undecided(store), [false, true])
      assert.deepEqual(undecided(await SettingsStore.load(folder, NOW)), [false, true])
    })

  test('the usual values count where nothing was lost', async () => {
    for (const content of [undefined, '{"theme":"dark"}', '{"contributionDays":30}']) {
      if (content !== undefined) await writeFile(file(), content)
      const store = await SettingsStore.load(folder, NOW)
      assert.deepEqual([store.isUndecided('accessLogHours'), store.isUndecided('contributionDays')], [false, false])
    }
  })

  test('settings of a newer version are taken as far as they are known', async () => {
    await writeFile(file(), '{"nickname": "Carol", "fromTheFuture": true}')
    const store = await SettingsStore.load(folder, NOW)
    assert.equal(store.problem, undefined)
    assert.equal(store.current.nickname, 'Carol')
    assert.ok(!('fromTheFuture' in store.current))
    // Whoever goes back to the newer version finds them again.
    await store.update({ nickname: 'Carola' })
    const written = JSON.parse(await readFile(file(), 'utf8'))
    assert.deepEqual([written.nickname, written.fromTheFuture], ['Carola', true])
  })

  test('whatever JSON can say comes to settings that pass, and can be saved', async () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    for (const content of [
      '{"nickname":"First","nickname":"Last"}',
      '\uFEFF{"nickname":"Last"}',
      '{"nickname":"Last","__proto__":{"theme":"dark"},"constructor":{"prototype":{"theme":"dark"}}}',
      `{"nickname":"Last","deep":${deep(200_000)}}`,
      `{"nickname":"Last","favourites":${deep(200_000)}}`,
      `{"nickname":"Last","orPort":1e400,"dirPort":-0.5,"theme":null,"plan":{"length":1e9}}`,
    ]) {
      await writeFile(file(), content)
      const store = await SettingsStore.load(folder, NOW)
      assert.equal(store.current.nickname, 'Last', content.slice(0, 60))
      assert.deepEqual(store.current, { ...settings.parse({}), nickname: 'Last' })
      assert.equal((await store.update({ orPort: 443 })).orPort, 443)
    }
    assert.ok(!('theme' in {}))
  })
})
