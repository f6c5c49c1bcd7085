import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { checkPolicy, risksOf } from '../../main/app/policy-check.ts'
import { widenedPorts } from '../../main/app/policy-widening.ts'
import { words } from '../../renderer/i18n/words.ts'
import type { Section } from '../../renderer/views/safety/section.ts'
import type { CallArgument } from '../../shared/ipc.ts'
import type { AppState } from '../../shared/state.ts'
import { ScriptedProblem } from '../renderer/fake-host.ts'
import { answerAsServing, BLOCKS, DIAGNOSTICS, FACTS, PEER, SUSPECT, servingState } from '../renderer/safety-samples.ts'
import { sampleState } from '../renderer/sample-state.ts'
import { axeViolations, themeRules } from './axe.ts'
import { lasting, tooWide } from './layout.ts'
import { shotPath, uiWindows } from './ui-window.ts'

const text = words.safety
const open = uiWindows()
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-safety-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function openWindow(state: AppState = servingState(), own: Parameters<typeof answerAsServing>[1] = {}) {
  const ui = await open(state, 'safety', host => answerAsServing(host, own))
  return { ...ui, section: (name: Section) => ui.page.getByRole('radio', { name: text.sections[name] }).check() }
}

async function fileWith(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const main = (page: Page) => page.locator('main').innerText()

/** Opens one part of the page with everything in it that there can be. */
const FULL: Record<Section, (page: Page) => Promise<unknown>> = {
  blocks: async page => {
    await page.getByLabel(text.blocks.target).fill(PEER)
    await page.getByText('1 is connected now').waitFor()
  },
  log: async page => {
    await page.getByRole('button', { name: text.log.search }).click()
    await page.getByText('212 entries found.').first().waitFor()
  },
  complaint: async page => {
    await page.getByLabel(text.complaint.at).fill('2026-11-22T10:00:00')
    await page.getByLabel(text.complaint.address).fill('198.51.100.7')
    await page.getByRole('button', { name: text.complaint.find }).click()
    await page.getByLabel(text.complaint.letter).waitFor()
  },
  identity: async page => {
    await page.getByLabel(text.chooseFile, { exact: true }).setInputFiles(await fileWith('identity.txt', 'x'))
    await page.getByLabel(text.identity.loadPassword).fill('correct horse battery')
    await page.getByRole('button', { name: text.identity.look }).click()
    await page.getByText(text.identity.copyWarning).waitFor()
  },
  diagnostics: async page => {
    await page.getByRole('button', { name: text.diagnostics.show }).click()
    await page.getByRole('region', { name: text.diagnostics.preview }).waitFor()
  },
}

describe('the Safety page', { timeout: 120_000 }, () => {
  test('is accessible in both themes in each of its parts, empty and full, and fits its window at twice the size', async () => {
    await using ui = await openWindow()
    const { page, host, window } = ui
    const wrong: string[] = []
    const look = async (name: string) => {
      for (const theme of ['light', 'dark'] as const) {
        await window.change({ settings: { ...host.state.settings, theme } })
        const found = await axeViolations(page, themeRules(theme))
        wrong.push(...found.map(violation => `${name}, ${theme}: ${violation}`))
        await page.screenshot({ path: shotPath(`safety-${name}-${theme}`), fullPage: true })
      }
      await page.setViewportSize({ width: 450, height: 300 })
      for (const fault of await lasting(() => tooWide(page))) wrong.push(`${name} is ${fault}`)
      await page.setViewportSize({ width: 1180, height: 1400 })
    }
    await page.setViewportSize({ width: 1180, height: 1400 })
    for (const name of Object.keys(FULL) as Section[]) {
      await ui.section(name)
      await FULL[name](page)
      await look(name)
    }
    await window.show(sampleState('consent'), 'safety')
    host.on('blocks.get', () => ({ entries: [] }))
    for (const name of ['log', 'identity', 'blocks'] as const) {
      await ui.section(name)
      await look(`${name}-empty`)
    }
    await window.change({ identity: { fingerprint: PEER, movedAt: Date.now() - 3_600_000 } })
    await ui.section('identity')
    await look('identity-moved')
    assert.deepEqual(wrong, [])
    assert.deepEqual(window.faults, [])
  })

  test('shows hostile text as harmless text', async () => {
    const hostile = '\u202E<img src=x onerror=alert(1)>\u0000\u200b'
    const script = '<b onclick=alert()>'
    await using ui = await openWindow(servingState(), {
      'blocks.get': () => ({ entries: [{ target: `$${PEER}`, reason: hostile, note: hostile }] }),
      'blocks.check': () => ({
        ok: true,
        target: `$${PEER}`,
        kind: 'fingerprint',
        nickname: script,
        known: true,
        members: 9,
        of: 9,
        connected: 1,
      }),
      'accessLog.search': () => ({
        records: [
          { startedAt: 1, endedAt: 2, peer: PEER, nickname: script, address: hostile, port: 1, reason: 99, bytesIn: 0, bytesOut: 0 },
        ],
        total: 1,
      }),
      'abuse.find': () => ({ suspects: [{ ...SUSPECT, nickname: script, contact: hostile }], logged: true, letter: hostile }),
      'identity.inspect': () => ({ ...FACTS, nickname: script }),
      'diagnostics.get': () => ({ name: hostile, text: '<img src=x onerror=alert(1)>' }),
    })
    const state = servingState()
    await ui.window.show({
      ...state,
      server: { ...state.server, sessions: state.server.sessions.map(session => ({ ...session, nickname: script })) },
    })
    for (const name of Object.keys(FULL) as Section[]) {
      await ui.section(name)
      await (name === 'log'
        ? (async () => {
            await ui.page.getByRole('button', { name: text.log.search }).click()
            await ui.page.getByText('1 entry found').first().waitFor()
          })()
        : FULL[name](ui.page))
      const { shown, strange } = await ui.page.evaluate(() => ({
        shown: document.body.innerText + [...document.querySelectorAll('textarea')].map(({ value }) => value).join(''),
        strange: document.querySelectorAll('main img, main b, main script, main [onclick], main [onerror]').length,
      }))
      assert.equal(strange, 0, name)
      assert.doesNotMatch(shown, /[\u0000-\u0008\u202a-\u202e\u200b]/, name)
      assert.match(shown, /<(img|b) /, `${name} shows it as text`)
    }
    assert.deepEqual(ui.window.faults, [])
  })
})

describe('the block list', { timeout: 60_000 }, () => {
  test('says what an entry would do, adds it by keyboard alone, and tells who was cut off', async () => {
    await using ui = await openWindow()
    const { page, window, host } = ui
    await page.getByRole('rowheader', { name: /Linnaeus/ }).waitFor()
    await window.tabTo(/^Whom$/)
    await page.keyboard.press('Enter')
    await page.getByText(text.blocks.targetMissing).first().waitFor()
    await page.keyboard.type('who?')
    await page.keyboard.press('Enter')
    await page.getByText(text.blocks.targetBad).first().waitFor()
    assert.equal(await window.focusedName(), text.blocks.target, 'the field that is wrong has the focus')
    assert.ok(!host.called.some(({ name }) => name === 'blocks.add'))
    await page.keyboard.press('Control+A')
    await page.keyboard.type(PEER)
    await page.getByText('Keeps out 1 of 9 known members.').waitFor()
    await window.tabTo(/^For how long$/)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await window.tabTo(/^Reason$/)
    await page.keyboard.type('scans ports')
    const added = host.nextCall('blocks.add')
    await page.keyboard.press('Enter')
    const { target, reason, expires } = (await added) as { target: string; reason: string; expires: number }
    assert.deepEqual([target, reason], [PEER, 'scans ports'])
    assert.ok(Math.abs(expires - Date.now() - 86_400_000) < 60_000)
    await page.getByText(text.blocks.added(1)).first().waitFor()
    await window.hears(text.blocks.added(1))
  })

  test('shows target, end and reason of each entry, and lets one in again', async () => {
    await using ui = await openWindow()
    const shown = await ui.page.getByRole('table').innerText()
    for (const part of [
      'Linnaeus',
      text.blocks.automatic,
      'too many destinations',
      'for ever',
      '198.51.100.0/24',
      'Brazil',
      'wrote to them',
    ])
      assert.ok(shown.includes(part), `${part}\n${shown}`)
    const removed = ui.host.nextCall('blocks.remove')
    await ui.page.getByRole('button', { name: text.blocks.removeOf('{br}') }).click()
    assert.deepEqual(await removed, { target: '{br}' })
    await ui.window.hears(text.blocks.removed)
  })

  test('follows what Vantage blocks by itself', async () => {
    await using ui = await openWindow()
    await ui.page.getByRole('rowheader', { name: /Linnaeus/ }).waitFor()
    ui.host.on('blocks.get', () => ({ entries: [...BLOCKS, { target: '{ch}' }] }))
    ui.host.change({ server: { ...ui.host.state.server, blocked: 5 } })
    await ui.page.getByRole('rowheader', { name: /Switzerland/ }).waitFor()
  })

  test('loads a long file in parts, names the first line that it passed over by its place in the file, and saves the list', async () => {
    await using ui = await openWindow(servingState(), {
      'blocks.import': ({ text: part }: { text: string }) => ({
        errors: part
          .split('\n')
          .flatMap((line, i) => (line === 'nobody' ? [{ line: i + 1, reason: 'not a fingerprint, Ed25519 identity' }] : [])),
      }),
    })
    const { page, host } = ui
    const lines = Array.from({ length: 9000 }, (_, i) => `$${i.toString(16).padStart(40, '0')}`)
    lines[8000] = 'nobody'
    await page.getByRole('button', { name: text.blocks.import }).click()
    await page.getByRole('button', { name: text.blocks.importDo, exact: true }).click()
    await page.getByText(text.fileMissing).first().waitFor()
    await page.getByLabel(text.chooseFile, { exact: true }).setInputFiles(await fileWith('big.txt', 'x'.repeat(1_000_001)))
    await page.getByText(text.fileTooLarge).first().waitFor()
    await page.getByLabel(text.chooseFile, { exact: true }).setInputFiles(await fileWith('list.txt', lines.join('\n')))
    await page.getByRole('radio', { name: text.blocks.importModes.replace }).check()
    await page.getByRole('button', { name: text.blocks.importDo, exact: true }).click()
    await page.getByText('The first is line 8001, “nobody”.').waitFor()
    const parts = host.called
      .filter(({ name }) => name === 'blocks.import')
      .map(({ argument }) => argument as CallArgument<'blocks.import'>)
    assert.deepEqual(
      parts.map(({ part, last, replace }) => [part, last, replace]),
      [
        [0, false, true],
        [1, true, true],
      ],
    )
    assert.equal(new Set(parts.map(({ id }) => id)).size, 1)
    assert.equal(
      parts
        .map(part => part.text)
        .join('')
        .trimEnd(),
      lines.join('\n'),
    )
    await page.keyboard.press('Escape')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: text.blocks.export }).click()])
    assert.equal(await readFile(await download.path(), 'utf8'), '{br}\n')
    assert.equal(download.suggestedFilename(), 'vantage-blocklist.txt')
  })
})

