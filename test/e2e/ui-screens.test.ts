import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { words } from '../../renderer/i18n/words.ts'
import type { CallName } from '../../shared/ipc.ts'
import type { Settings } from '../../shared/settings.ts'
import { comparison, findings } from '../renderer/compare-samples.ts'
import { ScriptedProblem } from '../renderer/fake-host.ts'
import { asking, bookDay, failedPorts, looking, sampleState } from '../renderer/sample-state.ts'
import { SCENES } from '../renderer/scenes.ts'
import { axeViolations, themeRules } from './axe.ts'
import { lasting, tooWide } from './layout.ts'
import { holdSettings, shotPath, uiWindows } from './ui-window.ts'

const openWindow = uiWindows()

describe('every screen', { timeout: 120_000 }, () => {
  test('is accessible in both themes, fits its window at twice the size, and stays within the content security policy', async () => {
    await using ui = await openWindow(sampleState('consent'))
    const wrong: string[] = []
    for (const scene of SCENES) {
      for (const theme of ['light', 'dark'] as const) {
        const state = scene.state()
        await ui.window.show({ ...state, settings: { ...state.settings, theme } }, scene.view)
        for (const violation of await axeViolations(ui.page, themeRules(theme))) wrong.push(`${scene.name}, ${theme}: ${violation}`)
      }
    }
    // 900 × 600 at 200 %.
    await ui.page.setViewportSize({ width: 450, height: 300 })
    for (const scene of SCENES) {
      await ui.window.show(scene.state(), scene.view)
      for (const fault of await lasting(() => tooWide(ui.page))) wrong.push(`${scene.name} is ${fault}`)
    }
    assert.deepEqual(wrong, [])
    assert.deepEqual(ui.window.faults, [])
  })

  test('says what it is about: steps, thresholds, refusals and locks in words', async () => {
    await using ui = await openWindow(sampleState('consent'))
    const text = () => ui.page.locator('main').innerText()

    await ui.window.show(sampleState('ports', { ports: failedPorts() }), 'home')
    assert.match(await text(), /The router did not answer/)
    assert.match(await text(), /Turned away/)
    assert.equal(await ui.page.locator('.port .status[data-standing=good]').count(), 0, 'nothing is green without proof')

    await ui.window.show(sampleState('waiting-for-stable'))
    assert.match(await text(), /The authorities decide/)
    assert.match(await text(), /2 call it Stable, 5 are needed/)
    assert.match(await text(), /wants 12 days,? 19 hrs?, or 14 days up/)
    assert.match(await text(), /Next vote\s+\d\d:\d\d:\d\d\s+in \d+ (minutes|seconds)/)
    assert.equal(await ui.page.locator('.milestones [data-held=true]').count(), 5)
    assert.match(await text(), /First member served\s+Not yet/)
    assert.match(await text(), /Run so far\s+4 days,? 2 hrs?\s+since/)
    await ui.page.getByRole('row', { name: /31 mins Vantage ended without a word.* Some may have noticed/ }).waitFor()
    assert.match((await ui.page.locator('.phases [aria-current]').innerText()).trim(), /^8–68 days Traffic grows for weeks/)

    // One member lets in relays that are not Stable: that is usable at once, and the waiting goes on.
    assert.match(await text(), /1 of 9 members would let you in today/)
    const { perspective } = sampleState('waiting-for-stable')
    await ui.window.change({ perspective: { ...perspective, locks: [] } })
    await ui.page.getByRole('button', { name: words.record.meanwhile.look }).click()
    await ui.page.getByRole('heading', { name: words.browse.title, level: 1 }).waitFor()

    await ui.window.show(sampleState('waiting-for-listing'), 'home')
    assert.match(await text(), /Listed at the earliest\s+\d\d:\d\d/)

    await ui.window.show(sampleState('ports'), 'browse')
    for (const lock of sampleState('ports').perspective.locks) assert.ok((await text()).includes(words.locks[lock].title), lock)
    assert.equal(await ui.page.getByRole('switch').getAttribute('aria-disabled'), 'true')

    // An older agreement to share is asked again, with the reason; another line is asked about.
    const { consentNotices, consent } = words.journey
    const stands = sampleState('relaying').consents
    await ui.window.show(
      {
        ...sampleState('relaying'),
        consents: { relay: stands.relay, outdated: { perspective: { version: 1, at: Date.UTC(2026, 9, 13) } } },
      },
      'home',
    )
    assert.match(await text(), /agreed to a shorter one on 13 Oct 2026.*your relay goes on/s)
    await ui.page.getByRole('button', { name: consentNotices.read }).click()
    const dialog = ui.page.getByRole('dialog', { name: consent.perspective.title })
    await dialog.waitFor()
    for (const box of await dialog.getByRole('checkbox').all()) {
      assert.equal(await dialog.getByRole('button', { name: consent.saveSharing }).getAttribute('aria-disabled'), 'true')
      await box.check()
    }
    const shared = ui.host.nextCall('consent.set')
    await dialog.getByRole('button', { name: consent.saveSharing }).click()
    assert.deepEqual(await shared, { relay: true, perspective: true })
    const elsewhere = { agreed: ['192.168.178.0/24'], now: ['10.20.0.0/16'] }
    await ui.window.show({ ...sampleState('unlocked'), consents: { ...sampleState('unlocked').consents, elsewhere } })
    assert.match(await text(), /in the network 192\.168\.178\.0\/24; now it is in 10\.20\.0\.0\/16/)
    const stopped = ui.host.nextCall('consent.set')
    await ui.page.getByRole('button', { name: consentNotices.elsewhere.stop }).click()
    assert.deepEqual(await stopped, { relay: true, perspective: false })

    const sampled = Date.now()
    const unlocked = sampleState('unlocked', {}, sampled)
    await ui.window.show({ ...unlocked, perspective: looking(unlocked) }, 'browse')
    assert.match(await text(), /Looking from Sweden/)
    assert.ok((await text()).includes(words.browse.notAnonymous))
    await ui.page.getByRole('radio', { name: 'Relay' }).check()
    assert.match(await text(), /Wants a Stable relay, [23] minutes ago/)
    const [, seconds] = /31 ms\s+(\d+) seconds ago/.exec(await text()) ?? []
    const [least, most] = [40, 45 + (Date.now() - sampled) / 1000]
    assert.ok(Number(seconds) >= least && Number(seconds) <= most, `${seconds} s are not from ${least} to ${most}`)
    assert.deepEqual(ui.window.faults, [])
  })

  test('moves nothing when the person wants no motion, and follows the system in high contrast', async () => {
    await using ui = await openWindow(sampleState('ports'))
    assert.equal(await ui.page.evaluate(() => document.getAnimations().length), 0)
    await ui.page.emulateMedia({ reducedMotion: 'no-preference' })
    assert.ok((await ui.page.evaluate(() => document.getAnimations().length)) > 0)
    await ui.page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
    const border = await ui.page
      .locator('.button')
      .first()
      .evaluate(button => getComputedStyle(button).borderTopStyle)
    assert.equal(border, 'solid')
  })
})

