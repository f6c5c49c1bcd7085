import assert from 'node:assert/strict'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Page } from 'playwright-core'
import type { Journey, LookChoice } from '../../shared/state.ts'
import { axeViolations } from './axe.ts'
import { cannotLaunch, isStandIn, type Launched, launchApp } from './launch.ts'
import { lasting, layoutFaults } from './layout.ts'
import { eventually, TabDriver } from './tab-driver.ts'
import { startTestSite, type TestSite } from './test-site.ts'
import { shotPath } from './ui-window.ts'

const SWEDEN: LookChoice = { kind: 'country', country: 'se' }
const GERMANY: LookChoice = { kind: 'country', country: 'de' }
const RELAY = 'A1'.repeat(20)
/** Of the journey, every one. */
const STEPS = Object.keys({
  consent: 0,
  starting: 0,
  ports: 0,
  publishing: 0,
  'waiting-for-listing': 0,
  'waiting-for-stable': 0,
  relaying: 0,
  unlocked: 0,
  blocked: 0,
  stopped: 0,
  paused: 0,
} satisfies Record<Journey['step'], 0>) as Journey['step'][]

/** Answers that are not over. */
const streams: ServerResponse[] = []

/** Says who asks, keeps a cookie, has a file to give, and a stream. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const host = request.headers.host ?? ''
  if (request.url === '/file') {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': 5,
      'content-disposition': "attachment; filename*=UTF-8''..%2Fev%C3%AFl%20report%E2%80%AE.txt",
    })
    response.end('hello')
    return
  }
  if (request.url === '/loop' && 'encrypted' in request.socket)
    return void response.writeHead(302, { location: `http://${host}/loop` }).end()
  if (request.url === '/stream') {
    streams.push(response)
    return void response.write('a')
  }
  const known = request.headers.cookie ?? 'nobody'
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('set-cookie', 'who=somebody')
  response.end(`<!doctype html><title>Title\u202e of ${host}</title><h1>${host}</h1><p id="agent">${request.headers['user-agent']}</p>
    <p id="cookie">${known}</p><p id="where">${request.url}</p><p>needle, Needle and a needle</p>
    <a id="blank" target="_blank" href="/second">more</a> <a id="third" href="/third">third</a> <a id="file" href="/file">file</a>`)
}

describe('perspective tabs', { skip: cannotLaunch() || (!isStandIn && 'looks at what the stand-in remembers') }, () => {
  let launched: Launched
  let site: TestSite
  let driver: TabDriver
  let toolbar: Page
  const main = <T>(body: () => T) => launched.app.evaluate(body)
  const asked = () => main(() => fakeApp.proxied.map(({ host, port, user, through }) => ({ host, port, user, through })))
  const tabs = () => toolbar.locator('[role="tab"]').allTextContents()
  const front = () => toolbar.locator('[role="tab"][aria-selected="true"]').textContent()
  /** The page is there, whole, and the toolbar has been told so: before, what is typed next could meet what still comes of it. */
  const shown = async (url: string) => {
    await eventually(`${url} to be seen`, async () => (await driver.shown()) === url)
    await toolbar.waitForFunction(address => {
      const loads = document.querySelector('[aria-label="Stop loading"]') !== null
      return !loads && document.querySelector<HTMLInputElement>('.address input')?.value === address
    }, url)
  }
  /** Our own page stands in the place of the other, and begins so. */
  const heading = async (text: string) => {
    const said = () => toolbar.evaluate(() => document.querySelector('main h2')?.textContent ?? '')
    await eventually(`“${text}”`, async () => (await said()) === text).catch(async error => {
      throw new Error(`${error.message}, but “${await said()}”`)
    })
  }
  /** A tab in front, with its page. */
  const open = async (url: string, choice: LookChoice = SWEDEN): Promise<Page> => {
    await driver.open(url, choice)
    const view = await driver.front(url)
    await view.waitForSelector('h1')
    return view
  }

  before(async () => {
    site = await startTestSite(answer)
    launched = await launchApp({ entry: join(import.meta.dirname, 'fake-shell.ts'), env: { STAND_IN_SWITCHES: site.chromiumSwitch } })
    const ui = await launched.app.firstWindow()
    await ui.waitForFunction(() => document.querySelector('#root h1'))
    driver = new TabDriver(launched, ui)
    await launched.app.evaluate((_electron, ports) => Object.assign(fakeApp, ports), {
      sitePort: site.port,
      tlsPort: site.tlsPort,
      through: RELAY,
    })
    await main(() => void fakeApp.plainHosts.add('plain.example'))
  })
  after(async () => {
    await launched?.end()
    site?.stop()
  })

  test('nothing is opened while browsing is locked or nothing is chosen', async () => {
    const locked = { problem: { code: 'perspective-locked', detail: { why: 'no-consent' } } }
    assert.deepEqual(await driver.open('http://news.example/'), locked)
    assert.deepEqual(await driver.open('http://news.example/', SWEDEN), locked)
    assert.equal(launched.app.windows().length, 1)
    await launched.app.evaluate((_electron, relay) => {
      const { perspective } = fakeApp.state
      const known = { ...perspective.relays[0]!, fingerprint: relay, nickname: 'Nordlicht', country: 'se' }
      const countries = [
        { country: 'se', relays: 2 },
        { country: 'de', relays: 1 },
      ]
      fakeApp.change({ perspective: { ...perspective, locks: [], countries, relays: [known] } })
    }, RELAY)
  })

  test('T18 T20: a page is asked for encrypted, through the tab’s own proxy, its name unresolved', async () => {
    await driver.open('http://news.example/', SWEDEN)
    toolbar = await driver.toolbar()
    const view = await driver.front('https://news.example/')
    await view.waitForSelector('h1')
    assert.deepEqual((await asked()).map(({ host, port, through }) => ({ host, port, through }))[0], {
      host: 'news.example',
      port: 443,
      through: SWEDEN,
    })
    assert.ok(!(await asked()).some(({ port }) => port === 80), 'the plain site was never asked')
    await shown('https://news.example/')
    const top = await toolbar.evaluate(() => Math.ceil(document.querySelector('header')!.getBoundingClientRect().height))
    const place = { x: 4, y: top, width: 1092, height: 800 - top - 4 }
    await eventually('it lies below the toolbar, within the frame', async () =>
      isDeepStrictEqual((await driver.laidOut())[0]?.bounds, place),
    )
  })

  test('S2 C11: the toolbar says in words from where, through whom, and that it is one hop and not anonymous', async () => {
    await toolbar.locator('.through').waitFor()
    assert.equal(await toolbar.locator('.place select').evaluate((list: HTMLSelectElement) => list.selectedOptions[0]!.text), 'Sweden')
    assert.equal(await toolbar.textContent('.through'), 'through Nordlicht')
    assert.match(
      (await toolbar.textContent('.promise')) ?? '',
      /^One hop, not anonymous: the relay there knows your address and what you visit\.$/,
    )
    assert.equal(await toolbar.inputValue('.address input'), 'https://news.example/')
    assert.equal(await front(), 'SwedenTitle of news.example', 'without what would turn the text around')
    await eventually('the window is called so', async () => {
      const titles = await launched.app.evaluate(({ BaseWindow }) =>
        (BaseWindow.getAllWindows() as { getTitle(): string }[]).map(one => one.getTitle()),
      )
      return titles.includes('Title of news.example (Sweden) · Vantage')
    })
  })

  test('T19: the page is told nothing of us, and holds nothing of ours', async () => {
    const view = await driver.front('https://news.example/')
    assert.doesNotMatch((await view.textContent('#agent')) ?? '', /Electron|Vantage/i)
    assert.deepEqual(await view.evaluate(() => ['vantage', 'vantageToolbar', 'require', 'process'].filter(name => name in globalThis)), [])
  })

  test('T21: even loopback and the home network go to the proxy', async () => {
    const view = await driver.front('https://news.example/')
    for (const [url, host, port] of [
      ['https://127.0.0.1:8099/', '127.0.0.1', 8099],
      ['https://localhost:8443/', 'localhost', 8443],
      ['https://192.168.1.1/', '192.168.1.1', 443],
      ['https://[fe80::1]/', 'fe80::1', 443],
    ] as const) {
      await view.goto(url).catch(() => {})
      await eventually(`${url} is shown or refused`, async () => (await toolbar.inputValue('.address input')) === url)
      assert.deepEqual((await asked()).find(one => one.host === host)?.port, port, url)
    }
    await toolbar.fill('.address input', 'https://news.example/')
    await toolbar.press('.address input', 'Enter')
    await shown('https://news.example/')
  })

  test('back, forward, reload and the address bar, by mouse and by keyboard', async () => {
    const view = await driver.front('https://news.example/')
    await view.click('#third')
    await shown('https://news.example/third')
    await toolbar.getByRole('button', { name: 'Back' }).click()
    await shown('https://news.example/')
    await view.locator('body').press('Alt+ArrowRight')
    await shown('https://news.example/third')
    const loads = (await asked()).length
    await view.evaluate(() => Object.assign(globalThis, { mark: 1 }))
    await view.locator('body').press('F5')
    await view.waitForFunction(() => !('mark' in globalThis))
    assert.ok((await asked()).length >= loads)
    await view.locator('body').press('Control+l')
    await toolbar.waitForFunction(() => getSelection()?.toString() === 'https://news.example/third')
    await toolbar.keyboard.type('not an address')
    await toolbar.keyboard.press('Enter')
    assert.equal(await toolbar.textContent('.address-error'), 'Not a web address. One looks like example.org.')
    await toolbar.fill('.address input', 'other.example/x')
    await toolbar.keyboard.press('Enter')
    await shown('https://other.example/x')
  })

  test('T18: a site that speaks plain http only is a question; yes holds for its origin in this tab', async () => {
    await toolbar.fill('.address input', 'http://plain.example/')
    await toolbar.press('.address input', 'Enter')
    await heading('plain.example does not answer encrypted')
    assert.equal(await driver.shown(), undefined, 'the page is hidden')
    assert.ok(!(await asked()).some(({ host, port }) => host === 'plain.example' && port === 80))
    await toolbar.getByRole('button', { name: 'Load it without encryption' }).click()
    await shown('http://plain.example/')
    await toolbar.locator('.secrecy', { hasText: 'Not encrypted' }).waitFor()
    const view = await driver.front('http://plain.example/')
    await view.click('#third')
    await shown('http://plain.example/third')
    // A site that sends back from its encrypted address to the plain one.
    await toolbar.fill('.address input', 'http://plain-again.example/loop')
    await toolbar.press('.address input', 'Enter')
    await heading('plain-again.example does not answer encrypted')
    await toolbar.getByRole('button', { name: 'Go back' }).click()
    await shown('http://plain.example/third')
  })

  test('the practice site, which lies in this program, needs no question', async () => {
    await main(() => fakeApp.change({ network: { ...fakeApp.state.network, kind: 'practice', site: 'http://127.0.0.9:8080/' } }))
    await open('http://127.0.0.9:8080/')
    await shown('http://127.0.0.9:8080/')
    await toolbar.locator('body').press('Control+w')
    await shown('http://plain.example/third')
  })

  test('T18: a bad certificate is a page that names the cause, with no way past', async () => {
    await toolbar.fill('.address input', 'bad.example')
    await toolbar.press('.address input', 'Enter')
    await heading('bad.example could not prove who it is')
    const sheet = (await toolbar.textContent('.sheet')) ?? ''
    assert.match(sheet, /Nobody whom your computer trusts vouches for its certificate\./)
    assert.match(sheet, /Issued to.*Issued by.*Valid.*from .* until .*ERR_CERT_AUTHORITY_INVALID/)
    const ways = () => toolbar.locator('.sheet button').allTextContents()
    await eventually('both ways on, and no third', async () => isDeepStrictEqual(await ways(), ['Go back', 'Try again']))
    assert.equal(await driver.shown(), undefined)
    const tries = async () => (await asked()).filter(({ host }) => host === 'bad.example').length
    const before = await tries()
    await toolbar.fill('.address input', 'http://bad.example/')
    await toolbar.press('.address input', 'Enter')
    await eventually('it is asked again', async () => (await tries()) > before)
    await toolbar.getByRole('button', { name: 'Stop loading' }).waitFor({ state: 'detached' })
    await heading('bad.example could not prove who it is')
    assert.ok(!(await asked()).some(({ host, port }) => host === 'bad.example' && port === 80), 'nor is http offered instead')
  })

  test('T20: what cannot go its way goes no way, and it is said why', async () => {
    await main(() => {
      fakeApp.refusals.set('gone.example', 'no-relay').set('locked.example', 'locked').set('unknown.example', 'name-unknown')
    })
    for (const [host, title] of [
      ['gone.example', 'Nobody is there'],
      ['locked.example', 'Looking through others is locked'],
      ['unknown.example', 'There is no such site'],
    ] as const) {
      await toolbar.fill('.address input', host)
      await toolbar.press('.address input', 'Enter')
      await heading(title)
      assert.match((await toolbar.textContent('.sheet')) ?? '', /Nothing was loaded directly\./)
    }
    await main(() => fakeApp.refusals.clear())
    await toolbar.getByRole('button', { name: 'Try again' }).click()
    await shown('https://unknown.example/')
  })

  test('S17: each tab is somebody else: cookies, proxy, perspective, colour; the private one goes through Tor', async () => {
    const first = await open('https://shop.example/')
    await first.reload()
    assert.equal(await first.textContent('#cookie'), 'who=somebody')
    const neighbour = await open('https://shop.example/', GERMANY)
    assert.equal(await neighbour.textContent('#cookie'), 'nobody')
    await toolbar.getByRole('button', { name: 'Private tab' }).click()
    await toolbar.locator('[role="tab"][aria-selected="true"]', { hasText: 'Tor, three hops' }).waitFor()
    await heading('Where to?')
    await toolbar.fill('.address input', 'shop.example')
    await toolbar.press('.address input', 'Enter')
    await shown('https://shop.example/')
    const hidden = await driver.front('https://shop.example/')
    assert.equal(await hidden.textContent('#cookie'), 'nobody')
    assert.doesNotMatch((await toolbar.textContent('.promise')) ?? '', /One hop/)
    const ways = (await asked()).filter(({ host }) => host === 'shop.example')
    assert.deepEqual(
      new Set(ways.map(({ user, through }) => `${user} ${through.kind}`)).size,
      3,
      'three tabs, three users, so no circuit is shared',
    )
    assert.deepEqual(ways.at(-1)!.through, { kind: 'tor' })
    const frames = await toolbar
      .locator('.tab')
      .evaluateAll(all => all.map(tab => ({ way: tab.dataset['way'], colour: getComputedStyle(tab).borderTopColor })))
    const [, sweden, germany, tor] = frames
    assert.deepEqual([sweden!.way, germany!.way, tor!.way], ['one-hop', 'one-hop', 'tor'])
    assert.equal(new Set([sweden!.colour, germany!.colour, tor!.colour]).size, 3)
    assert.equal(sweden!.colour, frames[0]!.colour, 'one perspective, one colour')
    assert.equal(await toolbar.locator('.window').getAttribute('data-way'), 'tor')
  })

  test('tabs are walked through, chosen and closed by keyboard', async () => {
    const names = await tabs()
    assert.equal(names.length, 4)
    const press = (key: string) => toolbar.locator('body').press(key)
    const inFront = (name: string) => eventually(`${name} in front`, async () => (await front()) === name)
    await press('Control+1')
    await inFront(names[0]!)
    await press('Control+Tab')
    await inFront(names[1]!)
    await press('Control+Shift+Tab')
    await inFront(names[0]!)
    await press('Control+9')
    await inFront(names[3]!)
    await toolbar.locator('[role="tab"][aria-selected="true"]').press('ArrowLeft')
    await inFront(names[2]!)
    await press('Control+t')
    await inFront('GermanyNew tab')
    await toolbar.waitForFunction(() => document.activeElement?.closest('.address'))
    await press('Control+w')
    await eventually('it is closed', async () => (await tabs()).length === 4)
    await toolbar.locator('.tab-close').last().click()
    await eventually('the last one is closed', async () => (await tabs()).length === 3)
  })

  test('another perspective for the same page: a new identity goes there', async () => {
    await toolbar.locator('body').press('Control+2')
    await eventually('Sweden in front', async () => (await front())?.startsWith('Sweden'))
    await shown('https://shop.example/')
    const before = (await asked()).length
    await toolbar.selectOption('.place select', { label: 'Germany' })
    await eventually('it is asked there', async () =>
      (await asked()).slice(before).some(one => one.host === 'shop.example' && isDeepStrictEqual(one.through, GERMANY)),
    )
    await shown('https://shop.example/')
    const view = await driver.front('https://shop.example/')
    assert.equal(await view.textContent('#cookie'), 'nobody')
  })

  test('a new identity: the old proxy is closed, everything is forgotten, nothing is loaded by itself', async () => {
    const view = await driver.front('https://shop.example/')
    await view.evaluate(() => localStorage.setItem('kept', 'x'))
    const before = await asked()
    await toolbar.locator('body').press('Control+Shift+U')
    await heading('Where to?')
    await eventually('the old page is gone', () => view.isClosed())
    assert.equal((await asked()).length, before.length)
    await toolbar.fill('.address input', 'shop.example')
    await toolbar.press('.address input', 'Enter')
    await shown('https://shop.example/')
    const fresh = await driver.front('https://shop.example/')
    assert.equal(await fresh.textContent('#cookie'), 'nobody')
    assert.equal(await fresh.evaluate(() => localStorage.getItem('kept')), null)
    assert.notEqual((await asked()).at(-1)!.user, before.at(-1)!.user)
  })

  test('what a page opens replaces it; what a person opens beside it is somebody else', async () => {
    const view = await driver.front('https://shop.example/')
    const count = (await tabs()).length
    await view.click('#blank')
    await shown('https://shop.example/second')
    await view.evaluate(() => void open('https://shop.example/by-script'))
    await shown('https://shop.example/by-script')
    assert.equal((await tabs()).length, count)
    await view.click('#third', { modifiers: ['Control'] })
    await eventually('another tab', async () => (await tabs()).length === count + 1)
    const beside = await driver.front('https://shop.example/third')
    assert.equal(await beside.textContent('#cookie'), 'nobody')
    await toolbar.locator('body').press('Control+w')
    await shown('https://shop.example/by-script')
    await eventually('the other tab is gone', async () => (await tabs()).length === count)
  })

  test('a right click offers what is under the pointer, in words of the person’s language', async () => {
    const count = (await tabs()).length
    const offered = (url: string, under: object) =>
      launched.app.evaluate(
        ({ BaseWindow, Menu }, [start, params]) => {
          type View = { webContents: { getURL(): string; emit(name: string, ...args: unknown[]): void } }
          type Opened = { opened: { items: { label: string; enabled: boolean }[] } | undefined }
          const views = (BaseWindow.getAllWindows() as unknown as { contentView?: { children: View[] } }[]).flatMap(
            window => window.contentView?.children ?? [],
          )
          const menu = Menu as unknown as Opened
          Object.assign(menu, { opened: undefined })
          const flags = { canCut: false, canCopy: true, canPaste: true, canSelectAll: true }
          const nothing = { linkURL: '', isEditable: false, selectionText: '', editFlags: flags }
          views
            .findLast(({ webContents }) => webContents.getURL().startsWith(start))!
            .webContents.emit('context-menu', {}, { ...nothing, ...params })
          return menu.opened?.items.map(({ label, enabled }) => (enabled ? label : `(${label})`))
        },
        [url, under] as const,
      )
    const choose = (index: number) =>
      launched.app.evaluate(({ Menu }, at) => {
        ;(Menu as unknown as { opened: { items: { click(): void }[] } }).opened.items[at]!.click()
      }, index)
    const page = 'https://shop.example/by-script'
    assert.equal(await offered(page, {}), undefined)
    assert.deepEqual(await offered(page, { selectionText: 'words' }), ['Copy'])
    assert.deepEqual(await offered('app://bundle/toolbar', { isEditable: true }), ['(Cut)', 'Copy', 'Paste', '', 'Select all'])
    assert.equal(await offered('app://bundle/toolbar', { linkURL: 'app://bundle/x' }), undefined)
    assert.deepEqual(await offered(page, { linkURL: 'mailto:a@b.example' }), ['Copy link address'])
    assert.deepEqual(await offered(page, { linkURL: 'https://beside.example/' }), ['Open link in a new tab', 'Copy link address'])
    await choose(1)
    assert.equal(await launched.app.evaluate(({ clipboard }) => (clipboard as unknown as { text: string }).text), 'https://beside.example/')
    await choose(0)
    await shown('https://beside.example/')
    await eventually('another tab', async () => (await tabs()).length === count + 1)
    await toolbar.locator('body').press('Control+w')
    await shown(page)
    await eventually('the other tab is gone', async () => (await tabs()).length === count)
  })

  test('T19: a page cannot leave the web', async () => {
    const view = await driver.front('https://shop.example/')
    const before = view.url()
    for (const url of ['app://bundle/index.html', 'mailto:a@b.example', 'file:///etc/passwd', 'chrome://version/'])
      await view.evaluate(to => {
        location.href = to
      }, url)
    assert.equal(await view.evaluate(() => document.querySelector('#agent') !== null), true)
    assert.equal(view.url(), before)
    assert.doesNotMatch(launched.output.err, /opened by another program/)
  })

  test('find in page: how many, next, previous, and the end of it', async () => {
    const view = await driver.front('https://shop.example/')
    await view.locator('body').press('Control+f')
    await toolbar.waitForFunction(() => document.activeElement?.closest('.find'))
    await toolbar.keyboard.type('needle')
    const found = (text: string) => toolbar.locator('.found', { hasText: text }).waitFor()
    await found('1 of 3')
    await toolbar.keyboard.press('Enter')
    await found('2 of 3')
    await view.locator('body').press('F3')
    await found('3 of 3')
    await toolbar.getByRole('button', { name: 'Previous' }).click()
    await found('2 of 3')
    assert.equal(await view.evaluate(() => getSelection()!.toString()), 'Needle')
    await toolbar.fill('.find input', 'haystack')
    await found('Not found')
    await toolbar.press('.find input', 'Escape')
    await toolbar.locator('.find').waitFor({ state: 'detached' })
  })

  test('zoom is the tab’s own, shown, and stays on other sites', async () => {
    const view = await driver.front('https://shop.example/')
    const width = () => view.evaluate(() => innerWidth)
    const normal = await width()
    await view.locator('body').press('Control++')
    await view.locator('body').press('Control++')
    await toolbar.getByRole('button', { name: 'Zoom 125%, back to normal' }).waitFor()
    await eventually('the page has less room', async () => (await width()) < normal)
    await view.goto('https://elsewhere.example/')
    await eventually('on the next site too', async () => (await width()) < normal)
    await view.locator('body').press('Control+0')
    await toolbar.getByRole('button', { name: /Zoom/ }).waitFor({ state: 'detached' })
    assert.equal(await eventually('the room is back', async () => (await width()) === normal), true)
  })

  test('T18: nothing is saved before somebody says so; the question names file, size, origin and perspective', async () => {
    const view = await driver.front('https://elsewhere.example/')
    const folder = join(launched.data, 'saved')
    await mkdir(folder)
    const held = async () => (await readdir(tmpdir())).filter(name => name.startsWith('vantage-download-'))
    const others = await held()
    const own = async () => (await held()).filter(name => !others.includes(name))
    const row = toolbar.locator('.downloads li')
    await view.click('#file')
    await row.waitFor()
    assert.match(
      (await row.textContent()) ?? '',
      /^Save “_?ev.l report_?\.txt”\?5 bytes from elsewhere\.example, arriving by way of: Germany\./,
    )
    assert.equal((await own()).length, 1)
    await row.getByRole('button', { name: 'Don’t save' }).click()
    await row.waitFor({ state: 'detached' })
    await eventually('nothing is left of it', async () => (await own()).length === 0)

    await view.click('#file')
    await row.waitFor()
    await launched.app.evaluate(
      ({ dialog }, path) => void (dialog as unknown as { saveAnswers: string[] }).saveAnswers.push(path),
      join(folder, 'mine.txt'),
    )
    await row.getByRole('button', { name: 'Save…' }).click()
    await toolbar.locator('.downloads li[data-step="saved"]').waitFor()
    assert.equal(await readFile(join(folder, 'mine.txt'), 'utf8'), 'hello')
    const [question] = await launched.app.evaluate(
      ({ dialog }) => (dialog as unknown as { saveQuestions: { defaultPath: string }[] }).saveQuestions,
    )
    assert.match(basename(question!.defaultPath), /^_?ev.l report_?\.txt$/)
    assert.ok(question!.defaultPath.endsWith(join('downloads', basename(question!.defaultPath))), 'no folder of the site’s choosing')
    await row.getByRole('button', { name: 'Show in folder' }).click()
    await eventually(
      'its folder is shown',
      async () => (await launched.app.evaluate(({ shell }) => (shell as unknown as { shown: string[] }).shown)).length === 1,
    )
    await row.getByRole('button', { name: 'Dismiss' }).click()
    await eventually('nothing is left of it', async () => (await own()).length === 0)

    // A page that wants more than a few gets a few.
    const click = () =>
      view.evaluate(async () => {
        document.querySelector<HTMLAnchorElement>('#file')!.click()
        await new Promise(resolve => setTimeout(resolve, 50))
      })
    // A click before the last one has become a download ends that, so on a slow machine not each of them counts.
    await eventually(
      'questions',
      async () => {
        await click()
        return (await row.count()) >= 5
      },
      20_000,
    )
    for (let more = 0; more < 4; more++) await click()
    assert.equal(await row.count(), 5)
    await toolbar.locator('body').press('Control+Shift+U')
    await row.first().waitFor({ state: 'detached' })
    await eventually('a new identity has none of them', async () => (await own()).length === 0)
  })

  test('a page that crashes is said to have; the others, and the relay, go on', async () => {
    const view = await open('https://crash.example/')
    await launched.app.evaluate(({ BaseWindow }) => {
      type View = { webContents: { getURL(): string; emit(name: string, ...args: unknown[]): void } }
      const views = (BaseWindow.getAllWindows() as unknown as { contentView?: { children: View[] } }[]).flatMap(
        window => window.contentView?.children ?? [],
      )
      views
        .find(({ webContents }) => webContents.getURL().includes('crash'))!
        .webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    })
    await heading('This page has crashed')
    assert.equal(await driver.shown(), undefined)
    await toolbar.getByRole('button', { name: 'Try again' }).click()
    await shown('https://crash.example/')
    assert.equal(await main(() => fakeApp.stops), 0)
    assert.equal(view.isClosed(), false)
  })

  test('a page that closes itself takes its tab with it, and nothing else', async () => {
    const count = (await tabs()).length
    await driver.open('https://short.example/', SWEDEN)
    const view = await driver.front('https://short.example/')
    await view.waitForSelector('h1')
    await eventually('another tab', async () => (await tabs()).length === count + 1)
    // It may be gone before it has answered.
    await view.evaluate(() => globalThis.close()).catch(() => {})
    await eventually('the tab is closed', async () => (await tabs()).length === count)
    await shown('https://crash.example/')
    assert.equal(await main(() => fakeApp.stops), 0)
    assert.doesNotMatch(launched.output.err, /should not have happened/)
  })

  test('the toolbar, lost, comes back as it was; the pages do not notice', async () => {
    const [names, view] = [await tabs(), await driver.front('https://crash.example/')]
    for (const page of [view, toolbar]) await page.evaluate(() => Object.assign(globalThis, { mark: 1 }))
    await launched.app.evaluate(({ BaseWindow }) => {
      type View = { webContents: { getURL(): string; emit(name: string, ...args: unknown[]): void } }
      const views = (BaseWindow.getAllWindows() as unknown as { contentView?: { children: View[] } }[]).flatMap(
        window => window.contentView?.children ?? [],
      )
      views
        .find(({ webContents }) => webContents.getURL().includes('/toolbar/'))!
        .webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    })
    await toolbar.waitForFunction(() => !('mark' in globalThis))
    await eventually('the tabs are there again', async () => isDeepStrictEqual(await tabs(), names))
    assert.equal(await toolbar.inputValue('.address input'), 'https://crash.example/')
    await shown('https://crash.example/')
    assert.equal(await view.evaluate(() => 'mark' in globalThis), true)
  })

  test('the toolbar speaks the set language, from right to left where that is so, in both themes', async () => {
    const say = (language: 'en' | 'de' | 'ar', theme: 'light' | 'dark') =>
      launched.app.evaluate((_electron, chosen) => fakeApp.change({ settings: { ...fakeApp.state.settings, ...chosen } }), {
        language,
        theme,
      })
    for (const [language, theme, promise, direction] of [
      ['de', 'dark', 'Ein Sprung, nicht anonym', 'ltr'],
      ['ar', 'light', 'قفزة واحدة', 'rtl'],
      ['en', 'light', 'One hop, not anonymous', 'ltr'],
    ] as const) {
      await say(language, theme)
      await toolbar.locator('.promise', { hasText: promise }).waitFor()
      assert.equal(await toolbar.evaluate(() => document.documentElement.dir), direction)
      const back = await toolbar.locator('.address-bar .icon-button').first().boundingBox()
      assert.equal(back!.x > 550, direction === 'rtl', 'back is where reading begins')
      const turned = await toolbar.evaluate(() =>
        [...document.querySelectorAll('form, input, .address')].some(one => getComputedStyle(one).transform !== 'none'),
      )
      assert.equal(turned, false, 'and no text is mirrored')
      assert.equal(await toolbar.evaluate(() => document.documentElement.dataset['theme']), theme)
      assert.deepEqual(await axeViolations(toolbar), [], `${language} ${theme}`)
      await toolbar.screenshot({ path: join(import.meta.dirname, `../../out/screenshots/tabs-${language}-${theme}.png`) })
    }
  })

  test('the toolbar at 200 % and in forced colours: whole, accessible, nothing cut off', async () => {
    const wrong: string[] = []
    const size = toolbar.viewportSize() ?? { width: 1100, height: 800 }
    const look = async (name: string, without: string[] = []) => {
      for (const language of ['en', 'de', 'ar'] as const) {
        await launched.app.evaluate(
          (_electron, chosen) => fakeApp.change({ settings: { ...fakeApp.state.settings, language: chosen } }),
          language,
        )
        await toolbar.locator(`html[lang=${language}]`).waitFor()
        const found = [...(await lasting(() => layoutFaults(toolbar))), ...(await axeViolations(toolbar, { without }))]
        wrong.push(...found.map(fault => `${name}, ${language}: ${fault}`))
        await toolbar.screenshot({ path: shotPath(`tabs-${name}-${language}`) })
      }
    }
    await toolbar.setViewportSize({ width: 550, height: 400 })
    await look('zoomed')
    await toolbar.setViewportSize({ width: 1100, height: 800 })
    await toolbar.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
    await look('large-text')
    await toolbar.evaluate(() => document.documentElement.style.removeProperty('font-size'))
    await toolbar.emulateMedia({ forcedColors: 'active' })
    // The colours are the system's own then, and axe still reckons with some of ours.
    await look('forced', ['color-contrast'])
    await toolbar.emulateMedia({ forcedColors: 'none' })
    await toolbar.setViewportSize(size)
    await main(() => fakeApp.change({ settings: { ...fakeApp.state.settings, language: 'en' } }))
    assert.deepEqual(wrong, [])
  })

  test('C1: our window, reloaded and lost at every step of the journey, shows the same again, and what is open stays open', async () => {
    const view = await open('https://stream.example/')
    await view.evaluate(() => {
      const got = { text: '' }
      Object.assign(globalThis, { got })
      void fetch('/stream').then(async ({ body }) => {
        for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) got.text += new TextDecoder().decode(bytes)
      })
    })
    await view.waitForFunction(() => (globalThis as unknown as { got: { text: string } }).got.text === 'a')
    const [proxies, begun] = [await main(() => fakeApp.openProxies.size), streams.length]
    const find = () =>
      eventually('our window', () => launched.app.windows().find(one => !one.isClosed() && one.url().includes('index.html')))
    const act = (how: 'reload' | 'forcefullyCrashRenderer') =>
      launched.app.evaluate(({ BrowserWindow }, action) => {
        const ours = BrowserWindow.getAllWindows().find(({ webContents }) => webContents?.getURL().includes('index.html'))!
        ours.webContents[action]()
        // Windows that are lost too often within a minute are no longer opened by themselves.
        const { performance } = globalThis
        const now = performance.now.bind(performance)
        performance.now = () => now() + 61_000
      }, how)
    const same = (ui: Page, of: { page: string; revision: string }) =>
      ui.waitForFunction(
        ({ page, revision }) =>
          document.querySelector(`.page[data-view=${page}] h1`) !== null && document.documentElement.dataset['revision'] === revision,
        of,
      )
    const seen = async (ui: Page) => (await ui.locator('h1').innerText()) + (await ui.locator('.rail').innerText()).replace(/\d/g, '')
    for (const [index, step] of STEPS.entries()) {
      const page = (['home', 'browse', 'relay'] as const)[index % 3]!
      let ui = await find()
      await ui.evaluate(hash => {
        location.hash = hash
      }, page)
      const revision = await launched.app.evaluate((_electron, to) => {
        fakeApp.become(to)
        return String(fakeApp.state.revision)
      }, step)
      await same(ui, { page, revision })
      const before = await seen(ui)
      await ui.evaluate(() => Object.assign(globalThis, { old: true }))
      await act('reload')
      await ui.waitForFunction(() => !('old' in globalThis))
      await same(ui, { page, revision })
      assert.equal(await seen(ui), before, `${step}, reloaded`)
      const again = launched.app.waitForEvent('window')
      await act('forcefullyCrashRenderer')
      ui = await again
      await same(ui, { page, revision })
      assert.equal(await seen(ui), before, `${step}, lost`)
    }
    driver = new TabDriver(launched, await find())
    assert.equal(await main(() => fakeApp.openProxies.size), proxies)
    assert.equal(streams.length, begun, 'the page did not ask again')
    streams.at(-1)!.end('b')
    await view.waitForFunction(() => (globalThis as unknown as { got: { text: string } }).got.text === 'ab')
    await main(() => fakeApp.change({ perspective: { ...fakeApp.state.perspective, locks: [] } }))
  })

  test('T20: a proxy that dies is an error page, never another way', async () => {
    const view = await open('https://last.example/')
    const before = (await asked()).length
    await main(() => {
      fakeApp.sitePort = 1
      fakeApp.tlsPort = 1
      for (const proxy of fakeApp.openProxies) void proxy.close()
    })
    await assert.rejects(view.goto('https://127.0.0.1:8099/'), /ERR_/)
    await heading('This perspective has ended')
    assert.equal((await asked()).length, before, 'nobody was asked')
  })

  test('closing the window ends every page, proxy and port', async () => {
    const ports = await main(() => [...fakeApp.openProxies].map(({ port }) => port))
    assert.ok(ports.length > 0)
    // Not the last one made: ours was opened anew when it was lost.
    await launched.app.evaluate(({ BaseWindow }) => {
      type Tabs = { contentView?: { children: { webContents: { getURL(): string } }[] }; close(): void }
      const ofOthers = ({ contentView }: Tabs) => contentView?.children.some(({ webContents }) => !webContents.getURL().startsWith('app:'))
      ;(BaseWindow.getAllWindows() as unknown as Tabs[]).find(ofOthers)!.close()
    })
    await eventually('only our window is left', () => launched.app.windows().length === 1)
    for (const port of ports) {
      const outcome = await eventually(
        `port ${port} to be closed`,
        () =>
          new Promise<string | undefined>(resolve => {
            const socket = connect(port, '127.0.0.1', () => {
              socket.destroy()
              resolve(undefined)
            }).on('error', error => resolve((error as NodeJS.ErrnoException).code))
          }),
      )
      assert.equal(outcome, 'ECONNREFUSED')
    }
  })
})
