import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Background, type BackgroundOptions } from '../../main/app/background.ts'
import { networkIdOf, readMetered } from '../../main/app/metered-network.ts'
import { noticeText } from '../../main/app/notice-text.ts'
import { readPowerSource } from '../../main/app/power-source.ts'
import { newsOf, type WeatherFacts, WeatherWatch } from '../../main/app/weather.ts'
import type { Notice } from '../../shared/background.ts'
import { type Settings, settings } from '../../shared/settings.ts'
import { speechFor } from '../../shared/words/speech.ts'

const HOUR = 3_600_000
let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-background-'))
})
after(() => rm(folder, { recursive: true }))

/** A background whose clocks and computer a test sets. */
async function make(name: string, wanted: Partial<Settings> = {}, more: Partial<BackgroundOptions> = {}) {
  const dataFolder = join(folder, name)
  await mkdir(dataFolder, { recursive: true })
  const world = {
    clocks: { wall: new Date(2026, 6, 15, 12).getTime(), steady: 100 * HOUR },
    settings: settings.parse(wanted),
    power: 'plugged' as 'plugged' | 'battery' | 'unknown',
    network: 'wlan0 192.168.1.0/24' as string | undefined,
    price: 'unknown' as 'metered' | 'unmetered' | 'unknown',
    asked: 0,
  }
  const background = await Background.load({
    dataFolder,
    settings: () => world.settings,
    clocks: () => world.clocks,
    readPower: async () => world.power,
    readNetwork: () => world.network,
    readMetered: async () => {
      world.asked++
      return world.price
    },
    ...more,
  })
  const pass = (ms: number) => {
    world.clocks = { wall: world.clocks.wall + ms, steady: world.clocks.steady + ms }
  }
  /** What is asked of the computer arrives a moment later. */
  const settle = async () => {
    background.look(undefined)
    await background.close()
    return background.look(undefined)
  }
  return { background, world, pass, settle, dataFolder }
}

describe('the background', () => {
  test('a break of half an hour ends by itself, and survives a restart of the program', async () => {
    const { background, world, pass, dataFolder } = await make('break')
    background.pause('half-hour')
    assert.equal(background.look(undefined).state, 'paused')
    pass(10 * 60_000)
    await background.close()
    const again = await Background.load({
      dataFolder,
      settings: () => world.settings,
      clocks: () => world.clocks,
      readPower: async () => 'unknown',
    })
    assert.equal(again.look(undefined).state, 'paused')
    pass(20 * 60_000)
    assert.equal(again.look(undefined).state, 'running')
    await again.close()
    assert.doesNotMatch(await readFile(join(dataFolder, 'background.json'), 'utf8'), /pause/)
  })

  test('a break until the next start is over with it; a limit for now stays', async () => {
    const { background, world, dataFolder } = await make('restart')
    background.pause('restart')
    background.setShare(0.25)
    assert.equal(background.look(undefined).state, 'paused')
    await background.close()
    const again = await Background.load({ dataFolder, settings: () => world.settings, clocks: () => world.clocks })
    assert.deepEqual(again.look(undefined), { state: 'limited', rate: 312_500, by: 'person', until: undefined })
    await again.close()
  })

  test('rests at the cap, a little before it, until the month ends; the count goes on over restarts', async () => {
    const { background, pass } = await make('cap', { monthlyCap: 10e9, capStartDay: 1 })
    background.accounting.begin()
    assert.equal(background.look(9.9e9).state, 'running')
    const standing = background.look(9.98e9)
    const august = new Date(2026, 7, 1).getTime()
    assert.deepEqual(standing, { state: 'paused', causes: [{ reason: 'cap', until: august }], until: august })
    background.endPause()
    assert.equal(background.look(9.98e9).state, 'paused', 'no wish overrules the cap')
    pass(17 * 24 * HOUR)
    assert.equal(background.look(9.98e9).state, 'running')
    await background.close()
  })

  test('on battery it rests, goes on when told to, and rests again the next time', async () => {
    const { background, world, pass, settle } = await make('battery', { pauseOnBattery: true })
    assert.equal(background.look(undefined).state, 'running')
    world.power = 'battery'
    pass(20_000)
    assert.equal((await settle()).state, 'paused')
    background.endPause()
    assert.equal(background.look(undefined).state, 'running')
    world.power = 'plugged'
    pass(20_000)
    await settle()
    world.power = 'battery'
    pass(20_000)
    assert.equal((await settle()).state, 'paused')
    background.setHostFacts({ power: 'plugged' })
    assert.equal(background.look(undefined).state, 'running', 'Electron knows better')
    await background.close()
  })

  test('paid by volume: the system’s word or the owner’s, for this network only; the system is not asked all the time', async () => {
    const { background, world, pass, settle } = await make('metered', { pauseOnMetered: true })
    assert.equal(world.asked, 1)
    assert.equal(background.look(undefined).state, 'running')
    world.settings = { ...world.settings, meteredNetworks: ['wlan0 192.168.1.0/24'] }
    assert.equal(background.look(undefined).state, 'paused')
    world.network = 'wlan0 10.0.0.0/8'
    pass(20_000)
    assert.equal((await settle()).state, 'running')
    assert.equal(world.asked, 2, 'another network, another price')
    world.price = 'metered'
    pass(30_000)
    await settle()
    assert.equal(world.asked, 2)
    pass(61_000)
    assert.equal((await settle()).state, 'paused')
    world.network = undefined
    pass(20_000)
    assert.equal((await settle()).state, 'running', 'no network is paid by nothing')
    await background.close()
  })

  test('asleep: rests until it is awake, also when nobody says that it is', async () => {
    const { background, pass } = await make('sleep')
    background.setAsleep(true)
    assert.deepEqual(background.look(undefined), { state: 'paused', causes: [{ reason: 'sleep', until: undefined }], until: undefined })
    background.setAsleep(false)
    assert.equal(background.look(undefined).state, 'running')
    background.setAsleep(true)
    pass(8 * HOUR)
    assert.equal(background.look(undefined).state, 'running')
    await background.close()
  })

  test('nonsense in its file is put aside and told', async () => {
    const dataFolder = join(folder, 'damaged')
    await mkdir(dataFolder)
    await writeFile(join(dataFolder, 'background.json'), '{"share":7}')
    const background = await Background.load({ dataFolder, settings: () => settings.parse({}) })
    assert.equal(background.problem?.code, 'settings-damaged')
    assert.equal(background.look(undefined).state, 'running')
    await background.close()
  })

  test('tells its news unless they are muted; muted ones are kept all the same', async () => {
    const { background, world } = await make('news', { mutedNotices: ['ports'] })
    const told: Notice[] = []
    background.onNotice.add(notice => void told.push(notice))
    background.tell(GOOD)
    background.tell({ ...GOOD, failed: ['dir'], proved: ['or', 'pa'], flags: new Set(['Running']) })
    assert.deepEqual(
      told.map(({ what, at }) => [what, at]),
      [
        ['unlocked', world.clocks.wall],
        ['lost-stable', world.clocks.wall],
      ],
    )
    assert.deepEqual(
      background.section(background.standing).notices.map(({ what }) => what),
      ['unlocked', 'lost-stable', 'ports-closed'],
    )
    await background.close()
  })
})