describe('a comparison', { timeout: 30_000 }, () => {
  test('T13 T18: is accessible and fits at twice the size, shows what differs and what is refused, and texts from the network as text', async () => {
    const hostile = `\u202E<img src=x onerror=alert(1)>\u0000${'\u0300'.repeat(40)}`
    await using ui = await openWindow(sampleState('consent'))
    const state = sampleState('unlocked')
    let text = 'News'
    ui.host.on('compare.column', ({ column }: { column: number }) => findings(text)[column])
    const show = (running: boolean, theme: 'light' | 'dark', nickname?: string) =>
      ui.window.show({ ...state, settings: { ...state.settings, theme }, compare: comparison({ running, nickname }) }, 'compare')
    const main = ui.page.locator('main')
    await show(true, 'light')
    await main.getByText('2 of 5').or(main.getByText('1 of 5')).waitFor()
    await main.getByRole('button', { name: 'Stop' }).waitFor()
    assert.deepEqual(await axeViolations(ui.page), [])

    for (const theme of ['light', 'dark'] as const) {
      await show(false, theme)
      await main.locator('.own-lines').first().waitFor()
      await main.getByText('3 of 5 places got an answer').first().waitFor()
      assert.deepEqual(await axeViolations(ui.page, themeRules(theme)), [])
    }
    const shown = await main.innerText()
    for (const words of [
      /Via Tor, Netherlands: the certificate for news\.example is not to be trusted/,
      /The certificates are from different issuers/,
      /No answer in time/,
      /302\s+https:\/\/news\.example\/eu/,
      /No picture \(ERR_TIMED_OUT\)/,
      /3 of 5 places got an answer/,
    ])
      assert.match(shown, words)
    await ui.page.setViewportSize({ width: 450, height: 300 })
    assert.deepEqual(await lasting(() => tooWide(ui.page)), [])
    // The table scrolls by itself, with the keyboard too.
    assert.equal(await main.locator('.compare-table .scroll-table').getAttribute('tabindex'), '0')
    await ui.page.setViewportSize({ width: 1180, height: 800 })

    text = hostile
    ui.host.show({ ...state, compare: null })
    await main.locator('.compare-table').waitFor({ state: 'detached' })
    await ui.window.show({ ...state, compare: { ...comparison({ running: false, nickname: '<b>\u202e' }), id: 3 } }, 'compare')
    await main.getByText('<img src=x onerror=alert(1)>').first().waitFor()
    const found = await ui.page.evaluate(() => ({
      text: document.querySelector('main')!.innerText,
      strange: document.querySelectorAll('main img, main b, main script, main [onerror]').length,
    }))
    assert.equal(found.strange, 0)
    assert.match(found.text, /<img src=x onerror=alert\(1\)>/)
    assert.doesNotMatch(found.text, /[\u0000-\u0008\u202a-\u202e]/)
    assert.deepEqual(ui.window.faults, [])
  })
})

