import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { IdentityDesk } from '../../main/app/identity-desk.ts'
import { type IdentityContents, openIdentity, sealIdentity } from '../../main/app/identity-file.ts'
import { IdentityKeeper } from '../../main/app/identity-keeper.ts'
import { silentLog } from '../../main/lib/log.ts'
import { RelayKeys } from '../../main/relay/keys.ts'
import { calls } from '../../shared/ipc.ts'
import type { ProblemCode } from '../../shared/problem.ts'

const COST = { logN: 10, r: 8, p: 1 }
const PASSWORD = 'correct horse battery'
const NOW = new Date(2026, 10, 22, 12).getTime()
const root = await mkdtemp(join(tmpdir(), 'vantage-identity-'))
after(() => rm(root, { recursive: true }))

/** The keys in a folder, by the clock of these tests: keys that are too old or from the future are renewed. */
const keysOf = (...path: string[]) => RelayKeys.load(join(...path), { now: () => NOW })

let made = 0
/** A data folder, with a relay's keys in it unless it is a fresh one. */
async function installation(
  options: { fresh?: boolean; network?: 'tor' | 'practice'; seenAt?: (fingerprint: string) => number | undefined } = {},
) {
  const folder = join(root, String(made++))
  await mkdir(folder)
  const keys = options.fresh ? undefined : await keysOf(folder, 'keys')
  const did: string[] = []
  const load = async () => {
    const keeper = await IdentityKeeper.load(folder)
    const desk = new IdentityDesk({
      keeper,
      network: options.network ?? 'tor',
      nickname: () => 'Mover',
      seenAt: fingerprint => options.seenAt?.(fingerprint),
      isRunning: () => !options.fresh,
      stopRelay: async () => void did.push('stop'),
      startRelay: async () => void did.push(desk.problem ? 'refused' : 'start'),
      log: silentLog,
      cost: COST,
    })
    return { keeper, desk }
  }
  return { folder, keys, did, load, ...(await load()) }
}

const fails = (promise: Promise<unknown>, code: ProblemCode) =>
  assert.rejects(
    promise,
    (error: { problem?: { code: string } }) => error.problem?.code === code || assert.fail(`${JSON.stringify(error)}`),
  )