const GOOD: Omit<WeatherFacts, 'cap'> = {
  running: true,
  listLive: true,
  flags: new Set(['Running', 'Stable']),
  unlocked: true,
  proved: ['or', 'dir', 'pa'],
  failed: [],
  overload: undefined,
  builtAt: undefined,
  lacks: '',
}
const CAP = { used: 0, limit: 0, reached: false }
const facts = (own: Partial<WeatherFacts> = {}): WeatherFacts => ({ ...GOOD, cap: CAP, ...own })

describe('the weather', () => {
  const TABLE: [string, Partial<WeatherFacts>, Partial<WeatherFacts>, Notice['what'][]][] = [
    ['nothing changed', {}, {}, []],
    ['open', { unlocked: false }, {}, ['unlocked']],
    ['lost Running, and Stable with it', {}, { flags: new Set() }, ['lost-running']],
    ['lost Stable', {}, { flags: new Set(['Running']) }, ['lost-stable']],
    ['lost by an old list', {}, { flags: new Set(), listLive: false }, []],
    ['lost because it rests', {}, { flags: new Set(), running: false }, []],
    ['a port closes', {}, { proved: ['or'], failed: ['dir', 'pa'] }, ['ports-closed']],
    ['a port that never was open', { proved: ['or'] }, { proved: ['or'], failed: ['dir'] }, []],
    ['too much to do', {}, { overload: 'heap' }, ['overload']],
    [
      'the cap comes near',
      { cap: { used: 89, limit: 100, reached: false } },
      { cap: { used: 90, limit: 100, reached: false } },
      ['cap-near'],
    ],
    ['the cap is still near', { cap: { used: 95, limit: 100, reached: false } }, { cap: { used: 96, limit: 100, reached: false } }, []],
    [
      'the cap is reached',
      { cap: { used: 98, limit: 100, reached: false } },
      { cap: { used: 99, limit: 100, reached: true } },
      ['cap-reached'],
    ],
    ['an old build', { builtAt: 0 }, { builtAt: 0 }, ['old-build']],
    ['the network asks for more', {}, { lacks: 'Relay=9' }, ['network-asks-more']],
  ]
  for (const [name, before, now, expected] of TABLE)
    test(name, () =>
      assert.deepEqual(
        newsOf(facts(before), facts(now), 25 * 7 * 86_400_000).map(({ what }) => what),
        expected,
      ),
    )

  test('the same is not told again for hours, by a clock that nobody sets; and opening only once, until it was lost', () => {
    const told = { unlocked: false }
    const watch = new WeatherWatch(told)
    const look = (own: Partial<WeatherFacts>, steady: number, wall = 0) => watch.look(facts(own), { wall, steady }).map(({ what }) => what)
    assert.deepEqual(look({}, 0), ['unlocked'])
    assert.deepEqual(look({ flags: new Set(['Running']) }, 1), ['lost-stable'])
    assert.equal(told.unlocked, false)
    look({}, 2)
    assert.deepEqual(look({ flags: new Set(['Running']) }, 3, 9e15), [], 'a clock set far forward changes nothing')
    look({}, 4)
    assert.deepEqual(look({ flags: new Set(['Running']) }, 7 * HOUR), ['lost-stable'])
    const again = new WeatherWatch({ unlocked: true })
    assert.deepEqual(again.look(facts(), { wall: 0, steady: 0 }), [], 'each start opens what was open')
  })

  test('is told in every language, with facts of ours only', () => {
    const notice = (what: Notice['what'], detail: Notice['detail']): Notice => ({ kind: 'version', what, at: 0, detail })
    const english = speechFor('en', ['en-GB'])
    assert.equal(
      noticeText(notice('ports-closed', { ports: 'or pa' }), english).body,
      'From outside nobody reaches ORPort and PAPort. Your router may have forgotten it.',
    )
    assert.equal(noticeText(notice('cap-near', { used: 9.1e9, limit: 1e10 }), english).body, '9.1 GB of 10.0 GB are used.')
    assert.match(noticeText(notice('old-build', { days: 200 }), english).body, /^It was built 200 days ago\./)
    const hostile = noticeText(notice('network-asks-more', { lacks: '<b>\u202eRelay=5-9\u0000' }), english).body
    assert.equal(hostile, 'The authorities want every relay to know bRelay=5-9. Get a newer Vantage.')
    for (const language of ['de', 'ar'] as const)
      for (const what of ['unlocked', 'lost-running', 'lost-stable', 'overload', 'cap-reached'] as const) {
        const { title, body } = noticeText(notice(what, { limit: 1e12 }), speechFor(language, []))
        assert.ok(title.length > 5 && body.length > 10)
        assert.notEqual(title, noticeText(notice(what, {}), english).title)
      }
  })
})

