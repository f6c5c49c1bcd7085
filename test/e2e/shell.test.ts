import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { PreloadEnds } from '../../shared/ipc.ts'
import type { Choice } from '../../shared/state.ts'
import type { FakeApp } from '../headless/fake-app.ts'
import { cannotLaunch, isStandIn, type Launched, launchApp, STAND_IN } from './launch.ts'

declare global {
  // What the shell's window and the main process of fake-shell.ts hold.
  var vantage: PreloadEnds
  var fakeApp: FakeApp
  var heard: Promise<unknown>
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
    const tray = await launched.app.evaluate(({ Tray }) => {
      // The stand-in remembers what a tray would show.
      const [only] = (Tray as unknown as { all: Set<{ image: { path: string }; toolTip: string; menu: { items: { label: string }[] } }> })
        .all
      return { image: only!.image.path, tip: only!.toolTip, labels: only!.menu.items.map(item => item.label) }
    })
    assert.match(tray.image, /assets\/tray\/\w+-on-(dark|light)\.png$/)
    assert.match(tray.tip, /^Vantage: /)
    assert.ok(tray.labels.includes('Show Vantage') && tray.labels.some(label => label.startsWith('Quit')))
  })

  describe('a perspective window', () => {
    let site: Server
    let toolbar: Page
    let view: Page
    const asked = () => main(() => fakeApp.proxied.map(({ host, port, through }) => ({ host, port, through })))
    before(async () => {
      site = createServer((request, response) => {
        response.setHeader('content-type', 'text/html; charset=utf-8')
        response.end(
          `<title>Title \u202e of ${request.headers.host}</title><h1>${request.headers.host}</h1><p id="agent">${request.headers['user-agent']}</p><a target="_blank" href="/second">more</a>`,
        )
      })
      site.listen(0, '127.0.0.1')
      await once(site, 'listening')
      const { port } = site.address() as AddressInfo
      await launched.app.evaluate((_electron, to) => {
        fakeApp.sitePort = to
      }, port)
    })
    after(() => {
      site.closeAllConnections()
      site.close()
    })

    test('is not opened while nothing is chosen or browsing is locked', async () => {
      const open = () => page.evaluate(() => vantage.call('perspective.open', { url: 'http://news.example/' }))
      assert.deepEqual(await open(), { problem: { code: 'perspective-locked', detail: { why: 'no-consent' } } })
      await main(() => fakeApp.change({ perspective: { ...fakeApp.state.perspective, choice: { kind: 'country', country: 'se' } } }))
      assert.deepEqual(await open(), { problem: { code: 'perspective-locked', detail: { why: 'no-consent' } } })
      assert.equal(launched.app.windows().length, 1)
    })

    test('loads the page through its own proxy, names unresolved', async () => {
      const choice: Choice = { kind: 'country', country: 'se' }
      await page.evaluate(chosen => vantage.call('perspective.choose', chosen), choice)
      const opened: Page[] = []
      launched.app.on('window', window => opened.push(window))
      assert.deepEqual(await page.evaluate(() => vantage.call('perspective.open', { url: 'http://news.example/' })), {
        result: { opened: true },
      })
      const find = async (wanted: (window: Page) => boolean): Promise<Page> => {
        for (let tries = 0; tries < 500; tries++) {
          const found = opened.find(wanted)
          if (found) return found
          await new Promise(resolve => setTimeout(resolve, 20))
        }
        throw new Error(`only ${opened.map(window => window.url()).join(', ') || 'nothing'} was opened`)
      }
      view = await find(window => window.url().startsWith('http://news.example'))
      toolbar = await find(window => window.url().includes('toolbar'))
      await view.waitForSelector('h1')
      assert.equal((await view.textContent('h1')) ?? '', 'news.example')
      assert.deepEqual((await asked())[0], { host: 'news.example', port: 80, through: choice })
    })

    test('even loopback goes through the proxy', async () => {
      await view.goto('http://127.0.0.1:8099/')
      assert.deepEqual((await asked()).at(-1), { host: '127.0.0.1', port: 8099, through: { kind: 'country', country: 'se' } })
    })

    test('says nothing of us, and gives the page nothing', async () => {
      assert.doesNotMatch((await view.textContent('#agent')) ?? '', /Electron|Vantage/i)
      const found = await view.evaluate(() => ['vantage', 'vantageToolbar', 'require', 'process'].filter(name => name in globalThis))
      assert.deepEqual(found, [])
      const candidates = await view.evaluate(async () => {
        const found: string[] = []
        const connection = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:3478' }] })
        connection.createDataChannel('x')
        const gathered = new Promise<void>(resolve => {
          connection.onicecandidate = event => (event.candidate ? void found.push(event.candidate.candidate) : resolve())
        })
        await connection.setLocalDescription(await connection.createOffer())
        await gathered
        connection.close()
        return found
      })
      assert.deepEqual(candidates, [])
    })

    test('the page cannot leave the web', async () => {
      const before = view.url()
      for (const url of ['app://bundle/index.html', 'mailto:a@b.example', 'file:///etc/passwd', 'chrome://version/'])
        await view.evaluate(to => {
          location.href = to
        }, url)
      assert.equal(await view.evaluate(() => document.querySelector('#agent') !== null), true)
      assert.equal(view.url(), before)
      assert.doesNotMatch(launched.output.err, /opened by another program/)
    })

    test('what the page opens replaces it, in the same window', async () => {
      const count = launched.app.windows().length
      await Promise.all([view.waitForURL('**/second'), view.click('a')])
      await Promise.all([view.waitForURL('http://other.example/'), view.evaluate(() => void open('http://other.example/'))])
      assert.equal(launched.app.windows().length, count)
    })

    test('the toolbar says where and how, and steers', async () => {
      await toolbar.waitForFunction(() => document.querySelector<HTMLInputElement>('#address')?.value === 'http://other.example/')
      assert.equal((await toolbar.textContent('#place')) ?? '', 'Seen from: Sweden')
      assert.match((await toolbar.textContent('#promise')) ?? '', /not anonymous/)
      assert.equal(await toolbar.title(), 'Title of other.example', 'without what would turn the text around')
      await Promise.all([view.waitForURL('**/second', { waitUntil: 'commit' }), toolbar.click('#back')])
      await toolbar.fill('#address', 'third.example')
      await toolbar.press('#address', 'Enter')
      await toolbar.waitForFunction(() => document.querySelector('#said')?.textContent?.includes('ERR_'))
      assert.match((await toolbar.textContent('#said')) ?? '', /did not come \(ERR_\w+\)/, 'https is tried, and the site speaks http only')
      await toolbar.fill('#address', 'not an address')
      await toolbar.press('#address', 'Enter')
      assert.equal((await toolbar.textContent('#said')) ?? '', 'This is no web address.')
    })

    test('a dead proxy is an error page, never a direct way', async () => {
      site.closeAllConnections()
      await main(() => {
        fakeApp.sitePort = 1
      })
      await assert.rejects(view.goto('http://127.0.0.1:8099/'), /ERR_/)
    })
  })

  test('a second start shows the first one and ends', { skip: !isStandIn && 'needs the real binary twice' }, async () => {
    const shown = main(() => undefined).then(() =>
      launched.app.evaluate(
        ({ BrowserWindow }) => new Promise(resolve => BrowserWindow.getAllWindows()[0]!.once('focus', () => resolve(true))),
      ),
    )
    const second = await runOnce(['--data', launched.data])
    assert.equal(second.code, 0)
    assert.equal(await shown, true)
    assert.equal(await main(() => fakeApp.starts), 1)
  })

  test('quit from the UI ends everything in good order', async () => {
    await page.evaluate(() => vantage.call('quit', undefined)).catch(() => {})
    assert.equal(await launched.exited, 0)
    const events = launched.output.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).event)
    assert.equal(events.at(-1), 'stopped')
    assert.ok(!(await readdir(launched.data)).includes('control.json'))
  })
})

describe('the desktop shell without a window', { skip: cannotLaunch() || (!isStandIn && 'written for the stand-in') }, () => {
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
