import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { PreloadEnds } from '../../shared/ipc.ts'
import type { FakeApp } from '../headless/fake-app.ts'
import { cannotLaunch, isStandIn, type Launched, launchApp, STAND_IN } from './launch.ts'
import { eventually } from './tab-driver.ts'

declare global {
  // What the shell's window and the main process of fake-shell.ts hold.
  var vantage: PreloadEnds
  var fakeApp: FakeApp
  var heard: Promise<unknown>
  var focused: Promise<boolean>
}
const FAKE_SHELL = join(import.meta.dirname, 'fake-shell.ts')

/** Runs the shell to its end, without Playwright. */
function runOnce(args: string[], environment: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, ...environment, STAND_IN_NODE: process.execPath, DISPLAY: '' }
  return new Promise(resolve =>
    execFile(STAND_IN, [FAKE_SHELL, ...args], { env, timeout: 30_000 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  )
}

describe('the desktop shell', { skip: cannotLaunch() }, () => {
  let launched: Launched
  let page: Page
  const main = <T>(body: () => T) => launched.app.evaluate(body)
  before(async () => {
    launched = await launchApp({ entry: FAKE_SHELL, args: ['--json'] })
    page = await launched.app.firstWindow()
    await page.waitForFunction(() => document.querySelector('#root h1'))
  })
  after(() => launched?.end())

  test('the window shows the UI from app://, and calls and changes go through', async () => {
    const answer = await page.evaluate(() => vantage.call('state.get', undefined))
    assert.equal((answer as { result: { product: { host: string } } }).result.product.host, 'electron')
    await page.evaluate(() => {
      globalThis.heard = new Promise(resolve =>
        vantage.listen(frame => {
          if (Object.hasOwn((frame as { payload: { sections: object } }).payload.sections, 'journey')) resolve(frame)
        }),
      )
    })
    await main(() => fakeApp.change({ journey: { step: 'stopped' } }))
    assert.deepEqual(await page.evaluate(() => heard), {
      event: 'state',
      payload: { revision: await main(() => fakeApp.state.revision), sections: { journey: { step: 'stopped' } } },
    })
  })

  test('the window is to be seen, and may copy text, which no page of others may', async () => {
    await eventually('the window', () =>
      launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().every(window => window.isVisible())),
    )
    await page.evaluate(() => navigator.clipboard.writeText('copied'))
    const states = (names: string[]) =>
      page.evaluate(all => Promise.all(all.map(async name => (await navigator.permissions.query({ name } as never)).state)), names)
    assert.deepEqual(await states(['clipboard-write', 'geolocation', 'notifications']), ['granted', 'denied', 'denied'])
  })

  test('the page holds two functions of ours and nothing of Node or Electron', async () => {
    const found = await page.evaluate(() => {
      const end = vantage.listen(() => {})
      return {
        keys: Object.keys(vantage),
        frozen: Object.isFrozen(vantage),
        ended: end(),
        others: ['require', 'process', 'Buffer', 'global', 'module', 'ipcRenderer', 'electron', '__dirname'].filter(
          name => name in globalThis,
        ),
      }
    })
    assert.deepEqual(found, { keys: ['call', 'listen'], frozen: true, ended: undefined, others: [] })
  })

  test('calls with nonsense are answered, not obeyed', async () => {
    const answers = await page.evaluate(() =>
      Promise.all([
        vantage.call('constructor', undefined),
        vantage.call('perspective.open', { url: 7 }),
        vantage.call('x'.repeat(51), undefined),
        vantage.call({ toString: () => 'quit' } as never, undefined).catch(() => 'not carried'),
      ]),
    )
    const refused = (answer: unknown) =>
      answer === 'not carried' || (answer as { problem?: { code: string } }).problem?.code === 'bad-request'
    assert.ok(answers.every(refused), JSON.stringify(answers))
    assert.equal(await main(() => fakeApp.stops), 0)
  })

  test('our page reaches nothing but itself, goes nowhere and opens nothing', async () => {
    const blocked = await page.evaluate(async () => {
      const violations: string[] = []
      document.addEventListener('securitypolicyviolation', event => violations.push(event.effectiveDirective))
      const fetched = await fetch('http://127.0.0.1:9/').then(
        () => 'fetched',
        () => 'blocked',
      )
      document.body.append(Object.assign(document.createElement('script'), { text: 'globalThis.inlineRan = true' }))
      // Violations are told a moment later.
      for (let i = 0; i < 100 && violations.length < 2; i++) await new Promise(resolve => setTimeout(resolve, 20))
      return { fetched, inline: 'inlineRan' in globalThis, opened: open('https://evil.example/') !== null, violations }
    })
    assert.deepEqual(blocked, { fetched: 'blocked', inline: false, opened: false, violations: ['connect-src', 'script-src-elem'] })
    const before = page.url()
    await page.evaluate(() => {
      location.href = 'https://evil.example/'
    })
    assert.equal(await page.evaluate(() => document.querySelector('#root h1') !== null), true)
    assert.equal(page.url(), before)
    assert.equal(launched.app.windows().length, 1)
  })

  test('the tray says how it stands and has the whole menu', { skip: !isStandIn && 'a real tray cannot be read' }, async () => {
    const tray = await eventually('the tray', () =>
      launched.app.evaluate(({ Tray }) => {
        // The stand-in remembers what a tray would show.
        const [only] = (
          Tray as unknown as { all: Set<{ image: { path: string }; toolTip: string; menu?: { items: { label: string }[] } }> }
        ).all
        return only?.menu && { image: only.image.path, tip: only.toolTip, labels: only.menu.items.map(item => item.label) }
      }),
    )
    assert.match(tray.image, /assets\/tray\/\w+-on-(dark|light)\.png$/)
    assert.match(tray.tip, /^Vantage: /)
    assert.ok(tray.labels.includes('Show Vantage') && tray.labels.some(label => label.startsWith('Quit')))
  })

  test('files that our own page makes are saved where a dialog of the system says, and nothing else is', async () => {
    const folder = join(launched.data, 'saved')
    await mkdir(folder)
    const target = join(folder, 'table.csv')
    await launched.app.evaluate(({ dialog }, path) => void (dialog as unknown as { saveAnswers: string[] }).saveAnswers.push(path), target)
    const save = (name: string) =>
      page.evaluate(called => {
        const url = URL.createObjectURL(new Blob(['a,b\n1,2\n'], { type: 'text/csv' }))
        Object.assign(document.createElement('a'), { href: url, download: called }).click()
        URL.revokeObjectURL(url)
      }, name)
    await save('..\\table\u202e.csv')
    await eventually('the whole file', async () => (await readFile(target, 'utf8').catch(() => undefined)) === 'a,b\n1,2\n')
    // Whoever answers "no" has no file.
    await save('second.csv')
    const questions = () =>
      launched.app.evaluate(
        ({ dialog }) => (dialog as unknown as { saveQuestions: { title: string; defaultPath: string }[] }).saveQuestions,
      )
    await eventually('the second question', async () => (await questions()).length === 2)
    assert.deepEqual(
      (await questions()).map(({ title, defaultPath }) => [title, basename(defaultPath)]),
      [
        ['Vantage', '_table_.csv'],
        ['Vantage', 'second.csv'],
      ],
    )
    assert.deepEqual(await readdir(folder), ['table.csv'])
  })

  test('a second start shows the first one and ends', { skip: !isStandIn && 'needs the real binary twice' }, async () => {
    await launched.app.evaluate(({ BrowserWindow }) => {
      globalThis.focused = new Promise(resolve => BrowserWindow.getAllWindows()[0]!.once('focus', () => resolve(true)))
    })
    const second = await runOnce(['--data', launched.data])
    assert.equal(second.code, 0)
    assert.equal(await main(() => focused), true)
    assert.equal(await main(() => fakeApp.starts), 1)
  })

  test('quit from the UI ends everything in good order; a start meanwhile is not lost', {
    skip: !isStandIn && 'needs the real binary twice',
  }, async () => {
    // The relay takes its time, and meanwhile a signal comes, too.
    await main(() => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const { stop } = fakeApp
      const slow = { letGo: resolve, asked: 0 }
      Object.assign(globalThis, { slow })
      fakeApp.stop = () => {
        slow.asked++
        return promise.then(() => stop.call(fakeApp))
      }
    })
    await page.evaluate(() => void vantage.call('quit', undefined))
    process.kill(launched.app.process().pid!, 'SIGTERM')
    await eventually('the end to begin', () => main(() => (globalThis as unknown as { slow: { asked: number } }).slow.asked === 2))
    assert.equal((await runOnce(['--data', launched.data])).code, 0)
    await main(() => (globalThis as unknown as { slow: { letGo(): void } }).slow.letGo()).catch(() => {})
    assert.equal(await launched.exited, 0)
    const again = /^stand-in: starts again: (.*)$/m.exec(launched.output.err)
    assert.deepEqual(JSON.parse(again?.[1] ?? '[]').slice(-2), ['--data', launched.data])
    const events = launched.output.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).event)
    assert.equal(events.at(-1), 'stopped')
    assert.ok(!(await readdir(launched.data)).includes('control.json'))
  })
})

