import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Consents } from '../../main/app/consents.ts'
import { LastChoice } from '../../main/app/last-choice.ts'
import { Recents } from '../../main/app/recents.ts'
import { SettingsStore } from '../../main/app/settings-store.ts'

test('what is changed just before the end is on the disk when the files say that they are idle', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vantage-last-'))
  try {
    const settings = await SettingsStore.load(folder, 1)
    const consents = await Consents.load(folder, 1)
    const recents = await Recents.load(folder, 1, () => true)
    const lastChoice = await LastChoice.load(folder, 1, () => true)
    // Nobody waits for these.
    void settings.update({ nickname: 'Late' })
    void consents.set({ relay: true, perspective: false }, 2)
    void recents.note({ kind: 'any' })
    void lastChoice.note({ kind: 'country', country: 'se' })
    await Promise.all([settings, consents, recents, lastChoice].map(one => one.idle()))
    assert.deepEqual((await readdir(folder)).sort(), ['choice.json', 'consents.json', 'recents.json', 'settings.json'])
    assert.equal((await SettingsStore.load(folder, 3)).current.nickname, 'Late')
    assert.equal((await Consents.load(folder, 3)).current.relay?.at, 2)
    assert.deepEqual((await LastChoice.load(folder, 3, () => true)).value, { kind: 'country', country: 'se' })
  } finally {
    await rm(folder, { recursive: true })
  }
})