describe('the access log', { timeout: 60_000 }, () => {
  test('is off, says what it would note, and is switched off and deleted only after a question', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    const { page, host } = ui
    await ui.section('log')
    const control = page.getByRole('switch', { name: text.log.keep })
    assert.equal(await control.getAttribute('aria-checked'), 'false')
    for (const point of text.log.meaning) assert.ok((await main(page)).includes(point))
    assert.ok((await main(page)).includes(text.log.searchOff))
    await control.click()
    await page.getByLabel(text.log.time).waitFor()
    assert.equal(host.state.settings.accessLogHours, 24)
    await page.getByLabel(text.log.time).selectOption({ label: '90 days' })
    await page.waitForFunction(() => document.querySelector('select')?.value === '2160')
    assert.equal(host.state.settings.accessLogHours, 2160)

    const cleared = host.nextCall('accessLog.clear')
    await page.getByRole('button', { name: text.log.clear }).click()
    await page.getByRole('button', { name: text.log.clearDo, exact: true }).click()
    await cleared
    await control.click()
    assert.equal(host.state.settings.accessLogHours, 2160, 'not before the answer')
    await page.getByRole('button', { name: words.cancel }).click()
    assert.equal(host.state.settings.accessLogHours, 2160)
    await control.click()
    await page.getByRole('button', { name: text.log.off }).click()
    await page.getByText(text.log.searchOff).waitFor()
    const set = host.called.filter(({ name }) => name === 'settings.update').map(({ argument }) => argument)
    assert.deepEqual(set, [{ accessLogHours: 24 }, { accessLogHours: 2160 }, { accessLogHours: 0 }])
    assert.deepEqual(ui.window.faults, [])
  })

  test('is searched by time, address, port and member; what cannot be understood is named at its field', async () => {
    await using ui = await openWindow()
    const { page, host } = ui
    await ui.section('log')
    await page.getByLabel(text.log.from, { exact: true }).fill('2026-11-22T12:00:00')
    await page.getByLabel(text.log.to, { exact: true }).fill('2026-11-22T11:00:00')
    await page.getByLabel(text.log.address, { exact: true }).fill('example.com')
    await page.getByLabel(text.log.port, { exact: true }).fill('http')
    await page.getByLabel(text.log.peer, { exact: true }).fill('nobody')
    await page.getByRole('button', { name: text.log.search }).click()
    for (const error of [text.log.toBad, text.log.addressBad, text.log.portBad, text.log.peerBad])
      await page.locator('.error', { hasText: error }).waitFor()
    assert.ok(!host.called.some(({ name }) => name === 'accessLog.search'))
    await page.getByLabel(text.log.to, { exact: true }).fill('2026-11-22T13:00:00')
    await page.getByLabel(text.log.address, { exact: true }).fill('93.184.0.0/16')
    await page.getByLabel(text.log.port, { exact: true }).fill('443')
    await page.getByLabel(text.log.peer, { exact: true }).fill('linnaeus')
    const asked = host.nextCall('accessLog.search')
    await page.getByRole('button', { name: text.log.search }).click()
    assert.deepEqual(await asked, {
      from: new Date(2026, 10, 22, 12).getTime(),
      to: new Date(2026, 10, 22, 13).getTime(),
      network: '93.184.0.0/16',
      port: 443,
      peer: PEER,
      limit: 100,
    })
    await page.getByText('212 entries found. The newest 3 are shown.').waitFor()
    const table = await page.getByRole('table').innerText()
    for (const part of ['Linnaeus', '93.184.216.34:443', '[2606:2800:220:1::25]:80', text.log.open, 'orderly', 'timed out'])
      assert.ok(table.includes(part), part)
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: text.log.csv }).click()])
    assert.equal(download.suggestedFilename(), 'vantage-access.csv')
    assert.equal(await readFile(await download.path(), 'utf8'), 'started\r\na\r\n')
  })

  test('what was found goes with the log', async () => {
    await using ui = await openWindow()
    await ui.section('log')
    await FULL.log(ui.page)
    await ui.page.getByRole('button', { name: text.log.clear }).click()
    await ui.page.getByRole('button', { name: text.log.clearDo, exact: true }).click()
    await ui.page.locator('main').getByText('212 entries found.').waitFor({ state: 'detached' })
  })
})

