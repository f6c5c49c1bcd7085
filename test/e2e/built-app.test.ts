import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { cannotLaunch, type Launched, launchApp } from './launch.ts'

describe('the built desktop app, on its practice network', { skip: cannotLaunch() }, () => {
  let launched: Launched
  before(async () => {
    launched = await launchApp({ args: ['--json', '--socks-port', '0', '--http-port', '0'] })
  })
  after(() => launched?.end())

  test('starts with its two questions, and knows its network', async () => {
    const page = await launched.app.firstWindow()
    await page.getByRole('heading', { name: 'Be a relay' }).waitFor()
    const network = await page.evaluate(async () => {
      const { result } = (await vantage.call('state.get', undefined)) as { result: { network: object; product: object } }
      return { ...result.network, ...result.product }
    })
    const { kind, host } = network as { kind: string; host: string }
    assert.deepEqual([kind, host], ['practice', 'electron'])
  })

  test('ends in good order when it is asked to quit', async () => {
    await launched.app.close()
    assert.equal(await launched.exited, 0)
    const events = launched.output.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).event)
    assert.ok(events.includes('listening'))
    assert.equal(events.at(-1), 'stopped')
    assert.ok(!(await readdir(launched.data)).includes('control.json'))
  })
})