describe('text from the network', { timeout: 30_000 }, () => {
  test('is shown as harmless text everywhere', async () => {
    const hostile = `\u202E<img src=x onerror=alert(1)>\u0000\u200b\u3164\u{e0041}${'\u0300'.repeat(40)}`
    const script = '<b onclick=alert()>'
    const state = sampleState('unlocked')
    const relays = state.perspective.relays.map(relay => ({ ...relay, nickname: script, address: hostile, policy: hostile }))
    await using ui = await openWindow(sampleState('consent'))
    await ui.window.show(
      {
        ...sampleState('publishing'),
        problems: [{ code: 'descriptor-rejected', detail: { text: hostile, authority: hostile, [script]: script }, at: Date.now() }],
        ports: { ...failedPorts(), pa: { ...failedPorts().pa, proof: { state: 'failed', at: Date.now(), reason: hostile } } },
        relay: {
          ...state.relay,
          nickname: script,
          address: hostile,
          flags: [script, hostile],
          publications: [{ authority: script, answer: 'rejected', text: hostile, readBack: false }],
        },
        votes: { needed: 5, entries: [{ authority: hostile, fetchedAt: 0, listed: true, running: true, stable: true }] },
        perspective: { ...looking(state), relays, active: looking(state).active.map(active => ({ ...active, nickname: script })) },
      },
      'home',
    )
    const check = async (where: string) => {
      const { shown, strange } = await ui.page.evaluate(() => ({
        shown: document.body.innerText,
        strange: document.querySelectorAll('main img, main b, main script, main [onclick], main [onerror]').length,
      }))
      assert.equal(strange, 0, where)
      assert.doesNotMatch(shown, /[\u0000-\u0008\u202a-\u202e\u200b\u3164\u{e0041}]|\p{M}{4}/u, where)
      assert.match(shown, /<(img|b) /, `${where} shows it as text`)
    }
    await check('publishing')
    await ui.window.go('relay')
    await check('relay')
    await ui.window.go('browse')
    await ui.page.getByRole('radio', { name: 'Relay' }).check()
    await check('browse')
    ui.host.on('perspective.whereAmI', () => ({ address: '203.0.113.9', by: hostile }))
    await ui.page.getByRole('button', { name: 'Where am I?' }).click()
    await ui.page.getByText('Seen as 203.0.113.9').first().waitFor()
    await check('where am I')
    assert.deepEqual(ui.window.faults, [])
  })
})

