import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { parseTorCert, TorCertType, verifyTorCert } from '../../main/crypto/tor-cert.ts'
import { KeyFileError, RelayKeys } from '../../main/relay/keys.ts'

const DAY = 86_400_000
const FILES = ['identity-ed25519.json', 'identity-rsa.pem', 'onion.json', 'signing-ed25519.json']

describe('the keys of a relay', () => {
  let folder: string
  let now: number
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'vantage-keys-')), 'keys')
    now = Date.UTC(2030, 0, 1)
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))

  const load = (): Promise<RelayKeys> => RelayKeys.load(folder, { now: () => now })
  const contents = async (): Promise<Record<string, string>> =>
    Object.fromEntries(await Promise.all((await readdir(folder)).map(async name => [name, await readFile(join(folder, name), 'base64')])))

  test('are made once, for their owner only, and are the same after a restart', async () => {
    const made = await load()
    assert.deepEqual((await readdir(folder)).sort(), FILES)
    for (const name of FILES) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    const files = await contents()
    now += 20 * DAY
    const again = await load()
    assert.deepEqual(await contents(), files)
    assert.equal(again.fingerprint, made.fingerprint)
    assert.match(again.fingerprint, /^[0-9A-F]{40}$/)
    assert.ok(again.edIdentity.public.equals(made.edIdentity.public))
    assert.ok(again.signing.cert.equals(made.signing.cert))
    assert.ok(again.ntor.key.public.equals(made.ntor.key.public))
    assert.equal(again.ntor.since, made.ntor.since)
    assert.ok(again.tapOnion.publicDer.equals(made.tapOnion.publicDer))
    assert.equal(again.previousNtor, undefined)
  })

  test('fit together: signing certificate, link keys, onion keys', async () => {
    const keys = await load()
    const cert = parseTorCert(keys.signing.cert)
    assert.equal(cert.type, TorCertType.ED25519_SIGNING)
    assert.ok(cert.key.equals(keys.signing.key.public))
    assert.ok(verifyTorCert(cert, now + 29 * DAY, keys.edIdentity.public))
    assert.equal(keys.rsa.publicKey.bits, 1024)
    const link = keys.linkKeys()
    assert.ok(link.ed25519Identity.equals(keys.edIdentity.public) && link.signingCert.equals(keys.signing.cert))
    const onion = keys.onionKeys()
    assert.ok(onion.rsaIdentity.equals(keys.rsa.fingerprint))
    assert.equal(onion.findNtor(keys.ntor.key.public), keys.ntor.key)
    assert.equal(onion.findNtor(Buffer.alloc(32)), undefined)
  })

  test('the signing key is renewed days before it expires, by the clock or at the next start', async () => {
    const keys = await load()
    const first = keys.signing
    const firstLink = keys.linkKeys()
    now += 24 * DAY
    assert.equal(await keys.rotate(), false)
    now += 2 * DAY
    assert.equal(await keys.rotate(), true)
    assert.ok(!keys.signing.cert.equals(first.cert))
    assert.ok(keys.signing.expires >= now + 30 * DAY)
    assert.notEqual(keys.linkKeys(), firstLink)
    assert.ok((await load()).signing.cert.equals(keys.signing.cert))
    now += 100 * DAY
    assert.ok((await load()).signing.expires > now + 29 * DAY)
  })

  test('the onion keys are renewed every 28 days, and the old one serves 7 days more', async () => {
    const keys = await load()
    const first = keys.ntor.key
    const tap = keys.tapOnion.publicDer
    now += 28 * DAY
    assert.equal(await keys.rotate(), true)
    assert.ok(!keys.ntor.key.public.equals(first.public))
    assert.ok(!keys.tapOnion.publicDer.equals(tap))
    for (const held of [keys, await load()]) assert.ok(held.onionKeys().findNtor(first.public)?.secret.equals(first.secret))
    now += 7 * DAY
    for (const held of [keys, await load()]) {
      assert.equal(held.previousNtor, undefined)
      assert.equal(held.onionKeys().findNtor(first.public), undefined)
    }
  })

  test('keys that a wrong clock dated into the future are renewed', async () => {
    now += 1000 * DAY
    const wrong = await load()
    now -= 1000 * DAY
    const right = await load()
    assert.equal(right.fingerprint, wrong.fingerprint)
    assert.equal(right.ntor.since, now)
    assert.ok(right.signing.expires <= now + 31 * DAY)
  })

  test('whoever only reads them renews nothing, since the relay that runs with them does', async () => {
    const running = await load()
    const before = await contents()
    now += 60 * DAY
    const read = await RelayKeys.load(folder, { now: () => now, renew: false })
    assert.ok(read.ntor.key.public.equals(running.ntor.key.public))
    assert.deepEqual(await contents(), before)
  })

  test('two rotations at the same time are one', async () => {
    const keys = await load()
    now += 28 * DAY
    await Promise.all([keys.rotate(), keys.rotate()])
    assert.equal(keys.ntor.since, now)
    assert.ok(keys.previousNtor)
  })

  test('a damaged file is named and nothing is written over it', async () => {
    await load()
    const good = await contents()
    const damages: Record<string, (text: string) => string | Buffer> = {
      empty: () => '',
      cut: text => text.slice(0, text.length / 2),
      zeros: text => Buffer.alloc(text.length),
      null: () => 'null',
      huge: text => text + ' '.repeat(100_000),
    }
    for (const name of FILES) {
      const path = join(folder, name)
      const text = Buffer.from(good[name]!, 'base64').toString()
      for (const [kind, damage] of Object.entries(damages)) {
        await writeFile(path, damage(text))
        const before = await contents()
        await assert.rejects(load(), error => error instanceof KeyFileError && error.file === path, `${name} ${kind}`)
        assert.deepEqual(await contents(), before, `${name} ${kind}`)
      }
      await writeFile(path, text)
    }
    assert.ok(await load())
  })

  test('a file that cannot be read is named', async () => {
    await load()
    const path = join(folder, 'onion.json')
    await rm(path)
    await mkdir(path)
    await assert.rejects(load(), error => error instanceof KeyFileError && error.file === path && /NOT_A_FILE/.test(error.message))
  })

  test('halves that do not belong together are refused: of a key, of a relay', async () => {
    const mine = await load()
    const other = join(folder, '..', 'other')
    await RelayKeys.load(other, { now: () => now })
    for (const name of ['identity-rsa.pem', 'identity-ed25519.json', 'signing-ed25519.json']) {
      const text = await readFile(join(folder, name))
      await writeFile(join(folder, name), await readFile(join(other, name)))
      await assert.rejects(load(), KeyFileError, name)
      await writeFile(join(folder, name), text)
    }
    for (const name of ['identity-ed25519.json', 'signing-ed25519.json', 'onion.json']) {
      const text = await readFile(join(folder, name), 'utf8')
      const changed = text.replace(/("(?:seed|secret)": ")(.)/, (_all, before, first) => `${before}${first === 'A' ? 'Q' : 'A'}`)
      await writeFile(join(folder, name), changed)
      await assert.rejects(load(), KeyFileError, name)
      await writeFile(join(folder, name), text)
    }
    assert.equal((await load()).fingerprint, mine.fingerprint)
  })

  test('a lost identity is not quietly replaced by a new one', async () => {
    await load()
    for (const name of ['identity-rsa.pem', 'identity-ed25519.json']) {
      const text = await readFile(join(folder, name))
      await rm(join(folder, name))
      await assert.rejects(
        load(),
        error => error instanceof KeyFileError && error.file === join(folder, name) && /missing/.test(error.message),
      )
      assert.ok(!(await readdir(folder)).includes(name))
      await writeFile(join(folder, name), text)
    }
  })

  test('an interrupted first start is completed; lost short-lived keys are made again', async () => {
    const first = await load()
    for (const name of ['identity-ed25519.json', 'signing-ed25519.json', 'onion.json']) await rm(join(folder, name))
    const completed = await load()
    assert.equal(completed.fingerprint, first.fingerprint)
    assert.ok(!completed.edIdentity.public.equals(first.edIdentity.public))
    await rm(join(folder, 'onion.json'))
    await rm(join(folder, 'signing-ed25519.json'))
    const again = await load()
    assert.ok(again.edIdentity.public.equals(completed.edIdentity.public))
    assert.ok(!again.ntor.key.public.equals(completed.ntor.key.public))
  })
})
