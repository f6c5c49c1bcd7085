import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { words } from '../../renderer/i18n/words.ts'
import type { PlanSpan } from '../../shared/background.ts'
import type { FakeHost } from '../renderer/fake-host.ts'
import { planned, sampleState } from '../renderer/sample-state.ts'
import type { TestWindow } from '../renderer/window.ts'
import { axeViolations } from './axe.ts'
import { holdSettings, shotPath, uiWindows } from './ui-window.ts'

describe('rest, limits and manners in the background, as the window has them', { timeout: 120_000 }, () => {
  const openWindow = uiWindows()
  let host: FakeHost
  let window: TestWindow
  before(async () => {
    ;({ host, window } = await openWindow(sampleState('relaying')))
  })
  after(() => assert.deepEqual(window?.faults, []))
  const accessible = async (what: string) => assert.deepEqual(await axeViolations(window.page), [], what)
  const shot = (name: string, anchor?: string) =>
    (anchor ? window.page.locator(`[data-anchor=${anchor}]`) : window.page).screenshot({ path: shotPath(name) })
  const plan = () => window.page.locator('[data-anchor=plan]')

  test('a break is asked for by keyboard, its price is told, and the resting screen says until when', async () => {
    const { page } = window
    await window.go('relay')
    await window.tabTo(/^Take a break$/)
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: words.background.pauseTitle })
    await dialog.getByText(words.host.pauseCost).waitFor()
    await accessible('the dialog')
    await shot('break-dialog')
    const asked = host.nextCall('pause.begin')
    await window.tabTo(/30 minutes/)
    await page.keyboard.press('ArrowRight')
    await window.tabTo(/^Take the break$/)
    await page.keyboard.press('Enter')
    assert.deepEqual(await asked, { span: 'tomorrow' })
    await dialog.waitFor({ state: 'detached' })
    // Half a minute from being told as one less.
    await window.show(sampleState('paused', {}, Date.now() + 30_000), 'home')
    const text = await page.locator('main').innerText()
    assert.match(text, /You asked for a break\s+until \d\d:\d\d/)
    assert.match(text, /It goes on by itself at \d\d:\d\d, in 18 minutes\./)
    assert.match(text, /If it rests beyond about \d\d:\d\d, the run that counts for Stable ends\./)
    await shot('resting')
    const ended = host.nextCall('pause.end')
    await page.getByRole('button', { name: words.host.resume }).click()
    await ended
  })

  test('a limit for now is one press, and says whose it is', async () => {
    await window.show(sampleState('relaying'), 'relay')
    const asked = host.nextCall('limit.share')
    await window.page.getByRole('radio', { name: '50% of it' }).click()
    assert.deepEqual(await asked, { share: 0.5 })
    await window.change({ background: planned().background })
    await window.page.getByText('You hold it to 2.5 Mbit/s for now.').waitFor()
    await window.page.getByText('Limited to 2.5 Mbit/s').waitFor()
  })

  test('the weekly plan: nights are put in, the effect on Stable is told at once, and taken out again', async () => {
    const { page } = window
    await window.show(sampleState('relaying'), 'settings')
    await plan().getByText(words.background.plan.none).waitFor()
    assert.match(await plan().innerText(), /your relay can become Stable/)
    await plan().getByRole('button', { name: words.background.plan.add }).click()
    await accessible('the form of a time')
    await shot('plan-form', 'plan')
    for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']) await plan().getByRole('checkbox', { name: day }).uncheck()
    await plan().getByRole('button', { name: words.background.plan.put }).click()
    await plan().locator('.error', { hasText: words.background.plan.noDay }).waitFor()
    assert.deepEqual(host.state.settings.plan, [])
    for (const day of ['Saturday', 'Sunday']) await plan().getByRole('checkbox', { name: day }).check()
    await plan().getByLabel(words.background.plan.from, { exact: true }).fill('22:30')
    await plan().getByRole('button', { name: words.background.plan.put }).click()
    await plan().getByText('Sat and Sun, 22:30 to 07:00: rests').waitFor()
    assert.deepEqual(host.state.settings.plan, [{ days: [0, 6], from: 1350, to: 420, rate: 0 }] satisfies PlanSpan[])
    assert.match(await plan().innerText(), /levels off|will not call your relay Stable/)
    await plan().getByRole('button', { name: words.background.plan.add }).click()
    await plan().getByRole('radio', { name: words.background.plan.kinds.limit }).check()
    await plan().getByLabel(words.background.plan.rate).fill('0.1')
    await plan().getByRole('button', { name: words.background.plan.put }).click()
    await plan().getByText(words.background.plan.badRate).waitFor()
    await plan().getByLabel(words.background.plan.rate).fill('2')
    await plan().getByRole('button', { name: words.background.plan.put }).click()
    await plan().getByText('Mon–Fri, 23:00 to 07:00: at most 2 Mbit/s').waitFor()
    await accessible('the plan')
    await shot('plan', 'plan')
    for (const _ of [0, 1])
      await plan()
        .getByRole('button', { name: /^Remove/ })
        .first()
        .click()
    await plan().getByText(words.background.plan.none).waitFor()
    assert.equal(await page.locator('.week').count(), 0)
  })

  test('half of the line becomes the limit; a cap tells when it will be reached; nonsense is not saved', async () => {
    const { page } = window
    await window.show(sampleState('waiting-for-stable'), 'settings')
    const limits = page.locator('[data-anchor=limits]')
    const cap = page.locator('[data-anchor=cap]')
    await limits.getByLabel(words.background.line.upload).fill('40')
    await limits.getByRole('button', { name: 'Take half: 20 Mbit/s' }).click()
    assert.equal(await limits.getByLabel(/^Steady limit/).inputValue(), '20')
    await limits.getByText('At most 20 Mbit/s').waitFor()
    // What the relay saw of its line: at its limit that says nothing of the line; below it, half of it can be taken.
    await limits.getByText(words.background.line.observedLimit).waitFor()
    assert.equal(await limits.getByRole('button', { name: /Take half/ }).count(), 1)
    const { record } = sampleState('waiting-for-stable')
    await window.change({ record: { ...record, best: { rate: 600_000, at: Date.UTC(2026, 10, 19, 12) } } })
    await limits.getByText(/in ten seconds, in each direction: 4\.8 Mbit\/s, on 19 Nov 2026\./).waitFor()
    await limits.getByRole('button', { name: 'Take half: 2.4 Mbit/s' }).click()
    assert.equal(await limits.getByLabel(/^Steady limit/).inputValue(), '2.4')
    await limits.getByRole('button', { name: 'Take half: 20 Mbit/s' }).click()
    await cap.getByLabel(words.background.cap.cap).fill('0.5')
    await cap.getByText(words.background.cap.bad).waitFor()
    await cap.getByLabel(words.background.cap.cap).fill('500')
    await cap.getByText(/^At the full limit the cap is reached after 1 day,? 3 hrs; then the relay rests/).waitFor()
    await cap.getByLabel(words.background.cap.day).fill('29')
    await cap.getByText(words.background.cap.badDay).waitFor()
    await cap.getByLabel(words.background.cap.day).fill('15')
    await page.getByRole('button', { name: words.settings.save }).click()
    await page.getByRole('button', { name: words.settings.save }).waitFor({ state: 'detached' })
    const { monthlyCap, capStartDay, bandwidthRate, bandwidthBurst } = host.state.settings
    assert.deepEqual(
      { monthlyCap, capStartDay, bandwidthRate, bandwidthBurst },
      { monthlyCap: 500e9, capStartDay: 15, bandwidthRate: 2_500_000, bandwidthBurst: 5_000_000 },
    )
    assert.match(await plan().innerText(), /will not call your relay Stable/, 'the cap ends runs, too')
  })

  test('battery, networks, login, staying awake, notifications and contrast hold at once', async () => {
    const { page } = window
    await window.show(planned(), 'settings')
    const press = async (name: string) => page.getByRole('switch', { name, exact: true }).click()
    /** It holds when the switch says so. */
    const set = async (name: string, checked: boolean) => {
      await press(name)
      await page.getByRole('switch', { name, exact: true, checked }).waitFor()
    }
    const { when, computer, notices, contrast } = words.background
    await set(when.battery, true)
    assert.equal(host.state.settings.pauseOnBattery, true)
    const ticked = host.nextCall('network.metered')
    await press(when.thisNetwork)
    assert.deepEqual(await ticked, { id: 'wlan0 192.168.43.0/24', metered: false })
    const login = host.nextCall('login.set')
    await press(computer.login)
    assert.deepEqual(await login, { on: false })
    await set(computer.awake, false)
    assert.equal(host.state.settings.keepAwake, false)
    await set(notices.kinds.cap, false)
    assert.deepEqual(host.state.settings.mutedNotices, ['overload', 'cap'])
    await press(contrast)
    await page.waitForFunction(() => document.documentElement.dataset['contrast'] === 'more')
    for (const theme of ['light', 'dark'] as const) {
      await window.change({ settings: { ...host.state.settings, theme } })
      await accessible(`more contrast, ${theme}`)
      await shot(`settings-contrast-${theme}`, 'when')
    }
    await page.emulateMedia({ forcedColors: 'active' })
    await shot('plan-forced-colors', 'plan')
    await page.emulateMedia({ forcedColors: 'none' })
    await page.getByRole('button', { name: words.background.plan.title }).click()
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), words.background.plan.title)
  })

  test('what is pressed while a change is on its way is not lost, nor does it take the first one back', async () => {
    const { page } = window
    await window.show(planned(), 'settings')
    const answerSettings = holdSettings(host)
    const { kinds } = words.background.notices
    const muted = host.state.settings.mutedNotices
    for (const kind of ['ports', 'cap'] as const) await page.getByRole('switch', { name: kinds[kind], exact: true }).click()
    answerSettings()
    for (const kind of ['ports', 'cap'] as const)
      await page.getByRole('switch', { name: kinds[kind], exact: true, checked: false }).waitFor()
    assert.deepEqual(host.state.settings.mutedNotices, [...muted, 'ports', 'cap'])
  })

  test('hostile names of networks and notices are shown as harmless text, and a headless host says what it cannot do', async () => {
    const state = planned()
    const id = '<img src=x onerror=alert(1)>\u202e 10.0.0.0/8'
    await window.show({
      ...state,
      product: { ...state.product, host: 'headless' },
      background: { ...state.background, network: { id, system: 'metered' }, power: 'unknown', notices: [] },
    })
    const text = await window.page.locator('main').innerText()
    assert.ok(text.includes('<img src=x onerror=alert(1)>') && !text.includes('\u202e'))
    for (const words_ of [
      words.background.computer.loginNot,
      words.background.when.batteryHints.unknown,
      words.background.when.meteredHints.metered,
    ])
      assert.ok(text.includes(words_), words_)
    assert.equal(await window.page.getByRole('switch', { name: words.background.computer.login }).count(), 0)
  })
})
