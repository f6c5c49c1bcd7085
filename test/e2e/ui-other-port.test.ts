import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { words } from '../../renderer/i18n/words.ts'
import type { Problem } from '../../shared/problem.ts'
import { failedPorts, sampleState } from '../renderer/sample-state.ts'
import { axeViolations } from './axe.ts'
import { shotPath, uiWindows } from './ui-window.ts'

const openWindow = uiWindows()
const text = words.journey.blocked

describe('a port that cannot be used', { timeout: 60_000 }, () => {
  const blockedBy = (problem: Problem) => {
    const state = sampleState('blocked')
    return { ...state, relay: { ...state.relay, running: false }, journey: { step: 'blocked' as const, problem } }
  }

  test('before the relay was ever listed, one press moves it to another one, and the number is said', async () => {
    await using ui = await openWindow(sampleState('consent'))
    const state = blockedBy({ code: 'port-in-use', detail: { port: 9001, address: '0.0.0.0', program: 'tor', pid: 4711 } })
    await ui.window.show({ ...state, record: { milestones: {}, breaks: [] } }, 'home')
    assert.deepEqual(await axeViolations(ui.page), [])
    await ui.page.screenshot({ path: shotPath('other-port') })
    ui.host.on('ports.move', () => ({ or: 9443 }))
    const moved = ui.host.nextCall('ports.move')
    await ui.page.getByRole('button', { name: text.move }).click()
    assert.deepEqual(await moved, { doors: ['or'] })
    await ui.page
      .locator('[aria-live=polite]', { hasText: text.moved(`${words.journey.ports.names.or} 9443`) })
      .waitFor({ state: 'attached' })
    assert.deepEqual(ui.window.faults, [])
  })

  test('of a relay that was listed, it is asked first, since the run ends; other doors end no run', async () => {
    await using ui = await openWindow(sampleState('consent'))
    const blocked = { code: 'port-blocked' as const, detail: { closed: '9001', open: '9030' }, at: Date.now(), standing: true }
    const { or, dir, pa } = sampleState('unlocked').ports
    const state = { ...sampleState('unlocked'), problems: [blocked] }
    await ui.window.show({ ...state, ports: { or: failedPorts().or, dir, pa } }, 'home')
    const problem = ui.page.locator('.notice', { hasText: words.problems['port-blocked'].title })
    await problem.getByRole('button', { name: text.move }).click()
    const dialog = ui.page.getByRole('dialog', { name: text.moveTitle })
    await dialog.getByText(text.moveText).waitFor()
    await dialog.getByRole('button', { name: words.cancel }).click()
    await ui.page.locator('dialog').waitFor({ state: 'detached' })
    await problem.getByRole('button', { name: text.move }).click()
    const moved = ui.host.nextCall('ports.move')
    await dialog.getByRole('button', { name: text.move }).click()
    assert.deepEqual(await moved, { doors: ['or'] })
    assert.equal(ui.host.called.filter(({ name }) => name === 'ports.move').length, 1, 'not when it was cancelled')

    await ui.window.show({ ...state, ports: { or, dir: failedPorts().or, pa } }, 'home')
    const unasked = ui.host.nextCall('ports.move')
    await problem.getByRole('button', { name: text.move }).click()
    assert.deepEqual(await unasked, { doors: ['dir'] })
    assert.equal(await ui.page.locator('dialog').count(), 0)
  })

  test('where another port is no help, none is offered', async () => {
    await using ui = await openWindow(sampleState('consent'))
    await ui.window.show(blockedBy({ code: 'address-not-here', detail: { address: '192.0.2.7' } }), 'home')
    await ui.page.getByRole('button', { name: text.start }).waitFor()
    assert.equal(await ui.page.getByRole('button', { name: text.move }).count(), 0)
  })
})
