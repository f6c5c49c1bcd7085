import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { afterEach, describe, test } from 'node:test'
import { KEEPER_SYSTEM } from '../../main/perspective/key-keeper.ts'
import { keystore } from '../electron-stand-in/safe-storage.ts'

const standIn = new URL('../electron-stand-in/safe-storage.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, format: 'module-typescript', shortCircuit: true } : next(specifier, context),
})
const { SystemKeeper } = await import('../../main/electron/system-keeper.ts')
const platform = process.platform
const systemKeeper = new SystemKeeper()

describe('T22: keys in the keystore of the system', () => {
  afterEach(() => {
    Object.assign(keystore, { backend: 'gnome_libsecret', available: true, asked: 0, silent: false, dead: false })
    Object.defineProperty(process, 'platform', { value: platform })
  })
  const on = (system: string) => Object.defineProperty(process, 'platform', { value: system })
  const secret = Buffer.from('00ff80c3bf'.padEnd(64, '7'), 'hex')

  for (const system of ['linux', 'darwin', 'win32']) {
    test(`on ${system} any 32 bytes come back, and only from what was sealed`, async () => {
      on(system)
      const sealed = await systemKeeper.seal(secret)
      assert.equal(systemKeeper.id, KEEPER_SYSTEM)
      assert.equal(sealed.includes(secret), false)
      assert.deepEqual(await systemKeeper.open(sealed), secret)
      for (const wrong of [Buffer.alloc(0), sealed.subarray(1), Buffer.alloc(100)]) assert.equal(await systemKeeper.open(wrong), undefined)
    })
  }

  test('a password that everybody knows is no keystore, and one that is shut is none', async () => {
    on('linux')
    for (const backend of ['basic_text', 'unknown'] as const) {
      keystore.backend = backend
      await assert.rejects(systemKeeper.seal(secret), /no keystore/)
    }
    keystore.backend = 'kwallet6'
    keystore.available = false
    await assert.rejects(systemKeeper.seal(secret), /no keystore/)
    assert.equal(keystore.asked, 0)
  })

  test('a keyring that the desktop names and that is not there is no keystore', async () => {
    keystore.dead = true
    on('linux')
    await assert.rejects(systemKeeper.seal(secret), /no keystore/)
    // Elsewhere the same mark stands for the system's own.
    on('win32')
    await systemKeeper.seal(secret)
  })

  test('one that waits for a person is not waited for, and asked again a while later', async () => {
    let now = 1_000_000
    const keeper = new SystemKeeper({ patienceMs: 20, now: () => now })
    const sealed = await keeper.seal(secret)
    keystore.silent = true
    await assert.rejects(keeper.seal(secret), /does not answer/)
    keystore.silent = false
    await assert.rejects(keeper.seal(secret), /a while ago/)
    assert.equal(await keeper.open(sealed), undefined)
    now += 60_000
    assert.deepEqual(await keeper.open(sealed), secret)
    keystore.silent = true
    assert.equal(await keeper.open(sealed), undefined)
  })
})