describe('what the computer tells', () => {
  const supplies = async (name: string, list: Record<string, Record<string, string>>) => {
    const where = join(folder, name)
    for (const [supply, files] of Object.entries(list)) {
      await mkdir(join(where, supply), { recursive: true })
      for (const [file, text] of Object.entries(files)) await writeFile(join(where, supply, file), `${text}\n`)
    }
    return where
  }
  test('the power supply of Linux: mains, battery, a mouse’s battery, nothing', async () => {
    const battery = { type: 'Battery', status: 'Discharging' }
    const mouse = { type: 'Battery', scope: 'Device', status: 'Discharging' }
    assert.equal(await readPowerSource(join(folder, 'none')), 'unknown')
    assert.equal(await readPowerSource(await supplies('a', { AC: { type: 'Mains', online: '1' }, BAT0: battery })), 'plugged')
    assert.equal(await readPowerSource(await supplies('b', { AC: { type: 'Mains', online: '0' }, BAT0: battery })), 'battery')
    assert.equal(await readPowerSource(await supplies('c', { hid: mouse })), 'unknown')
    assert.equal(await readPowerSource(await supplies('d', { BAT0: { type: 'Battery', status: 'Full' } })), 'plugged')
    assert.equal(await readPowerSource(await supplies('e', { BAT0: battery, hid: mouse })), 'battery')
    assert.equal(await readPowerSource(await supplies('f', { ucsi: { type: 'USB', online: '1' }, BAT0: battery })), 'plugged')
    assert.equal(await readPowerSource(await supplies('g', { BAT0: { type: '�'.repeat(9000) } })), 'unknown')
  })

  test('the network: its interface and its addresses, bridges of containers passed over', () => {
    const address = (of: string, cidr: string, internal = false) =>
      ({ address: of, cidr, internal, family: 'IPv4', netmask: '', mac: '' }) as const
    assert.equal(networkIdOf({}), undefined)
    assert.equal(networkIdOf({ lo: [address('127.0.0.1', '127.0.0.1/8', true)] }), undefined)
    assert.equal(
      networkIdOf({ docker0: [address('172.17.0.1', '172.17.0.1/16')], wlan0: [address('192.168.43.77', '192.168.43.77/24')] }),
      'wlan0 192.168.43.0/24',
    )
    assert.equal(networkIdOf({ 'Wi-Fi': [address('10.200.3.4', '10.200.3.4/13')] }), 'Wi-Fi 10.200.0.0/13')
  })

  test('NetworkManager’s answers', () => {
    assert.deepEqual(['u 0\n', 'u 1\n', 'u 2\n', 'u 3\n', 'u 4\n', 'u 1 2\n', 's "1"', '', 'u 9'].map(readMetered), [
      'unknown',
      'metered',
      'unmetered',
      'metered',
      'unmetered',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ])
  })
})
