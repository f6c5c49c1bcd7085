import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { Accounting } from '../../main/app/accounting.ts'
import { Background } from '../../main/app/background.ts'
import { Consents } from '../../main/app/consents.ts'
import { ContributionBook } from '../../main/app/contribution-book.ts'
import { type IdentityContents, openIdentity, sealIdentity } from '../../main/app/identity-file.ts'
import { IdentityKeeper } from '../../main/app/identity-keeper.ts'
import { RecordKeeper } from '../../main/app/record-keeper.ts'
import { type CallName, calls } from '../../shared/ipc.ts'
import { settings } from '../../shared/settings.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
/** Beyond what a date can say, beyond what a number of JSON usually is, and before anything was. */
const FAR = [8.7e15, 1e300, -1]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-far-'))
})
afterEach(() => rm(folder, { recursive: true }))

const day = (change: object) => ({ or: [0, 0], dir: [0, 0], tor: [0, 0, 0], refused: 0, up: 0, served: {}, used: {}, ...change })
const FILES: Record<string, { load(): Promise<{ problem: unknown }>; content(far: number): object }[]> = {
  'accounting.json': [
    {
      load: () => Accounting.load(folder, { now: NOW, startDay: 1 }),
      content: far => ({ version: 1, current: { since: far, bytes: 1 } }),
    },
  ],
  'background.json': [
    {
      load: () => Background.load({ dataFolder: folder, settings: () => settings.parse({}) }),
      content: far => ({ pause: { from: NOW, until: far } }),
    },
  ],
  'consents.json': [{ load: () => Consents.load(folder, NOW), content: far => ({ relay: { version: 1, at: far } }) }],
  'record.json': [
    { load: () => RecordKeeper.load(folder, NOW), content: far => ({ alive: far }) },
    { load: () => RecordKeeper.load(folder, NOW), content: far => ({ record: { milestones: { stable: far } } }) },
    { load: () => RecordKeeper.load(folder, NOW), content: far => ({ record: { breaks: [{ from: far, cause: 'quit' }] } }) },
  ],
  'contribution.json': [
    {
      load: () => ContributionBook.load(folder, { now: NOW, retentionDays: () => 400 }),
      content: far => ({ days: { '2026-11-22': day({ or: [far * 1e6, 0] }) } }),
    },
    {
      load: () => ContributionBook.load(folder, { now: NOW, retentionDays: () => 400 }),
      content: () => ({ days: { '2026-99-99': day({}) } }),
    },
  ],
}

describe('a file with a time or a count that no view can show is damaged, said and kept aside', () => {
  for (const [name, cases] of Object.entries(FILES))
    for (const [i, { load, content }] of cases.entries())
      for (const far of FAR)
        test(`${name} ${i + 1}: ${far}`, async () => {
          const text = JSON.stringify(content(far))
          await writeFile(join(folder, name), text)
          const { problem } = (await load()) as { problem: { code: string; detail: { file: string; keptAs: string } } | undefined }
          assert.equal(problem?.code, 'settings-damaged')
          assert.equal(problem.detail.file, name)
          assert.equal(await readFile(join(folder, problem.detail.keptAs), 'utf8'), text)
        })

  test('a mark of a move at such a time still locks', async () => {
    await writeFile(join(folder, 'identity-moved.json'), '{"at":9007199254740991}')
    assert.equal((await IdentityKeeper.load(folder)).movedAt, 0)
  })
})

describe('an identity file whose password is known, but what it says is hostile', () => {
  const good: IdentityContents = {
    exportedAt: NOW,
    moved: false,
    network: 'tor',
    nickname: 'Alice',
    fingerprint: 'A'.repeat(40),
    files: {},
  }
  const cost = { logN: 10, r: 8, p: 1 }
  for (const [what, change] of [
    ['a time behind all dates', { exportedAt: 8.7e15 }],
    ['a name that turns the line around', { nickname: '\u202eecilA' }],
    ['a name with markup', { nickname: '<img src=x>' }],
    ['no name', { nickname: '' }],
  ] as const)
    test(`${what} is damaged`, async () => {
      const text = await sealIdentity({ ...good, ...change }, 'password of it', cost)
      await assert.rejects(openIdentity(text, 'password of it'), { fault: 'damaged' })
    })
})

describe('a call with a time that no date can say is refused', () => {
  const TIMES: [CallName, (at: number) => unknown][] = [
    ['abuse.find', at => ({ at, address: '192.0.2.1' })],
    ['blocks.add', expires => ({ target: '{se}', expires })],
    ['accessLog.search', from => ({ from })],
    ['accessLog.csv', to => ({ to })],
  ]
  for (const [name, argument] of TIMES)
    test(name, () => {
      assert.equal(calls[name].argument.safeParse(argument(NOW)).success, true)
      for (const far of FAR) assert.equal(calls[name].argument.safeParse(argument(far)).success, false, `${far}`)
    })
})
