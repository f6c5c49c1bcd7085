import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { IPC_CALL_CHANNEL, TOOLBAR_ACTION_CHANNEL } from '../../shared/channels.ts'
import { calls } from '../../shared/ipc.ts'
import { cannotLaunch, isStandIn, type Launched, launchApp } from './launch.ts'
import { RawIpc } from './raw-ipc.ts'
import { eventually, TabDriver } from './tab-driver.ts'
import { startTestSite, type TestSite } from './test-site.ts'

const why = cannotLaunch() || (!isStandIn && 'gets into the stand-in’s isolated world')
const BAD = { problem: { code: 'bad-request', detail: {} } }
const isRefused = (answer: unknown) => (answer as { problem?: { code: string } } | undefined)?.problem !== undefined

describe('T19: attacks of a page that is looked at', { skip: why }, () => {
  let launched: Launched
  let site: TestSite
  let driver: TabDriver
  let view: Page
  let trap: Server
  let sprung = 0
  before(async () => {
    site = await startTestSite((request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<title>evil</title><h1>${request.url}</h1>`)
    })
    trap = createServer(socket => {
      sprung++
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(trap, 'listening')
    launched = await launchApp({ entry: join(import.meta.dirname, 'fake-shell.ts'), env: { STAND_IN_SWITCHES: site.chromiumSwitch } })
    const ui = await launched.app.firstWindow()
    await ui.waitForFunction(() => document.querySelector('#root h1'))
    await launched.app.evaluate(
      (_electron, ports) => {
        Object.assign(fakeApp, ports)
        fakeApp.change({ perspective: { ...fakeApp.state.perspective, locks: [] } })
      },
      { sitePort: site.port, tlsPort: site.tlsPort },
    )
    driver = new TabDriver(launched, ui)
    await driver.open('https://evil.example/', { kind: 'any' })
    view = await driver.front('https://evil.example/')
    await view.waitForSelector('h1')
  })
  after(async () => {
    await launched?.end()
    site?.stop()
    trap?.close()
  })

  test('T19: it has no preload, no bridge, no opener, no frame of ours, and nobody who listens', async () => {
    await assert.rejects(RawIpc.of(view), /no preload/)
    const found = await view.evaluate(() => {
      for (const message of ['vantage:call', { channel: 'vantage:call', args: ['quit'] }])
        for (const to of [window, parent, top!]) to.postMessage(message, '*')
      return {
        globals: ['vantage', 'vantageToolbar', 'require', 'process', 'electron', 'ipcRenderer'].filter(name => name in globalThis),
        opener: opener === null,
        alone: parent === window,
      }
    })
    assert.deepEqual(found, { globals: [], opener: true, alone: true })
    const preferences = await launched.app.evaluate(({ session }) => {
      const own = session.fromPartition('perspective:1') as unknown as {
        permissionRequest(contents: null, name: string, callback: (granted: boolean) => void): void
      }
      const granted: string[] = []
      for (const name of [
        'media',
        'geolocation',
        'notifications',
        'fullscreen',
        'openExternal',
        'clipboard-read',
        'usb',
        'serial',
        'pointerLock',
      ])
        own.permissionRequest(null, name, yes => yes && granted.push(name))
      return granted
    })
    assert.deepEqual(preferences, [], 'nothing is permitted')
  })

  test('T19: it gets to no page of ours, no file, no script of its own in ours, no developer tools', async () => {
    const before = view.url()
    const frames = await view.evaluate(async () => {
      const opened: string[] = []
      for (const url of [
        'app://bundle/index.html',
        'app://bundle/toolbar/toolbar.html',
        'file:///etc/passwd',
        'chrome://version/',
        'devtools://devtools/bundled/inspector.html',
      ]) {
        const frame = document.createElement('iframe')
        frame.src = url
        document.body.append(frame)
        await new Promise(resolve => setTimeout(resolve, 100))
        try {
          if (frame.contentDocument?.querySelector('#root, pre, h1')) opened.push(url)
        } catch {
          // Of another origin: Chromium's page about what could not be loaded.
        }
        if (open(url) !== null) opened.push(url)
        location.href = url
      }
      return opened
    })
    assert.deepEqual(frames, [])
    assert.equal(view.url(), before)
    assert.equal(await view.evaluate(() => document.querySelector('h1') !== null), true)
    for (const window of launched.app.windows()) assert.doesNotMatch(window.url(), /^(file|chrome|devtools):/)
    for (const window of launched.app.windows().filter(other => other !== view))
      assert.equal(await window.evaluate(() => 'pwned' in globalThis), false)
    const menu = await launched.app.evaluate(({ Menu }) => (Menu as unknown as { application: unknown }).application)
    if (process.platform !== 'darwin') assert.equal(menu, null, 'no menu with developer tools in it')
  })

  test('T19 T21: it does not get to ports of this computer', async () => {
    const { port } = trap.address() as AddressInfo
    await view.evaluate(async to => {
      const tries = ['127.0.0.1', 'localhost', '[::1]', '127.1', '0.0.0.0'].flatMap(host => [
        fetch(`http://${host}:${to}/`, { mode: 'no-cors' }),
        fetch(`https://${host}:${to}/`, { mode: 'no-cors' }),
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`ws://${host}:${to}/`)
          socket.onclose = resolve
          socket.onerror = reject
        }),
      ])
      await Promise.allSettled(tries)
    }, port)
    assert.equal(sprung, 0)
    const asked = await launched.app.evaluate(() => fakeApp.proxied.map(({ host, port }) => `${host}:${port}`))
    assert.ok(asked.includes(`127.0.0.1:${port}`), 'it was the proxy that was asked')
  })

  test('T19: the toolbar can steer its window and nothing else, and only with what makes sense', async () => {
    const toolbar = await RawIpc.of(await driver.toolbar())
    assert.deepEqual(await toolbar.invoke(IPC_CALL_CHANNEL, 'state.get'), { value: BAD }, 'the app’s calls are not its own')
    assert.deepEqual(await toolbar.invoke(IPC_CALL_CHANNEL, 'quit'), { value: BAD })
    for (const action of [
      undefined,
      null,
      7,
      'quit',
      [],
      {},
      { do: 'quit' },
      { do: 'go' },
      { do: 'go', url: 7 },
      { do: 'go', url: 'x'.repeat(3000) },
      { do: 'look', choice: { kind: 'off' } },
      { do: 'layout', top: -1 },
      { do: 'layout', top: 1e9 },
      { do: 'select-tab', id: 0.5 },
      { do: 'download', id: 1, answer: 'open' },
      { do: 'find', text: '', forward: true, next: false },
      { do: '__proto__' },
      { do: 'constructor' },
    ])
      assert.deepEqual(await toolbar.invoke(TOOLBAR_ACTION_CHANNEL, action), { value: false }, JSON.stringify(action))
    for (const url of ['app://bundle/index.html', 'file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,x', 'chrome://version'])
      await toolbar.invoke(TOOLBAR_ACTION_CHANNEL, { do: 'go', url })
    assert.equal(await driver.shown(), 'https://evil.example/')
    assert.equal(await launched.app.evaluate(() => fakeApp.stops), 0)
    // Nobody else steers it.
    const ui = await RawIpc.of(
      await eventually('our window', () => launched.app.windows().find(window => window.url().includes('index.html'))),
    )
    assert.deepEqual(await ui.invoke(TOOLBAR_ACTION_CHANNEL, { do: 'new-tab' }), { value: false })
  })
})

