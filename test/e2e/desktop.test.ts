import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { PreloadEnds } from '../../shared/ipc.ts'
import type { FakeApp } from '../headless/fake-app.ts'
import { cannotLaunch, isStandIn, type Launched, launchApp } from './launch.ts'
import { eventually } from './tab-driver.ts'

declare global {
  var vantage: PreloadEnds
  var fakeApp: FakeApp
}
const FAKE_SHELL = join(import.meta.dirname, 'fake-shell.ts')

/** What the stand-in remembers of the desktop. */
interface Desktop {
  Tray: { all: Set<{ image: { path: string }; toolTip: string; menu: { items: Item[] }; emit(name: string): void }> }
  Notification: { all: { title: string; body: string; emit(name: string): void }[] }
  dialog: { asked: { message: string; detail: string; buttons: string[]; cancelId: number }[]; answers: number[] }
  powerMonitor: { emit(name: string, ...facts: unknown[]): void }
  powerSaveBlocker: { running: Map<number, string> }
  nativeTheme: { shouldUseDarkColorsForSystemIntegratedUI: boolean; emit(name: string): void }
  screen: { displays: { id: number; bounds: object; workArea: object }[] }
  BrowserWindow: {
    getAllWindows(): {
      setBounds(bounds: object): void
      getNormalBounds(): object
      isMaximized(): boolean
      maximize(): void
      close(): void
      once(name: string, listener: () => void): void
    }[]
  }
}
interface Item {
  label: string
  type: string
  checked: boolean
  enabled: boolean
  submenu?: { items: Item[] }
  click(): void
}

/**
 * A desktop whose session answers whether it has a tray: the `busctl` that is asked is ours, and answers from a file. German, so that the main process is
 * seen to speak the person's language.
 */
class Session {
  readonly folder: string
  readonly launched: Launched
  private constructor(folder: string, launched: Launched) {
    this.folder = folder
    this.launched = launched
  }

  static async start(options: { tray: boolean; args?: string[]; languages?: string }): Promise<Session> {
    const folder = await mkdtemp(join(tmpdir(), 'vantage-session-'))
    const file = join(folder, 'busctl')
    await writeFile(file, `#!/bin/sh\ncase "$*" in *StatusNotifier*) cat "${folder}/tray";; *) echo "u 0";; esac\n`)
    await chmod(file, 0o755)
    await writeFile(join(folder, 'tray'), options.tray ? 'b true\n' : 'b false\n')
    const launched = await launchApp({
      entry: FAKE_SHELL,
      args: ['--json', ...(options.args ?? [])],
      env: {
        PATH: `${folder}${delimiter}${process.env['PATH']}`,
        XDG_CONFIG_HOME: join(folder, 'config'),
        STAND_IN_LANGUAGES: options.languages ?? 'de-AT,en',
      },
    })
    return new Session(folder, launched)
  }

  /** Runs in the main process, with the desktop that the stand-in remembers. */
  desktop<T, A = undefined>(body: (desktop: Desktop, argument: A) => T, argument?: A): Promise<Awaited<T>> {
    return this.launched.app.evaluate(body as never, argument as never) as Promise<Awaited<T>>
  }

  /** Until something in the main process is so. */
  async until(what: string, holds: (desktop: Desktop) => boolean): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      if (await this.desktop(holds)) return
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    throw new Error(`it did not come to this: ${what}`)
  }

  tray() {
    return this.desktop(({ Tray }) => {
      const [only] = Tray.all
      type Line = { label: string; type: string; checked: boolean; items: Line[] }
      const lines = (items: Item[]): Line[] =>
        items.map(({ label, type, checked, submenu }) => ({ label, type, checked, items: lines(submenu?.items ?? []) }))
      return { image: only!.image.path, tip: only!.toolTip, items: lines(only!.menu.items) }
    })
  }

  /** Clicks an item of the tray's menu, wherever it stands. */
  choose(label: string): Promise<boolean> {
    return this.desktop(({ Tray }, wanted) => {
      const [only] = Tray.all
      const all = (items: Item[]): Item[] => items.flatMap(item => [item, ...all(item.submenu?.items ?? [])])
      const found = all(only!.menu.items).find(item => item.label === wanted)
      found?.click()
      return found !== undefined
    }, label)
  }

  async end(): Promise<void> {
    await this.launched.end()
    await rm(this.folder, { recursive: true, force: true })
  }
}