describe('a complaint', { timeout: 60_000 }, () => {
  test('leads to the member, to the block list, and to a letter that says so', async () => {
    await using ui = await openWindow()
    const { page, host, window } = ui
    await ui.section('complaint')
    await page.getByRole('button', { name: text.complaint.find }).click()
    await page.getByText(text.complaint.atBad).first().waitFor()
    await page.getByLabel(text.complaint.at).fill('2026-11-22T10:00:05')
    await page.getByLabel(text.complaint.address).fill('www.example.com')
    await page.getByRole('button', { name: text.complaint.find }).click()
    await page.getByText(text.complaint.addressBad).first().waitFor()
    await page.getByRole('radio', { name: text.complaint.zones.utc }).check()
    await page.getByLabel(text.complaint.address).fill('198.51.100.7')
    await page.getByLabel(text.complaint.port).fill('443')
    const asked = host.nextCall('abuse.find')
    await page.getByRole('button', { name: text.complaint.find }).click()
    assert.deepEqual(await asked, { at: Date.UTC(2026, 10, 22, 10, 0, 5), address: '198.51.100.7', port: 443, toleranceSeconds: 600 })
    await page.getByText('abuse at linnaeus dot example').waitFor()
    // In the list already by its sample.
    assert.equal(await page.locator('.rows').getByText(text.complaint.blocked, { exact: true }).count(), 1)

    host.on('blocks.get', () => ({ entries: [] }))
    await page.getByRole('button', { name: text.complaint.find }).click()
    const blocked = host.nextCall('blocks.add')
    host.on('blocks.add', () => {
      host.on('blocks.get', () => ({ entries: BLOCKS }))
      host.on('abuse.find', () => ({ suspects: [SUSPECT], logged: true, letter: 'I have blocked it.' }))
    })
    await page.getByRole('button', { name: text.complaint.blockOf('Linnaeus') }).click()
    assert.deepEqual(await blocked, { target: `$${PEER}`, reason: 'Complaint about 198.51.100.7, 22 Nov 2026' })
    await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('textarea.letter')?.value === 'I have blocked it.')
    await window.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: text.complaint.copyLetter }).click()
    await window.hears(words.copied)
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'I have blocked it.')
  })

  test('that nobody fits, or that the log says nothing of, is told apart', async () => {
    await using ui = await openWindow()
    const { page, host } = ui
    await ui.section('complaint')
    host.on('abuse.find', () => ({ suspects: [], logged: true, letter: 'x' }))
    await FULL.complaint(page)
    await page.getByText(text.complaint.nobody).first().waitFor()
    host.on('abuse.find', () => ({ suspects: [], logged: false, letter: 'x' }))
    await page.getByRole('button', { name: text.complaint.find }).click()
    await page.getByText(text.complaint.notLogged).first().waitFor()
  })
})