describe('choosing a place', { timeout: 30_000 }, () => {
  test('when nobody is there the window asks, offers other places, and can wait', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    const state = sampleState('unlocked')
    await ui.window.show({ ...state, perspective: asking(state) }, 'browse')
    await ui.page.getByRole('heading', { name: 'Japan is not available right now' }).waitFor()
    await ui.window.hears(/Japan is not available/)
    assert.match(await ui.page.locator('.look').innerText(), /Nothing goes out until you answer/)
    for (const [name, take] of [
      [/Norway/, { kind: 'country', country: 'no' }],
      [/Through Tor instead/, { kind: 'tor', country: 'jp' }],
      ['Anywhere', { kind: 'any' }],
    ] as const) {
      const answer = ui.host.nextCall('perspective.failover')
      await ui.page.locator('.failover').getByRole('button', { name }).click()
      assert.deepEqual(await answer, { take })
    }
    const answer = ui.host.nextCall('perspective.failover')
    await ui.page.getByRole('button', { name: words.browse.failoverWait }).click()
    assert.deepEqual(await answer, {})
  })

  test('a place becomes a favourite, or is left out and taken back', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    const { page, host } = ui
    host.on('perspective.choose', choice => host.change({ perspective: { ...host.state.perspective, choice } }))
    await ui.window.go('browse')
    await page.getByRole('option', { name: /Sweden/ }).click()
    await page.getByRole('button', { name: words.browse.keepFavourite }).click()
    await page.getByRole('button', { name: words.browse.favourite, exact: true, pressed: true }).waitFor()
    assert.match(await page.getByRole('option').first().innerText(), /Sweden/)
    await page.getByRole('button', { name: words.browse.exclude }).click()
    await page.getByText(words.browse.lookingAny).first().waitFor()
    assert.deepEqual([host.state.settings.favourites, host.state.settings.excluded], [[], ['se']])
    // A slip is taken back where it was made, with the choice.
    await page.getByText(words.browse.excludedNow('Sweden')).first().waitFor()
    await page.getByRole('button', { name: words.settings.takeBack }).click()
    await page.getByText(words.browse.lookingCountry('Sweden')).first().waitFor()
    assert.deepEqual([host.state.settings.excluded, host.state.perspective.choice], [[], { kind: 'country', country: 'se' }])
    await page.getByRole('button', { name: words.browse.exclude }).click()
    await page.getByText(words.browse.lookingAny).first().waitFor()
    await page.getByRole('radio', { name: 'Country' }).check()
    await page.getByRole('option', { name: /Switzerland/ }).waitFor()
    assert.equal(await page.getByRole('option', { name: /Sweden/ }).count(), 0)
    await ui.window.go('settings')
    await page.getByRole('button', { name: 'Take back: Sweden' }).click()
    await page.getByText(words.settings.excludedNone).waitFor()
    assert.deepEqual(ui.window.faults, [])
  })

  test('the contribution book shows its days and is saved as a table', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    const peer = { fingerprint: 'AB'.repeat(20), nickname: 'Midnattsol', read: 1_000_000, written: 500_000, streams: 7 }
    const days = [bookDay('2026-11-20'), { ...bookDay('2026-11-21'), servedPeers: [peer], usedPeers: [{ ...peer, fingerprint: '' }] }]
    ui.host.on('contribution.get', () => ({ days }))
    ui.host.on('contribution.csv', () => ({ name: 'vantage.csv', text: 'day,or\n' }))
    await ui.window.go('relay')
    await ui.page.getByText('You gave 12 times what you took.').waitFor()
    await ui.page.getByRole('button', { name: words.relay.bookShow }).click()
    await ui.page.getByRole('rowheader', { name: '2026-11-21' }).waitFor()
    await ui.page.getByRole('row', { name: `Midnattsol 1.5 MB 0 bytes` }).waitFor()
    await ui.page.getByRole('row', { name: `${words.relay.bookOthers} 0 bytes 1.5 MB` }).waitFor()
    assert.deepEqual(await axeViolations(ui.page), [])
    await ui.page.getByRole('radio', { name: words.relay.bookSpans.month }).check()
    await ui.page.getByRole('rowheader', { name: '2026-11', exact: true }).waitFor()
    await ui.page.screenshot({ path: shotPath('book'), fullPage: true })
    const [download] = await Promise.all([
      ui.page.waitForEvent('download'),
      ui.page.getByRole('button', { name: words.relay.bookSave }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'vantage.csv')
    assert.equal(await readFile(await download.path(), 'utf8'), 'day,or\n')
  })
})