const skip = cannotLaunch() || (!isStandIn && 'a real tray, dialogs and notifications cannot be read')

describe('on a desktop with a tray', { skip, timeout: 120_000 }, () => {
  let session: Session
  before(async () => {
    session = await Session.start({ tray: true, args: ['--hidden'] })
    await session.until('the tray is there', ({ Tray }) => [...Tray.all].some(tray => tray.menu !== undefined))
  })
  after(() => session?.end())
  const main = <T>(body: (desktop: Desktop) => T) => session.desktop(body)
  const asked = (name: string) =>
    session.desktop((_desktop, wanted) => fakeApp.asked.filter(([call]) => call === wanted).map(([, argument]) => argument), name)

  test('hidden means: in the tray, without a window, until it is asked for', async () => {
    await session.until('the login item was looked at', () => fakeApp.told.some(fact => 'login' in fact))
    assert.equal(await main(({ BrowserWindow }) => BrowserWindow.getAllWindows().length), 0)
    const { image, tip, items } = await session.tray()
    assert.match(image, /tray\/off-on-/)
    assert.match(tip, /^Vantage: Wartet auf Ihre Zustimmung\n/)
    assert.deepEqual(
      items.map(({ label }) => label).filter(label => label.includes('Vantage') || label.startsWith('Beenden')),
      ['Vantage zeigen', 'Beenden'],
    )
    const [window] = await Promise.all([session.launched.app.waitForEvent('window'), session.choose('Vantage zeigen')])
    await window.waitForSelector('#root h1')
  })

  test('C12: the tray tells of the contribution in the person’s language, with a shape for each state', async () => {
    await main(() => fakeApp.become('unlocked'))
    await session.until('the tray shows it', ({ Tray }) => [...Tray.all][0]!.image.path.includes('unlocked'))
    const { tip, items } = await session.tray()
    assert.match(
      tip,
      /^Vantage: Leitet weiter, Perspektiven offen\nHeute ↑ 1,7\sGB ↓ 1,6\sGB für Tor · 11\S?760 Kanäle\nMitglieder 133\sMB · Sie 11,2\sMB$/,
    )
    assert.ok(items.some(({ label }) => label === 'Perspektive: Aus'))
    const places = items.find(({ label }) => label.startsWith('Perspektive:'))!.items
    assert.ok(places.some(({ label }) => label === 'Schweden (2)'))
    await main(() => fakeApp.become('paused'))
    await session.until('the tray shows the rest', ({ Tray }) => [...Tray.all][0]!.image.path.includes('paused'))
    assert.match((await session.tray()).items[0]!.label, /^Ruht bis \d\d:\d\d \(Sie wollten eine Pause\)$/)
  })

  test('the icon follows the colour of Windows’ taskbar, and a click on it shows the window', async () => {
    const drawn = await main(({ Tray, nativeTheme }) => {
      const { platform } = process
      const look = (dark: boolean) => {
        nativeTheme.shouldUseDarkColorsForSystemIntegratedUI = dark
        nativeTheme.emit('updated')
        return /-on-(light|dark)\.png$/.exec([...Tray.all][0]!.image.path)?.[1]
      }
      Object.defineProperty(process, 'platform', { value: 'win32' })
      const seen = [look(false), look(true)]
      Object.defineProperty(process, 'platform', { value: platform })
      return [...seen, look(false), look(true)]
    })
    assert.deepEqual(drawn, ['light', 'dark', 'dark', 'dark'])
    const focused = main(
      ({ BrowserWindow }) => new Promise(resolve => BrowserWindow.getAllWindows()[0]!.once('focus', () => resolve(true))),
    )
    await main(({ Tray }) => [...Tray.all][0]!.emit('click'))
    assert.equal(await focused, true)
  })

  test('breaks and limits of the tray are calls of the contract', async () => {
    assert.ok(await session.choose('Jetzt weitermachen'))
    await main(() => fakeApp.become('relaying'))
    await session.until('the tray relays', ({ Tray }) => [...Tray.all][0]!.image.path.includes('relaying'))
    assert.ok(await session.choose('30 Minuten'))
    assert.ok(await session.choose('25\u00a0%: 2,5 Mbit/s'))
    assert.deepEqual(await asked('pause.end'), [undefined])
    assert.deepEqual(await asked('pause.begin'), [{ span: 'half-hour' }])
    assert.deepEqual(await asked('limit.share'), [{ share: 0.25 }])
  })

  test('a notice becomes a notification in the person’s language; a click shows the window', async () => {
    await main(() => fakeApp.onNotice.emit({ kind: 'ports', what: 'ports-closed', at: Date.now(), detail: { ports: 'or dir' } }))
    const last = await main(({ Notification }) => {
      const { title, body } = Notification.all.at(-1)!
      return { title, body }
    })
    assert.deepEqual(last, {
      title: 'Ein Port ist zu',
      body: 'Von außen ist nicht zu erreichen: ORPort und DirPort. Vielleicht hat Ihr Router ihn vergessen.',
    })
  })

  test('before a sleep the app is told, and after it', async () => {
    await main(({ powerMonitor }) => {
      powerMonitor.emit('suspend')
      powerMonitor.emit('resume')
    })
    assert.deepEqual(
      (await main(() => fakeApp.told)).filter(fact => 'asleep' in fact),
      [{ asleep: true }, { asleep: false }],
    )
  })

  test('the computer is kept awake while that is wanted, the relay runs and no battery is drained', async () => {
    const awake = () => main(({ powerSaveBlocker }) => [...powerSaveBlocker.running.values()])
    assert.deepEqual(await awake(), [])
    await main(() => fakeApp.change({ settings: { ...fakeApp.state.settings, keepAwake: true } }))
    assert.deepEqual(await awake(), ['prevent-app-suspension'])
    await main(() => fakeApp.change({ background: { ...fakeApp.state.background, power: 'battery' } }))
    assert.deepEqual(await awake(), [])
    await main(() => fakeApp.change({ background: { ...fakeApp.state.background, power: 'plugged' } }))
    assert.deepEqual(await awake(), ['prevent-app-suspension'])
    await main(() => fakeApp.become('stopped'))
    assert.deepEqual(await awake(), [])
    await main(() => fakeApp.become('relaying'))
  })

  test('starting with the session: an entry of this user, in the tray, and gone again', async () => {
    const page = session.launched.app.windows()[0]!
    const set = (on: boolean) => page.evaluate(wanted => vantage.call('login.set', { on: wanted }), on)
    assert.ok(!('problem' in ((await set(true)) as object)))
    const file = join(session.folder, 'config/autostart/vantage.desktop')
    const entry = await readFile(file, 'utf8')
    assert.match(entry, /^Exec="[^"]+" .*"--data" "[^"]+" "--hidden"$/m)
    assert.doesNotMatch(entry, /--json/)
    assert.equal(await main(() => fakeApp.state.background.login), 'on')
    assert.ok(!('problem' in ((await set(false)) as object)))
    await assert.rejects(readFile(file), { code: 'ENOENT' })
    assert.equal(await main(() => fakeApp.state.background.login), 'off')
    assert.deepEqual(await page.evaluate(() => vantage.call('login.set', { on: 'yes' })), {
      problem: { code: 'bad-request', detail: { call: 'login.set' } },
    })
  })

  test('closing the window keeps the relay: explained once; it comes back where it was, as far as the screen is there', async () => {
    const close = () => main(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close())
    const open = async (): Promise<Page> =>
      (await Promise.all([session.launched.app.waitForEvent('window'), session.choose('Vantage zeigen')]))[0]
    const told = () => main(({ Notification }) => Notification.all.filter(({ title }) => title === 'Vantage leitet weiter').length)
    const bounds = () => main(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getNormalBounds())
    await main(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setBounds({ x: 700, y: 90, width: 900, height: 640 }))
    await close()
    assert.equal(await told(), 1)
    await open()
    assert.deepEqual(await bounds(), { x: 700, y: 90, width: 900, height: 640 })
    await close()
    assert.equal(await told(), 1)
    // The screen it was on is gone, and the one that is left is small.
    await main(({ screen }) => {
      screen.displays.splice(0, 1, { id: 2, bounds: {}, workArea: { x: 0, y: 0, width: 800, height: 560 } })
    })
    await open()
    assert.deepEqual(await bounds(), { x: 100, y: 100, width: 800, height: 560 }, 'the size fits, the place is the system’s')
    await eventually('both are kept', async () => {
      const { bounds, explained } = JSON.parse(await readFile(join(session.launched.data, 'window/window-state.json'), 'utf8'))
      return bounds?.x === 700 && explained
    })
  })

  test('quitting from the tray asks, since it ends the relay’s run; no means no', async () => {
    assert.ok(await session.choose('Beenden (das Relay geht offline)'))
    await session.until('it asked', ({ dialog }) => dialog.asked.length === 1)
    const { message, buttons } = await main(({ dialog }) => dialog.asked[0]!)
    assert.deepEqual([message, buttons], ['Vantage beenden?', ['Abbrechen', 'Beenden']])
    assert.equal(await main(() => fakeApp.stops), 0)
    await main(({ dialog }) => void dialog.answers.push(1))
    const exited = session.launched.exited
    await session.choose('Beenden (das Relay geht offline)').catch(() => {})
    assert.equal(await exited, 0)
    assert.equal(JSON.parse(session.launched.output.out.trim().split('\n').at(-1)!).event, 'stopped')
  })
})

