import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { autostartFile, desktopEntry, isAutostartOn, loginCommand, setAutostart } from '../../main/electron/autostart.ts'
import { fitBounds, WindowMemory } from '../../main/electron/window-state.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-desktop-'))
})
after(() => rm(folder, { recursive: true }))

describe('starting with the session', () => {
  test('starts the AppImage itself, in the tray, with the arguments of now but for those of this start', () => {
    const facts = {
      appImage: undefined,
      program: '/opt/vantage/vantage',
      isPackaged: true,
      appPath: '/x',
      own: ['--json', '--data', '/d d', '--hidden'],
    }
    assert.deepEqual(loginCommand(facts), ['/opt/vantage/vantage', '--data', '/d d', '--hidden'])
    assert.equal(loginCommand({ ...facts, appImage: '/home/a/Vantage.AppImage' })[0], '/home/a/Vantage.AppImage')
    assert.deepEqual(loginCommand({ ...facts, isPackaged: false }).slice(0, 2), ['/opt/vantage/vantage', '/x'])
  })

  test('the Exec line is quoted as the Desktop Entry Specification wants it', () => {
    const exec = (...command: string[]) => /^Exec=(.*)$/m.exec(desktopEntry(command))![1]
    assert.equal(exec('/opt/a b/v', '--hidden'), '"/opt/a b/v" "--hidden"')
    assert.equal(exec('/o"p$t`\\x%u'), '"/o\\\\"p\\\\$t\\\\`\\\\\\\\x%%u"')
    assert.throws(() => desktopEntry(['/a\nExec=evil']))
  })

  test('is written, seen, switched off by the desktop or by us, and written again', async () => {
    const file = autostartFile({ XDG_CONFIG_HOME: join(folder, 'config') }, '/home/a')
    assert.equal(autostartFile({ XDG_CONFIG_HOME: 'relative' }, '/home/a'), '/home/a/.config/autostart/vantage.desktop')
    assert.equal(await isAutostartOn(file), false)
    await setAutostart(file, ['/opt/v', '--hidden'])
    assert.equal(await isAutostartOn(file), true)
    const text = await readFile(file, 'utf8')
    for (const line of ['Hidden=true', 'X-GNOME-Autostart-enabled=false']) {
      await writeFile(file, text.replace('X-GNOME-Autostart-enabled=true', line))
      assert.equal(await isAutostartOn(file), false, line)
    }
    await setAutostart(file, undefined)
    await setAutostart(file, undefined)
    assert.equal(await isAutostartOn(file), false)
  })
})

describe('where the window is opened', () => {
  const screen = { x: 0, y: 27, width: 1920, height: 1053 }
  const right = { x: 1920, y: 0, width: 1280, height: 1024 }
  const saved = { x: 300, y: 200, width: 1000, height: 700 }
  test('where it was; at the usual size the first time, no larger than the screen', () => {
    assert.deepEqual(fitBounds(saved, [screen]), saved)
    assert.deepEqual(fitBounds(undefined, [screen]), { width: 1120, height: 780 })
    assert.deepEqual(fitBounds(undefined, [{ x: 0, y: 0, width: 1000, height: 600 }]), { width: 1000, height: 600 })
    assert.deepEqual(fitBounds(undefined, []), { width: 1120, height: 780 })
    assert.deepEqual(fitBounds({ ...saved, x: 2000, y: 10 }, [screen, right]), { ...saved, x: 2000, y: 10 })
  })
  test('on a screen that is there: a window on one that was unplugged, or with its bar out of reach, goes to the middle', () => {
    for (const lost of [
      { ...saved, x: 2000 },
      { ...saved, x: -990 },
      { ...saved, y: 1050 },
      { ...saved, y: -40 },
      { ...saved, x: 99_000, y: -99_000 },
    ])
      assert.deepEqual(fitBounds(lost, [screen]), { width: 1000, height: 700 })
    assert.deepEqual(fitBounds({ ...saved, x: -500 }, [screen]), { ...saved, x: -500 }, 'half of it is enough')
  })
  test('never smaller than it can be used, never larger than the screen', () => {
    assert.deepEqual(fitBounds({ x: 5, y: 50, width: 1, height: 1 }, [screen]), { width: 640, height: 480 })
    assert.deepEqual(fitBounds({ x: 5, y: 50, width: -800, height: -600 }, [screen]), { width: 640, height: 480 })
    assert.deepEqual(fitBounds({ ...saved, width: 90_000, height: 90_000 }, []), { width: 1120, height: 780 }, 'no screen is known')
    assert.deepEqual(fitBounds({ x: 0, y: 27, width: 90_000, height: 90_000 }, [screen]), { x: 0, y: 27, width: 1920, height: 1053 })
  })
  test('is remembered; nonsense in the file is no reason not to open', async () => {
    const memory = await WindowMemory.load(folder, 0)
    assert.deepEqual(memory.state, { maximized: false, explained: false })
    memory.keep({ bounds: saved })
    memory.keep({ maximized: true, explained: true })
    await memory.settled()
    assert.deepEqual((await WindowMemory.load(folder, 0)).state, { bounds: saved, maximized: true, explained: true })
    for (const text of [
      '',
      '[]',
      '{"bounds":{"x":1e99,"y":0,"width":1,"height":1}}',
      '{"bounds":{"x":"1"}}',
      '{"bounds":{"x":0,"y":0,"width":NaN,"height":1}}',
      '{"bounds":[0,0,1,1]}',
    ]) {
      await writeFile(join(folder, 'window-state.json'), text)
      assert.equal((await WindowMemory.load(folder, 0)).state.bounds, undefined, text)
    }
  })
})