describe('the identity', { timeout: 60_000 }, () => {
  const PASSWORD = 'correct horse battery'

  test('is saved with a password that is typed twice, as a copy or for a move', async () => {
    await using ui = await openWindow()
    const { page, host } = ui
    await ui.section('identity')
    await page.getByLabel(text.identity.password, { exact: true }).fill('short')
    await page.getByRole('button', { name: text.identity.saveCopy }).click()
    await page.getByText(text.identity.passwordShort).first().waitFor()
    await page.getByLabel(text.identity.password, { exact: true }).fill(PASSWORD)
    await page.getByLabel(text.identity.again).fill('something else here')
    await page.getByRole('button', { name: text.identity.saveCopy }).click()
    await page.getByText(text.identity.againBad).first().waitFor()
    assert.ok(!host.called.some(({ name }) => name === 'identity.export'))
    await page.getByLabel(text.identity.again).fill(PASSWORD)
    const asked = host.nextCall('identity.export')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: text.identity.saveCopy }).click(),
    ])
    assert.deepEqual(await asked, { password: PASSWORD, move: false })
    assert.equal(download.suggestedFilename(), 'vantage-identity-2026-11-22.txt')
    await page.getByText(text.identity.saved('vantage-identity-2026-11-22.txt')).first().waitFor()
    assert.equal(await page.getByLabel(text.identity.password, { exact: true }).inputValue(), '', 'the password does not stay')

    await page.getByRole('radio', { name: text.identity.kinds.move }).check()
    await page.getByLabel(text.identity.password, { exact: true }).fill(PASSWORD)
    await page.getByLabel(text.identity.again).fill(PASSWORD)
    const moved = host.nextCall('identity.export')
    await page.getByRole('button', { name: text.identity.saveMove }).click()
    assert.deepEqual(await moved, { password: PASSWORD, move: true })
    assert.deepEqual(ui.window.faults, [])
  })

  test('that was moved away runs here again only after a question', async () => {
    await using ui = await openWindow({ ...servingState(), identity: { fingerprint: PEER, movedAt: Date.now() - 60_000 } })
    const { page, host } = ui
    await ui.section('identity')
    await page.getByText(text.identity.movedTitle).waitFor()
    assert.equal(await page.getByRole('radio', { name: text.identity.kinds.copy }).count(), 0, 'no copies after a move')
    const kept = host.nextCall('identity.keep')
    await page.getByRole('button', { name: text.identity.keep }).click()
    assert.ok(!host.called.some(({ name }) => name === 'identity.keep'))
    await page.getByRole('button', { name: text.identity.keepDo }).click()
    await kept
  })

  test('a file that is still being read when the button is pressed is waited for', async () => {
    await using ui = await openWindow()
    const { page, host } = ui
    await ui.section('identity')
    await page.getByLabel(text.identity.loadPassword).fill(PASSWORD)
    const asked = host.nextCall('identity.inspect')
    const button = await page.getByRole('button', { name: text.identity.look }).elementHandle()
    await page.getByLabel(text.chooseFile, { exact: true }).evaluate((field, press) => {
      const files = new DataTransfer()
      files.items.add(new File(['the file'], 'mine.txt'))
      ;(field as HTMLInputElement).files = files.files
      field.dispatchEvent(new Event('change', { bubbles: true }))
      ;(press as HTMLElement).click()
    }, button)
    assert.deepEqual(await asked, { text: 'the file', password: PASSWORD })
    await page.getByRole('region', { name: text.identity.factsTitle }).waitFor()
    assert.equal(await page.getByText(text.fileMissing).count(), 0)
  })

  test('is taken from a file only after it was opened and what must be so was said', async () => {
    await using ui = await openWindow()
    const { page, host } = ui
    await ui.section('identity')
    await page.getByRole('button', { name: text.identity.look }).click()
    await page.getByText(text.fileMissing).first().waitFor()
    await page.getByText(text.identity.passwordMissing).first().waitFor()
    host.on('identity.inspect', () => {
      throw new ScriptedProblem('password-wrong')
    })
    await page.getByLabel(text.chooseFile, { exact: true }).setInputFiles(await fileWith('mine.txt', 'the file'))
    await page.getByLabel(text.identity.loadPassword).fill('wrong')
    await page.getByRole('button', { name: text.identity.look }).click()
    await page.locator('.error', { hasText: text.identity.passwordWrong }).waitFor()
    host.on('identity.inspect', () => {
      throw new ScriptedProblem('identity-file-damaged')
    })
    await page.getByLabel(text.identity.loadPassword).fill('wrong again')
    await page.getByRole('button', { name: text.identity.look }).click()
    await page.locator('.notice').getByText(words.problems['identity-file-damaged'].title).waitFor()
    host.on('identity.inspect', () => FACTS)
    await page.getByLabel(text.identity.loadPassword).fill(PASSWORD)
    await page.getByRole('button', { name: text.identity.look }).click()
    await page.getByRole('region', { name: text.identity.factsTitle }).getByText('9695 DFC3').waitFor()
    const use = page.getByRole('button', { name: text.identity.load, exact: true })
    assert.equal(await use.getAttribute('aria-disabled'), 'true')
    await page.getByRole('checkbox', { name: text.identity.replace }).check()
    assert.equal(await use.getAttribute('aria-disabled'), 'true')
    await page.getByRole('checkbox', { name: /has stopped there/ }).check()
    const asked = host.nextCall('identity.import')
    await use.click()
    assert.deepEqual(await asked, { text: 'the file', password: PASSWORD, replace: true, stoppedElsewhere: true })
    await page.getByText('keys.replaced-20261122T120000000Z').waitFor()
    assert.equal(await page.getByLabel(text.identity.loadPassword).inputValue(), '')
  })
})