describe('the desktop shell without a window', { skip: cannotLaunch() || (!isStandIn && 'written for the stand-in') }, () => {
  test('an error that nobody caught, a rejection too, ends the app in good order, with code 1', async () => {
    for (const kind of ['error', 'rejection']) {
      const launched = await launchApp({ entry: FAKE_SHELL, args: ['--json'] })
      await launched.app.firstWindow()
      await launched.app
        .evaluate((_electron, how) => {
          setImmediate(() => {
            if (how === 'error') throw new Error('a fault')
            void Promise.reject(new Error('a fault'))
          })
        }, kind)
        .catch(() => {})
      assert.equal(await launched.exited, 1, kind)
      await launched.end()
      assert.match(launched.output.err, /^vantage: this should not have happened: Error: a fault\n/m)
      assert.equal(JSON.parse(launched.output.out.trim().split('\n').at(-1)!).event, 'stopped')
    }
  })
  test('a wrong command line: one line, code 2', async () => {
    const { code, out, err } = await runOnce(['--or-port', 'x'])
    assert.equal(code, 2)
    assert.match(err, /^vantage: --or-port wants /m)
    assert.equal(out, '')
  })
  test('an app that cannot start: said in a dialog, as an event and on the terminal, code 1', async () => {
    const data = join(import.meta.dirname, '../../out/e2e-start-error')
    const { code, out, err } = await runOnce(['--json', '--data', data], { FAKE_START_ERROR: '1' })
    assert.equal(code, 1)
    assert.deepEqual(
      out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).event),
      ['problem', 'stopped'],
    )
    assert.match(err, /data-folder-unreadable \(folder: x\)/)
  })
})