describe('the connection', { timeout: 30_000 }, () => {
  for (const [when, answer] of [
    ['after its answer', () => undefined],
    ['before it could answer', () => new Promise(() => {})],
  ] as const)
    test(`ended by this window, ${when}: that is said instead, until the program is there again`, async () => {
      await using ui = await openWindow(sampleState('unlocked'))
      ui.host.on('quit', answer)
      await ui.window.go('relay')
      await ui.page.getByRole('button', { name: words.relay.quit }).click()
      const asked = ui.host.nextCall('quit')
      await ui.page.getByRole('dialog').getByRole('button', { name: words.relay.quitConfirm }).click()
      await asked
      ui.host.there = false
      ui.host.cut()
      await ui.page.locator('main.splash').getByText(words.relay.quitDone).waitFor()
      assert.equal(await ui.page.getByText(words.lostTitle).count(), 0)
      ui.host.there = true
      await ui.page.getByRole('heading', { name: words.relay.title }).waitFor()
    })

  test('a quit that is refused is no quit: a connection that is lost later is said to be lost', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    ui.host.on('quit', () => {
      throw new ScriptedProblem('internal')
    })
    await ui.window.go('relay')
    await ui.page.getByRole('button', { name: words.relay.quit }).click()
    await ui.page.getByRole('dialog').getByRole('button', { name: words.relay.quitConfirm }).click()
    await ui.page.locator('.notice').getByText(words.problems.internal.title).waitFor()
    ui.host.there = false
    ui.host.cut()
    await ui.page.getByText(words.lostTitle).waitFor()
  })

  test('lost and found: the window says so, keeps what it knew, and catches up', async () => {
    await using ui = await openWindow(sampleState('waiting-for-stable'))
    ui.host.there = false
    ui.host.cut()
    await ui.page.getByText(words.lostTitle).waitFor()
    assert.equal(await ui.page.locator('h1').innerText(), words.journey.steps['waiting-for-stable'].title)
    ui.host.state = { ...sampleState('unlocked'), revision: 1 }
    ui.host.there = true
    await ui.page.getByText(words.lostTitle).waitFor({ state: 'detached' })
    await ui.page.getByRole('heading', { name: words.journey.steps.unlocked.title }).waitFor()
  })

  test('a call that fails is told in words beside its control, and announced', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    ui.host.on('perspective.choose', () => {
      throw new ScriptedProblem('perspective-refused', { relay: 'Midnattsol', status: 10 })
    })
    await ui.window.go('browse')
    await ui.page.getByRole('option', { name: /Sweden/ }).click()
    await ui.page.locator('.where .notice').getByText(words.problems['perspective-refused'].title).waitFor()
    assert.match(await ui.page.locator('.where .notice').innerText(), /Your share is used up/)
    await ui.window.hears(/The relay refused you/)
  })
})