describe('the diagnostics', { timeout: 30_000 }, () => {
  test('are shown whole, reached by keys, and what is saved is what was shown', async () => {
    await using ui = await openWindow()
    const { page, window } = ui
    await ui.section('diagnostics')
    assert.equal(await page.getByRole('button', { name: text.diagnostics.save }).count(), 0, 'nothing can be saved unseen')
    await FULL.diagnostics(page)
    assert.equal(await page.locator('.preview pre').textContent(), DIAGNOSTICS)
    await window.tabTo(new RegExp(`^${text.diagnostics.preview}$`))
    await page.keyboard.press('End')
    await page.waitForFunction(() => document.querySelector('.preview')!.scrollTop > 0)
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: text.diagnostics.save }).click()])
    assert.equal(await readFile(await download.path(), 'utf8'), DIAGNOSTICS)
  })
})

describe('the policy editor', { timeout: 60_000 }, () => {
  test('says what a policy lets out, names the line that is wrong, and saves only what can be used', async () => {
    const usual = servingState().settings.perspectivePolicy
    await using ui = await openWindow(servingState(), {
      'policy.check': ({ text: policy }: { text: string }) => checkPolicy(policy),
      'policy.widens': ({ text: policy }: { text: string }) => {
        const ports = widenedPorts(policy, [usual])
        return { ports, risks: risksOf(ports) }
      },
    })
    const { page, host, window } = ui
    await window.go('settings')
    await page.getByText('Lets out web ports 80 and 443 to every public address.').waitFor()
    await page.getByText('Lets nothing out.').waitFor()
    const field = page.getByLabel(words.settings.perspectivePolicy)
    await field.fill('accept *:80\naccept 8.8.8.8/40:443')
    await page.locator('.error', { hasText: 'Line 2, “accept 8.8.8.8/40:443”, cannot be used.' }).waitFor()
    await page.getByRole('button', { name: words.settings.save }).click()
    assert.ok(!host.called.some(({ name }) => name === 'settings.update'))
    assert.equal(await field.evaluate(element => element === document.activeElement), true)
    await page.screenshot({ path: shotPath('safety-policy-wrong') })
    await field.fill('accept *:22, accept *:80')
    await page.getByText('Lets out ports 22 and 80 to every public address.').waitFor()
    await page.getByText(text.policy.risks.login).waitFor()
    await page.screenshot({ path: shotPath('safety-policy') })

    // It lets out more than sharing was agreed for: that is asked, and nothing is saved until it is answered.
    const { title, agree } = words.settings.widening
    const dialog = page.getByRole('dialog', { name: title })
    await page.getByRole('button', { name: words.settings.save }).click()
    await dialog.getByText('more from your address than you agreed to: port 22.').waitFor()
    await dialog.getByText(text.policy.risks.login).waitFor()
    await page.screenshot({ path: shotPath('safety-policy-wider') })
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    assert.ok(!host.called.some(({ name }) => name === 'settings.update'))
    assert.equal(await field.inputValue(), 'accept *:22, accept *:80', 'what was typed is still there')
    await page.getByRole('button', { name: words.settings.save }).click()
    const saved = host.nextCall('settings.update')
    await dialog.getByRole('button', { name: agree }).click()
    assert.deepEqual(await saved, { perspectivePolicy: 'accept *:22, accept *:80' })

    // What lets out less is saved at once.
    await field.fill('accept *:443')
    const narrower = host.nextCall('settings.update')
    await page.getByRole('button', { name: words.settings.save }).click()
    assert.deepEqual(await narrower, { perspectivePolicy: 'accept *:443' })
    assert.deepEqual(window.faults, [])
  })
})
