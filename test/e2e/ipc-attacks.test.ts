import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { PageCamera } from '../../main/app/compare/camera.ts'
import { IPC_CALL_CHANNEL, TOOLBAR_ACTION_CHANNEL } from '../../shared/channels.ts'
import { calls } from '../../shared/ipc.ts'
import { cannotLaunch, isStandIn, type Launched, launchApp } from './launch.ts'
import { RawIpc } from './raw-ipc.ts'
import { eventually, TabDriver } from './tab-driver.ts'
import { startTestSite, type TestSite } from './test-site.ts'

declare global {
  /** Of fake-shell.ts. */
  var camera: PageCamera
}

const why = cannotLaunch() || (!isStandIn && 'gets into the stand-in’s isolated world')
const BAD = { problem: { code: 'bad-request', detail: {} } }
const isRefused = (answer: unknown) => (answer as { problem?: { code: string } } | undefined)?.problem !== undefined

/** Pages that do not want to be in a picture alone. */
const STAGED: Record<string, (response: ServerResponse) => unknown> = {
  '/all': response =>
    response.end(`<title>x</title><body style="margin:0;height:100000px;width:50000px;background:#c00">
      <iframe src="file:///etc/passwd"></iframe><iframe src="app://bundle/index.html"></iframe><iframe src="mailto:a@b.example"></iframe>
      <script>
        onbeforeunload = event => { event.preventDefault(); event.returnValue = 'stay' }
        const tries = [
          () => { for (let i = 0; i < 30; i++) open('/popup' + i, '_blank', 'width=9000,height=9000') },
          () => alert(1), () => confirm(2), () => prompt(3), () => print(),
          () => Notification.requestPermission(), () => navigator.mediaDevices.getUserMedia({ video: true, audio: true }),
          () => navigator.geolocation.getCurrentPosition(() => {}), () => document.documentElement.requestFullscreen(),
          () => { const link = document.createElement('a'); link.href = '/file'; link.download = 'x'; document.body.append(link); link.click() },
          () => resizeTo(30000, 30000), () => moveTo(-5000, -5000),
          () => fetch('http://127.0.0.1:9/'), () => { location.href = 'file:///etc/passwd' }, () => { location.href = 'app://bundle/index.html' },
        ]
        for (const one of tries) try { void Promise.resolve(one()).catch(() => {}) } catch {}
      </script>`),
  '/endless': response => response.write('<title>x</title><h1>never ends</h1>'.padEnd(5000)),
  '/hung': response => response.end('<title>x</title><h1>hung</h1><script>for (;;);</script>'),
  '/file': response => response.writeHead(200, { 'content-disposition': 'attachment; filename=x.exe' }).end('MZ'),
  '/silent': () => {},
  '/hop': response => response.end(`<title>x</title><script>location.replace('/landed')</script>${'<p>not this one</p>'.repeat(1000)}`),
}

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
      const staged = STAGED[request.url ?? '']
      if (staged) return staged(response)
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

  test('T13 T19: a page whose picture is taken gets out nowhere, ends in time, and nothing of it is left', async () => {
    const take = (path: string, crash = false) =>
      launched.app.evaluate(
        async ({ BrowserWindow }, [url, crashes]) => {
          const before = BrowserWindow.getAllWindows()
          const proxy = await fakeApp.openPerspectiveProxy({ kind: 'any' })
          const taking = camera.take({ url: `https://picture.example${url}`, proxy }, AbortSignal.timeout(2500))
          const result = taking.then(
            ({ png, width, height }) => ({
              width,
              height,
              png: png.length,
              real: { width: png.readUInt32BE(16), height: png.readUInt32BE(20) },
            }),
            error => ({ error: String(error.name === 'NoPicture' ? error.code : error.name) }),
          )
          let bounds = false
          if (crashes) {
            const find = () => BrowserWindow.getAllWindows().find(window => !before.includes(window))
            while (!find()) await new Promise(resolve => setImmediate(resolve))
            const contents = find()!.webContents
            contents.emit(
              'content-bounds-updated',
              { preventDefault: () => (bounds = true) },
              { x: 0, y: 0, width: 30_000, height: 30_000 },
            )
            contents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 })
          }
          const answer = await result
          const open = await fetch(`http://127.0.0.1:${proxy.port}/`).then(
            () => true,
            error => error.cause?.code !== 'ECONNREFUSED',
          )
          return { answer, open, left: BrowserWindow.getAllWindows().length - before.length, bounds }
        },
        [path, crash] as const,
      )
    const windows = launched.app.windows().length
    for (const path of ['/all', '/endless', '/hop']) {
      const { answer, open, left } = await take(path)
      assert.deepEqual({ open, left }, { open: false, left: 0 }, path)
      if ('error' in answer) assert.fail(`${path}: ${answer.error}`)
      assert.deepEqual(answer.real, { width: answer.width, height: answer.height }, path)
      assert.ok(answer.width === 960 && answer.height <= 600, `${path}: ${answer.width} × ${answer.height}`)
      assert.ok(answer.png < 2_000_000)
    }
    for (const [path, code] of [
      ['/hung', 'TimeoutError'],
      ['/file', 'ERR_FAILED'],
    ] as const)
      assert.deepEqual(await take(path), { answer: { error: code }, open: false, left: 0, bounds: false }, path)
    assert.deepEqual(await take('/silent', true), { answer: { error: 'crashed' }, open: false, left: 0, bounds: true })
    await eventually('every page of it to be gone', () => launched.app.windows().length === windows)
    assert.equal(sprung, 0)
    const hosts = await launched.app.evaluate(() => [...new Set(fakeApp.proxied.map(({ host }) => host))])
    assert.deepEqual(
      hosts.filter(host => !/^(evil|picture)\.example$|^(127\.|0\.0|localhost|\[?::1)/.test(host)),
      [],
    )
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