describe('T19: attacks of a renderer of ours that was taken over', { skip: why }, () => {
  let launched: Launched
  let page: Page
  let ipc: RawIpc
  before(async () => {
    launched = await launchApp({ args: ['--json', '--socks-port', '0', '--http-port', '0', '--accept-consent', 'relay,perspective'] })
    page = await launched.app.firstWindow()
    await page.waitForFunction(() => document.querySelector('#root h1'))
    await eventually('the relay runs', () => launched.output.out.split('\n').some(line => line.includes('"listed"')), 60_000)
    ipc = await RawIpc.of(page)
  })
  after(() => launched?.end())

  const call = async (name: unknown, ...argument: unknown[]) => {
    const { value } = await ipc.invoke(IPC_CALL_CHANNEL, name, ...argument)
    return value
  }
  const state = async () => ((await call('state.get')) as { result: { settings: object; relay: { running: boolean } } }).result

  test('T19: channels that are not there are not there', async () => {
    for (const channel of ['quit', 'vantage', '__proto__', 'constructor', 'toString', 'ELECTRON_BROWSER_REQUIRE', 'vantage:event'])
      assert.match(String((await ipc.invoke(channel, 'x')).error), /No handler registered/, channel)
  })

  test('T19: every call of the contract refuses what it was not made for', async () => {
    const before = await state()
    for (const name of [
      undefined,
      null,
      7,
      {},
      ['quit'],
      '',
      'constructor',
      '__proto__',
      'hasOwnProperty',
      'state.get ',
      'x'.repeat(10_000),
    ])
      assert.ok(isRefused(await call(name)), JSON.stringify(name))
    const hostile = [
      7,
      'x',
      true,
      [],
      [{}],
      { a: { b: { c: {} } } },
      { url: ['x'] },
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    ]
    let tried = 0
    for (const [name, { argument }] of Object.entries(calls)) {
      for (const one of hostile) {
        // What a schema takes is no attack; that calls answer rightly is shown elsewhere.
        if (argument.safeParse(one).success) continue
        tried++
        const answer = (await call(name, one)) as { problem?: { code: string } }
        assert.equal(answer.problem?.code, 'bad-request', `${name} ${JSON.stringify(one)}`)
      }
    }
    assert.ok(tried > 150, `${tried} tries`)
    assert.deepEqual((await state()).settings, before.settings)
    assert.equal(await launched.app.evaluate(() => 'polluted' in {}), false)
  })

  test('T19: what is huge, deep or pollutes is refused or comes to nothing', async () => {
    const { settings } = await state()
    const polluting = JSON.parse('{"__proto__":{"theme":"dark","admin":true},"constructor":{"prototype":{"admin":true}},"unheard":1}')
    await call('settings.update', polluting)
    assert.deepEqual((await state()).settings, settings)
    assert.ok(isRefused(await call('settings.update', { contact: 'x'.repeat(2_000_000) })))
    assert.ok(isRefused(await call('settings.update', { favourites: Array.from({ length: 100_000 }, () => 'se') })))
    assert.ok(isRefused(await call('blocks.import', { text: 'x'.repeat(300_000) })))
    let deep: unknown = 'end'
    for (let i = 0; i < 2000; i++) deep = { deep }
    assert.ok(isRefused(await call('perspective.choose', deep)))
    assert.equal(await launched.app.evaluate(() => 'admin' in {}), false)
    assert.equal((await state()).relay.running, true)
  })

  test('T19: only the main frame of our own window, while it shows our own page, is heard', async () => {
    const answers = await launched.app.evaluate(
      async ({ ipcMain, BrowserWindow, BaseWindow }, [channel, toolbarChannel]) => {
        const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (event: object, ...args: unknown[]) => unknown> })
          ._invokeHandlers
        const contents = (BaseWindow.getAllWindows() as InstanceType<typeof BrowserWindow>[])[0]!.webContents
        const ours = { origin: 'app://bundle', parent: null, url: 'app://bundle/index.html' }
        const ask = (sender: unknown, senderFrame: unknown, ...args: unknown[]) => handlers.get(channel!)!({ sender, senderFrame }, ...args)
        const cyclic: Record<string, unknown> = { url: 'x' }
        cyclic['self'] = cyclic
        const getter = {
          get url(): string {
            throw new Error('a trap')
          },
        }
        return {
          trusted: await ask(contents, ours, 'state.get', undefined),
          attacks: [
            await ask(contents, null, 'state.get', undefined),
            await ask(contents, { ...ours, parent: ours }, 'state.get', undefined),
            await ask(contents, { ...ours, origin: 'https://evil.example' }, 'state.get', undefined),
            await ask(contents, { ...ours, origin: 'app://bundle.evil' }, 'state.get', undefined),
            await ask(contents, { ...ours, origin: 'null' }, 'state.get', undefined),
            await ask({ ...contents }, ours, 'state.get', undefined),
            await ask(undefined, ours, 'quit', undefined),
            await ask(contents, ours, 'perspective.choose', cyclic),
            await Promise.resolve(ask(contents, ours, 'perspective.choose', getter)).catch(() => ({ problem: 'thrown' })),
            await ask(contents, ours, { toString: () => 'quit' }, undefined),
          ],
          toolbar: handlers.get(toolbarChannel!)!({ sender: contents, senderFrame: ours }, { do: 'new-tab' }),
        }
      },
      [IPC_CALL_CHANNEL, TOOLBAR_ACTION_CHANNEL],
    )
    assert.ok('result' in (answers.trusted as object), 'the same call, rightly made, is answered')
    for (const [index, answer] of answers.attacks.entries()) assert.ok(isRefused(answer), `attack ${index}: ${JSON.stringify(answer)}`)
    assert.equal(answers.toolbar, false)
  })

  test('T19: frames within our page have no bridge, and our page cannot be taken elsewhere', async () => {
    const inside = await page.evaluate(async () => {
      const frame = document.createElement('iframe')
      document.body.append(frame)
      const found = frame.contentWindow ? ['vantage', 'require', 'process'].filter(name => name in frame.contentWindow!) : []
      frame.remove()
      return found
    })
    assert.deepEqual(inside, [])
    const before = page.url()
    for (const url of ['https://evil.example/', 'file:///etc/passwd', 'app://other/index.html', 'data:text/html,x'])
      await page.evaluate(to => {
        location.href = to
      }, url)
    assert.equal(await page.evaluate(() => document.querySelector('#root') !== null), true)
    assert.equal(page.url(), before)
  })

  test('T19: a flood of calls is answered, and the relay goes on', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => call(i % 2 === 0 ? 'no.such.call' : 'state.get')))
    assert.equal(answers.filter(isRefused).length, 250)
    assert.equal((await state()).relay.running, true)
    assert.doesNotMatch(launched.output.out, /"event":"(stopped|problem)"/)
    assert.doesNotMatch(launched.output.err, /should not have happened/)
  })
})
