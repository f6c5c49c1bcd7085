import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { checkBlock, type KnownMember } from '../../main/app/block-check.ts'
import { keepDamagedBlockList } from '../../main/app/safety.ts'
import { MAX_BLOCK_FILE_BYTES } from '../../main/perspective/block-list.ts'
import { calls } from '../../shared/ipc.ts'

const [FIRST, SECOND] = ['AB'.repeat(20), 'CD'.repeat(20)]
const member = (fingerprint: string, nickname: string, address: string, country: string, family: string[] = []): KnownMember => ({
  fingerprint,
  nickname,
  ed25519Identity: Buffer.from(fingerprint.slice(0, 2).repeat(32), 'hex'),
  family,
  addresses: [address],
  countries: [country],
})
const facts = {
  targets: ['{no}'],
  members: [member(FIRST, 'one', '198.51.100.7', 'se', [`$${SECOND}`]), member(SECOND, 'two', '2001:db8::7', 'no')],
  connected: [FIRST, 'EF'.repeat(20)],
}
const check = (text: string) => calls['blocks.check'].result.parse(checkBlock(text, facts))

describe('what a block would do', () => {
  const cases: [string, string, string, string | undefined, number, number][] = [
    [FIRST.toLowerCase(), `$${FIRST}`, 'fingerprint', 'one', 1, 1],
    [` $${SECOND} `, `$${SECOND}`, 'fingerprint', 'two', 1, 0],
    [`family:$${SECOND}`, `family:$${SECOND}`, 'family', 'two', 2, 1],
    [Buffer.alloc(32, 0xab).toString('base64'), Buffer.alloc(32, 0xab).toString('base64').slice(0, 43), 'ed25519', 'one', 1, 1],
    ['198.51.100.0/24', '198.51.100.0/24', 'network', undefined, 1, 1],
    ['2001:db8::/32', '2001:db8::/32', 'network', undefined, 1, 0],
    ['0.0.0.0/0', '0.0.0.0/0', 'network', undefined, 1, 1],
    ['SE', '{se}', 'country', undefined, 1, 1],
    ['{fr}', '{fr}', 'country', undefined, 0, 0],
    ['EF'.repeat(20), `$${'EF'.repeat(20)}`, 'fingerprint', undefined, 0, 0],
  ]
  for (const [text, target, kind, nickname, members, connected] of cases)
    test(`${text} is ${target}, and keeps out ${members}`, () =>
      assert.deepEqual(check(text), { ok: true, target, kind, nickname, known: false, members, of: 2, connected }))

  test('an entry that is there already is known', () => {
    const answer = check('no')
    assert.ok(answer.ok && answer.known)
  })

  for (const text of ['', 'nobody', 'swe', '198.51.100.0/33', '1.2.3', 'example.com', `$${FIRST}0`, '<img src=x>', '{s1}', 'x'.repeat(200)])
    test(`${JSON.stringify(text.slice(0, 50))} is no target`, () => assert.deepEqual(check(text), { ok: false }))
})

describe('a block list that was edited by hand', () => {
  test('is kept aside when lines of it are not understood; the rest stays in force', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vantage-blocks-'))
    try {
      const file = join(folder, 'blocklist.txt')
      const now = Date.parse('2026-11-22T12:00:00Z')
      assert.equal(await keepDamagedBlockList(folder, now), undefined, 'no list')
      await writeFile(file, '# mine\n{se}\n')
      assert.equal(await keepDamagedBlockList(folder, now), undefined, 'a good one')
      assert.equal(await readFile(file, 'utf8'), '# mine\n{se}\n')
      await writeFile(file, '{se}\nsweeden\n')
      const keptAs = 'blocklist.damaged-20261122T120000Z.txt'
      assert.deepEqual(await keepDamagedBlockList(folder, now), { code: 'settings-damaged', detail: { file: 'blocklist.txt', keptAs } })
      assert.equal(await readFile(join(folder, keptAs), 'utf8'), '{se}\nsweeden\n')
      assert.equal(await readFile(file, 'utf8'), '{se}\n')
      assert.equal(await keepDamagedBlockList(folder, now), undefined, 'said once')
      await writeFile(file, 'x'.repeat(MAX_BLOCK_FILE_BYTES + 1))
      assert.notEqual(await keepDamagedBlockList(folder, now + 1000), undefined)
      assert.deepEqual((await readdir(folder)).sort(), [keptAs, 'blocklist.damaged-20261122T120001Z.txt'].sort(), 'put aside whole')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