describe('by keyboard alone', { timeout: 60_000 }, () => {
  test('the whole journey: agree, test the ports again, choose a country and a relay, open a page, stop', async () => {
    await using ui = await openWindow(sampleState('consent'))
    const { page, host, window } = ui
    const press = (key: string) => page.keyboard.press(key)
    const heading = () => page.evaluate(() => (document.activeElement?.tagName === 'H1' ? document.activeElement.textContent : undefined))
    /** Presses a key, and answers with the argument of the call that it makes. */
    const pressFor = async (key: string, name: CallName) => {
      const call = host.nextCall(name)
      await press(key)
      return call
    }

    // The first stop skips to the content.
    await press('Tab')
    assert.equal(await window.focusedName(), words.skipToContent)
    await press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'content')

    // Nothing is ticked; the button does nothing until the first box is.
    assert.equal(await page.getByRole('checkbox', { checked: true }).count(), 0)
    await window.tabTo(/^Go on/)
    await press('Enter')
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), words.journey.steps.consent.title)
    await window.tabTo(/run a Tor relay/, { back: true })
    await press('Space')
    // Sharing takes every statement; with fewer it would go on with the relay alone, and says so.
    const { statements, left, agreed } = words.journey.consent.perspective
    const sharing = page.getByRole('region', { name: words.journey.consent.perspective.title })
    await sharing.getByText('may reach at first: web pages (ports 80 and 443)').waitFor()
    for (const [i, [strong]] of Object.values(statements).entries()) {
      assert.equal(await sharing.getByRole('status').innerText(), left(3 - i))
      assert.equal(await page.locator('.consent[data-checked=true]').count(), 1)
      await window.tabTo(new RegExp(`^${strong}`))
      await press('Space')
      if (i < 2) await page.getByText(words.journey.consent.sharingUnfinished(2 - i)).waitFor()
    }
    assert.equal(await sharing.getByRole('status').innerText(), agreed)
    await window.tabTo(/^Go on/)
    await press('Enter')

    // A name and a limit: the button is gone, so the keyboard goes on from the new heading. Nothing has been agreed to the host yet.
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
    assert.equal(await heading(), words.journey.details.title)
    assert.ok(!host.called.some(({ name }) => name === 'consent.set'))
    await window.tabTo(/^At most/)
    await press('Control+A')
    await page.keyboard.type('nonsense')
    await press('Enter')
    assert.equal(await page.getByText(words.journey.details.errors.rate).count(), 1)
    await press('Control+A')
    await page.keyboard.type('16')
    await page.getByText('At most 16 Mbit/s, about 5.2 TB a month, in each direction.').waitFor()
    host.on('settings.update', patch => ({ ...host.state.settings, ...(patch as object) }))
    const settings = host.nextCall('settings.update')
    assert.deepEqual(await pressFor('Enter', 'consent.set'), { relay: true, perspective: true })
    const { nickname, ...rest } = (await settings) as Settings
    assert.deepEqual(rest, { contact: '', bandwidthRate: 2_000_000, bandwidthBurst: 4_000_000, habit: 'always' })
    assert.match(nickname, /^[a-zA-Z0-9]{1,19}$/)

    // The button is gone with its step: the focus is at the new heading, and the step is announced.
    await window.show(sampleState('starting'))
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
    assert.equal(await heading(), words.journey.steps.starting.title)
    await window.hears(words.journey.steps.starting.announcement)

    const ports = { ...failedPorts(), dir: failedPorts().or }
    await window.show(sampleState('ports', { ports }))
    await window.tabTo(/^Test again/)
    await pressFor('Enter', 'ports.retest')
    for (const step of ['publishing', 'waiting-for-listing', 'waiting-for-stable', 'unlocked'] as const) {
      await window.show(sampleState(step))
      await window.hears(words.journey.steps[step].announcement)
    }

    // To the Browse page, and a country from the list by its first letters.
    await window.tabTo(/^Choose where to look from/, { back: true })
    await press('Enter')
    await page.waitForFunction(() => document.activeElement?.textContent === 'Browse')
    await window.tabTo(/^Country/)
    await window.tabTo(/Brazil/)
    await press('End')
    assert.match(await window.focusedName(), /Unknown place/)
    await press('Home')
    await window.typeFast('sw')
    assert.match(await window.focusedName(), /Sweden/)
    await press('ArrowDown')
    assert.match(await window.focusedName(), /Switzerland/)
    await press('ArrowUp')
    assert.deepEqual(await pressFor('Enter', 'perspective.choose'), { kind: 'country', country: 'se' })
    const state = sampleState('unlocked')
    await window.change({ perspective: looking(state) })
    assert.equal(await page.getByRole('switch', { name: words.browse.toggle }).getAttribute('aria-checked'), 'true')

    // One relay, by search; Escape clears the search.
    await window.tabTo(/^Country/, { back: true })
    await press('ArrowRight')
    await window.tabTo(new RegExp(`^${words.browse.searchRelay}`))
    await page.keyboard.type('hokusai')
    await window.tabTo(/hokusai36/, { limit: 4 })
    const { fingerprint } = state.perspective.relays.find(relay => relay.nickname === 'hokusai36')!
    assert.deepEqual(await pressFor('Space', 'perspective.choose'), { kind: 'relay', fingerprint })
    await window.tabTo(new RegExp(`^${words.browse.searchRelay}`), { back: true })
    await press('Escape')
    assert.equal(await page.getByRole('searchbox').inputValue(), '')

    // A page through it; this host has no windows, so the command is shown.
    host.on('perspective.open', () => ({ opened: false }))
    await window.tabTo(/^Web address/)
    await page.keyboard.type('example.org')
    assert.deepEqual(await pressFor('Enter', 'perspective.open'), { url: 'https://example.org/' })
    await page.getByText(words.browse.notOpenedTitle).first().waitFor()

    // Off again by the switch.
    await window.tabTo(/^Look from elsewhere/, { back: true })
    assert.deepEqual(await pressFor('Space', 'perspective.choose'), { kind: 'off' })

    // Stopping asks; Escape takes it back and gives the focus back.
    await window.tabTo(/^Relay/, { back: true })
    await press('Enter')
    await page.waitForFunction(() => document.activeElement?.textContent === 'Your relay')
    await window.tabTo(/^Stop the relay/)
    await press('Enter')
    await page.getByRole('dialog').waitFor()
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal(await window.focusedName(), words.relay.stop)
    assert.ok(!host.called.some(({ name }) => name === 'relay.stop'))
    await press('Enter')
    await page.getByRole('dialog').waitFor()
    await window.tabTo(/^Stop it/, { limit: 4 })
    await pressFor('Enter', 'relay.stop')
    assert.deepEqual(window.faults, [])
  })

  test('settings: a slip is named and focused, the rest is sent', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    const { page, host, window } = ui
    await window.go('settings')
    await window.tabTo(/^Nickname/)
    await page.keyboard.press('Control+A')
    await page.keyboard.type('two words')
    await page.keyboard.press('Enter')
    await page.getByText(words.settings.errors.nickname).waitFor()
    assert.equal(await window.focusedName(), words.settings.nickname)
    await window.hears(/One value needs a look first/)
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Aussicht2')
    // A look at another page loses nothing of it; the list of parts goes to one, and says which is in view.
    await window.go('about')
    await window.go('settings')
    assert.equal(await page.getByLabel('Nickname').inputValue(), 'Aussicht2')
    const parts = page.getByRole('navigation', { name: words.background.jump })
    await parts.getByRole('button', { name: words.background.notices.title }).click()
    assert.equal(await window.focusedName(), words.background.notices.title)
    assert.equal(await parts.locator('[aria-current]').innerText(), words.background.notices.title)
    await page.locator('main').evaluate(main => main.scrollTo(0, 0))
    await parts.locator('[aria-current]', { hasText: words.settings.sections.appearance }).waitFor()
    // Also when a jump and what is scrolled after it come as one to the page.
    await parts.getByRole('button', { name: words.background.notices.title }).evaluate(jump => {
      ;(jump as HTMLElement).click()
      document.querySelector('main')!.scrollTo(0, 0)
    })
    await parts.locator('[aria-current]', { hasText: words.settings.sections.appearance }).waitFor()
    await page.getByLabel('Nickname').focus()
    await window.tabTo(/^Steady limit/)
    await page.keyboard.press('Control+A')
    await page.keyboard.type('4,0')
    await page.keyboard.press('Enter')
    await page.locator('.save-bar').waitFor({ state: 'detached' })
    const saved = host.called.findLast(({ name }) => name === 'settings.update')
    assert.deepEqual(saved?.argument, { nickname: 'Aussicht2', bandwidthRate: 500_000 })
    await window.hears(words.settings.saved)
    assert.equal(await page.getByLabel('Nickname').inputValue(), 'Aussicht2')

    // What is typed while that is on its way is still there, to be saved.
    const answerSettings = holdSettings(host)
    const sent = host.nextCall('settings.update')
    await page.getByLabel(words.settings.contact).fill('first')
    await page.keyboard.press('Enter')
    assert.deepEqual(await sent, { contact: 'first' })
    await page.getByLabel('Nickname').fill('Meanwhile')
    answerSettings()
    await window.hears(words.settings.saved)
    await page.getByText(words.settings.unsaved).waitFor()
    assert.equal(await page.getByLabel('Nickname').inputValue(), 'Meanwhile')
    assert.equal(await page.getByLabel(words.settings.contact).inputValue(), 'first')
    await page.getByRole('button', { name: words.settings.discard }).click()

    // Withdrawing asks first.
    await window.tabTo(/^Withdraw: Share/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await window.tabTo(/^Withdraw$/, { limit: 4 })
    const withdrawn = host.nextCall('consent.set')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.deepEqual(await withdrawn, { relay: true, perspective: false })
    assert.deepEqual(window.faults, [])
  })

  test('a question that Escape closes is gone at once, not a frame later, and whoever asks again within that frame has the new one', async () => {
    await using ui = await openWindow(sampleState('relaying'))
    const { page, window } = ui
    await window.go('relay')
    await window.tabTo(/^Stop the relay/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    // Heard right after the page itself has heard of the key, before the browser does anything by it.
    await page.evaluate(name => {
      const stop = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name)!
      const heard = () => {
        Object.assign(globalThis, { left: document.querySelectorAll('dialog').length, focused: document.activeElement === stop })
        stop.click()
      }
      document.querySelector('dialog')!.addEventListener('cancel', heard, { once: true })
    }, words.relay.stop)
    await page.keyboard.press('Escape')
    const after = await page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame++) await new Promise(resolve => requestAnimationFrame(resolve))
      const { left, focused } = globalThis as unknown as { left: number; focused: boolean }
      return { left, focused, again: document.querySelectorAll('dialog:modal').length }
    })
    assert.deepEqual(after, { left: 0, focused: true, again: 1 })
    assert.deepEqual(window.faults, [])
  })
})