/** Every file of a folder, so that a test can see that nothing changed. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile())
  return Object.fromEntries(
    await Promise.all(files.map(async ({ parentPath, name }) => [join(parentPath, name), await readFile(join(parentPath, name), 'utf8')])),
  )
}

describe('the identity file', () => {
  const identity: IdentityContents = {
    exportedAt: NOW,
    moved: false,
    network: 'tor',
    nickname: 'Mover',
    fingerprint: 'AB'.repeat(20),
    files: { 'identity-rsa.pem': 'SECRET' },
  }

  test('opens with its password only, and shows nothing without', async () => {
    const text = await sealIdentity(identity, PASSWORD, COST)
    assert.match(text, /^-----BEGIN VANTAGE IDENTITY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END VANTAGE IDENTITY-----\n$/)
    assert.ok(!Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64').includes('SECRET'))
    assert.deepEqual(await openIdentity(text, PASSWORD), identity)
    await assert.rejects(openIdentity(text, 'Correct horse battery'), { fault: 'password' })
    assert.notEqual(await sealIdentity(identity, PASSWORD, COST), text, 'salt and nonce are new each time')
  })

  test('is as docs/identity-file.md says', async () => {
    const text = await sealIdentity(identity, PASSWORD)
    const bytes = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64')
    assert.equal(bytes.subarray(0, 12).toString('hex'), `${Buffer.from('VANTAGEI').toString('hex')}01110801`)
    const plain = Buffer.byteLength(JSON.stringify(identity))
    assert.equal(bytes.length, 40 + plain + 16 + 8)
  })

  test('survives what mail programs do to it, and nothing else', async () => {
    const text = await sealIdentity(identity, PASSWORD, COST)
    for (const good of [text.replaceAll('\n', '\r\n'), `\uFEFF${text}`, `Keep this!\n\n${text}\nBye`])
      assert.deepEqual(await openIdentity(good, PASSWORD), identity)
    const lines = text.split('\n')
    const body = lines.slice(1, -2).join('')
    const wrap = (bytes: Buffer) => [lines[0], bytes.toString('base64'), lines.at(-2), ''].join('\n')
    const bytes = Buffer.from(body, 'base64')
    for (let i = 0; i < bytes.length; i += 7) {
      const changed = Buffer.from(bytes)
      changed[i]! ^= 1
      await assert.rejects(openIdentity(wrap(changed), PASSWORD), { fault: 'damaged' }, `byte ${i}`)
    }
    for (const bad of [
      '',
      'hello',
      text.slice(0, -40),
      text.replace(lines[2]!, ''),
      text.replace('BEGIN', 'BEGGING'),
      wrap(bytes.subarray(0, 50)),
    ])
      await assert.rejects(openIdentity(bad, PASSWORD), { fault: 'damaged' })
  })

  test('a newer version is named as such; one that asks for much memory is not begun', async () => {
    const { sha256 } = await import('../../main/crypto/digest.ts')
    const text = await sealIdentity(identity, PASSWORD, COST)
    const lines = text.split('\n')
    const remade = (at: number, value: number) => {
      const bytes = Buffer.from(lines.slice(1, -2).join(''), 'base64')
      bytes[at] = value
      sha256(bytes.subarray(0, -8)).copy(bytes, bytes.length - 8, 0, 8)
      return [lines[0], bytes.toString('base64'), lines.at(-2), ''].join('\n')
    }
    await assert.rejects(openIdentity(remade(8, 2), PASSWORD), { fault: 'newer' })
    for (const [at, value] of [
      [9, 30],
      [9, 255],
      [10, 255],
      [11, 255],
    ] as const)
      await assert.rejects(openIdentity(remade(at, value), PASSWORD), { fault: 'damaged' })
    // A weaker cost than it was sealed with gives another key, and the header is authenticated besides.
    await assert.rejects(openIdentity(remade(9, 11), PASSWORD), { fault: 'password' })
  })
})

describe('an identity that goes to another computer', () => {
  test('arrives whole, and the old installation locks itself until told otherwise', async () => {
    const old = await installation()
    const fresh = await installation({ fresh: true })
    const { text, name } = calls['identity.export'].result.parse(await old.desk.export({ password: PASSWORD, move: true }, NOW))
    assert.equal(name, 'vantage-identity-2026-11-22.txt')
    assert.deepEqual(old.did, ['stop', 'refused'])
    assert.equal(old.desk.problem?.problem.code, 'identity-moved')
    assert.equal((await old.load()).desk.problem?.problem.code, 'identity-moved', 'a restart unlocks nothing')

    const facts = calls['identity.inspect'].result.parse(await fresh.desk.inspect({ text, password: PASSWORD }))
    assert.deepEqual([facts.fingerprint, facts.moved, facts.existing, facts.nickname], [old.keys!.fingerprint, true, undefined, 'Mover'])
    const wanted = { text, password: PASSWORD, replace: false, stoppedElsewhere: false }
    assert.deepEqual(await fresh.desk.import(wanted, NOW), { fingerprint: old.keys!.fingerprint, keptAs: undefined })
    const moved = await keysOf(fresh.folder, 'keys')
    assert.equal(moved.fingerprint, old.keys!.fingerprint)
    assert.deepEqual(moved.edIdentity.public, old.keys!.edIdentity.public)
    assert.deepEqual(moved.ntor.key.public, old.keys!.ntor.key.public, 'clients with the old descriptor still find it')

    await old.desk.keep()
    assert.equal(old.desk.problem, undefined)
    assert.equal((await old.load()).desk.problem, undefined)
    assert.equal(old.did.at(-1), 'start')
  })

  test('passwords are tried one after the other, however many are asked for at once', async () => {
    const { desk } = await installation()
    const contents: IdentityContents = {
      exportedAt: NOW,
      moved: false,
      network: 'tor',
      nickname: 'Any',
      fingerprint: 'A'.repeat(40),
      files: {},
    }
    const [dear, cheap] = await Promise.all([16, 10].map(logN => sealIdentity(contents, PASSWORD, { ...COST, logN })))
    const order: string[] = []
    const inspect = (name: string, text: string) => desk.inspect({ text, password: PASSWORD }).then(() => order.push(name))
    await Promise.all([inspect('dear', dear!), inspect('cheap', cheap!)])
    assert.deepEqual(order, ['dear', 'cheap'])
  })

  test('moved away, it gives no second file but another move; coming back unlocks it', async () => {
    const old = await installation()
    const { text } = await old.desk.export({ password: PASSWORD, move: true }, NOW)
    await fails(old.desk.export({ password: PASSWORD, move: false }, NOW), 'identity-moved')
    await old.desk.import({ text, password: PASSWORD, replace: true, stoppedElsewhere: false }, NOW)
    assert.equal(old.desk.problem, undefined)
    assert.equal(old.did.at(-1), 'start')
  })

  test('a marker that cannot be read still locks', async () => {
    const { folder, load } = await installation()
    for (const content of ['', '{"at":', '{"at":"x"}']) {
      await writeFile(join(folder, 'identity-moved.json'), content)
      assert.equal((await load()).desk.problem?.problem.code, 'identity-moved')
    }
  })

  test('wrong password, damaged file, another network: said plainly, and nothing is changed', async () => {
    const old = await installation()
    const other = await installation({ network: 'practice' })
    const { text } = await old.desk.export({ password: PASSWORD, move: false }, NOW)
    const before = await snapshot(other.folder)
    const wish = { text, password: PASSWORD, replace: true, stoppedElsewhere: true }
    await fails(other.desk.import({ ...wish, password: 'something else' }, NOW), 'password-wrong')
    await fails(other.desk.inspect({ text, password: '' }), 'password-wrong')
    await fails(other.desk.import({ ...wish, text: text.slice(0, 500) }, NOW), 'identity-file-damaged')
    await fails(other.desk.import(wish, NOW), 'identity-other-network')
    const lying = await sealIdentity(
      { exportedAt: NOW, moved: true, network: 'practice', nickname: 'x', fingerprint: 'AB'.repeat(20), files: await old.keeper.read() },
      PASSWORD,
      COST,
    )
    await fails(other.desk.import({ ...wish, text: lying }, NOW), 'identity-file-damaged')
    const half = await sealIdentity(
      {
        exportedAt: NOW,
        moved: true,
        network: 'practice',
        nickname: 'x',
        fingerprint: old.keys!.fingerprint,
        files: { 'identity-rsa.pem': (await old.keeper.read())['identity-rsa.pem']! },
      },
      PASSWORD,
      COST,
    )
    await fails(other.desk.import({ ...wish, text: half }, NOW), 'identity-file-damaged')
    assert.deepEqual(await snapshot(other.folder), before)
    // The relay that was stopped for it goes on.
    assert.equal(other.did.at(-1), 'start')
  })

  test('an identity that is here is put aside only by consent, and is kept whole', async () => {
    const old = await installation()
    const other = await installation()
    const { text } = await old.desk.export({ password: PASSWORD, move: false }, NOW)
    const wish = { text, password: PASSWORD, replace: false, stoppedElsewhere: false }
    await fails(other.desk.import(wish, NOW), 'identity-exists')
    assert.deepEqual(other.did, [])
    const { keptAs } = await other.desk.import({ ...wish, replace: true }, NOW)
    assert.equal(keptAs, `keys.replaced-${new Date(NOW).toISOString().replace(/[-:.]/g, '')}`)
    assert.equal((await keysOf(other.folder, keptAs!)).fingerprint, other.keys!.fingerprint)
    assert.equal(other.keeper.fingerprint, old.keys!.fingerprint)
    assert.deepEqual(other.did, ['stop', 'start'])
  })

  test('one that the network has seen since is refused until its owner says that it stopped', async () => {
    const old = await installation()
    const seenAt = (fingerprint: string) => (fingerprint === old.keys!.fingerprint ? NOW + 3_600_000 : undefined)
    const fresh = await installation({ fresh: true, seenAt })
    const { text } = await old.desk.export({ password: PASSWORD, move: false }, NOW)
    assert.equal((await fresh.desk.inspect({ text, password: PASSWORD })).seenAt, NOW + 3_600_000)
    const wish = { text, password: PASSWORD, replace: false, stoppedElsewhere: false }
    await fails(fresh.desk.import(wish, NOW + 7_200_000), 'identity-runs-elsewhere')
    await fresh.desk.import({ ...wish, stoppedElsewhere: true }, NOW + 7_200_000)
    assert.equal(fresh.keeper.fingerprint, old.keys!.fingerprint)
  })

  test('a crash between two renames leaves one identity, whole', async () => {
    const { folder, keys, load } = await installation()
    await mkdir(join(folder, 'keys.incoming'))
    await rename(join(folder, 'keys'), join(folder, 'keys.ready'))
    assert.equal((await load()).keeper.fingerprint, keys!.fingerprint, 'the new one was checked: it comes into force')
    const left = await readdir(folder)
    assert.deepEqual(
      left.filter(name => name.startsWith('keys')),
      ['keys'],
    )
    const another = await installation()
    await rename(join(another.folder, 'keys'), join(folder, 'keys.ready'))
    assert.equal((await load()).keeper.fingerprint, keys!.fingerprint, 'the old one was not yet put aside: it stays')
  })

  test('without an identity there is nothing to save, and damaged keys are not saved', async () => {
    await fails((await installation({ fresh: true })).desk.export({ password: PASSWORD, move: false }, NOW), 'identity-missing')
    const broken = await installation()
    await writeFile(join(broken.folder, 'keys', 'identity-ed25519.json'), '{}')
    await fails(broken.desk.export({ password: PASSWORD, move: true }, NOW), 'key-file-damaged')
    assert.equal(broken.desk.problem, undefined, 'and nothing is locked')
  })

  test('the contract takes no short password', () => {
    assert.equal(calls['identity.export'].argument.safeParse({ password: 'short', move: false }).success, false)
    assert.equal(calls['identity.export'].argument.safeParse({ password: PASSWORD, move: false }).success, true)
  })
})