describe('on a desktop without a tray', { skip, timeout: 60_000 }, () => {
  let session: Session
  before(async () => {
    session = await Session.start({ tray: false, args: ['--hidden'] })
    await session.launched.app.firstWindow()
    await session.desktop(() => fakeApp.become('relaying'))
  })
  after(() => session?.end())
  const close = () => session.desktop(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  const windows = () => session.desktop(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)

  test('the window is there even when it was to be hidden, and closing it asks; cancelling changes nothing', async () => {
    await close()
    await session.until('it asked', ({ dialog }) => dialog.asked.length === 1)
    const { message, buttons } = await session.desktop(({ dialog }) => dialog.asked[0]!)
    assert.deepEqual(
      [message, buttons],
      ['Das Fenster schließen?', ['Abbrechen', 'Ohne Fenster weiterlaufen', 'Beenden (das Relay geht offline)']],
    )
    assert.equal(await windows(), 1)
  })

  test('the relay can go on without a window, and with the relay at rest the window ends the app', async () => {
    await session.desktop(({ dialog }) => void dialog.answers.push(1))
    await close()
    await session.until('the window went', ({ BrowserWindow }) => BrowserWindow.getAllWindows().length === 0)
    assert.equal(await session.desktop(() => fakeApp.stops), 0)
    await Promise.all([session.launched.app.waitForEvent('window'), session.choose('Vantage zeigen')])
    await session.desktop(() => fakeApp.become('stopped'))
    await close().catch(() => {})
    assert.equal(await session.launched.exited, 0)
  })
})

describe('in a session that speaks Arabic', { skip, timeout: 60_000 }, () => {
  let session: Session
  before(async () => {
    session = await Session.start({ tray: true, args: ['--hidden'], languages: 'ar-EG,en' })
  })
  after(() => session?.end())

  test('the tray does, too; the settings’ own language wins at once; and the end of the session ends the app in good order', async () => {
    await session.until('the tray is there', ({ Tray }) => [...Tray.all].some(tray => tray.menu !== undefined))
    assert.equal((await session.tray()).items.at(-1)!.label, 'إنهاء')
    await session.desktop(() => fakeApp.change({ settings: { ...fakeApp.state.settings, language: 'de' } }))
    await session.until('the tray speaks German', ({ Tray }) => [...Tray.all][0]!.menu.items.at(-1)!.label === 'Beenden')
    const held = await session.desktop(({ powerMonitor }) => {
      let prevented = false
      powerMonitor.emit('shutdown', {
        preventDefault: () => {
          prevented = true
        },
      })
      return prevented
    })
    assert.equal(held, true)
    assert.equal(await session.launched.exited, 0)
    assert.equal(JSON.parse(session.launched.output.out.trim().split('\n').at(-1)!).event, 'stopped')
  })
})
