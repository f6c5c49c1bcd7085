import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { App } from '../../main/app/app.ts'
import type { AppEvent } from '../../main/app/app-event.ts'
import { Log } from '../../main/lib/log.ts'
import type { CallArgument, CallName } from '../../shared/ipc.ts'
import type { AppState } from '../../shared/state.ts'

/** Whether something listens there. */
async function isOpen({ address, port }: { address: string; port: number }): Promise<boolean> {
  const socket = connect({ host: address, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe('the relay rests and goes on, on the practice network', { timeout: 120_000 }, () => {
  let folder: string
  let app: App
  const events: AppEvent[] = []
  const make = () => {
    app = new App({
      host: 'headless',
      version: '0.1.0',
      network: { kind: 'practice' },
      dataFolder: folder,
      acceptConsent: { relay: true, perspective: true },
      overrides: { socksPort: 0, httpPort: 0 },
      log: new Log(),
    })
    app.onEvent.add(event => void events.push(event))
    return app.start()
  }
  const call = async <N extends CallName>(name: N, argument?: CallArgument<N>) => {
    const answer = await app.call(name, argument)
    assert.ok(answer.ok, JSON.stringify(answer))
  }
  const until = async (what: string, holds: (state: AppState) => boolean) => {
    const end = Date.now() + 30_000
    while (!holds(app.state)) {
      assert.ok(Date.now() < end, `${what}: ${JSON.stringify([app.state.journey, app.state.background.standing])}`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(() => resolve(stop()), 500)
        const stop = () => {
          ended()
          clearTimeout(timer)
        }
        const ended = app.onPatch.add(() => resolve(stop()))
      })
    }
  }
  const resting = (state: AppState) => state.journey.step === 'paused' && !state.relay.running
  const running = (state: AppState) => state.relay.running && state.journey.step !== 'paused'
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-rest-'))
    await make()
  })
  after(async () => {
    await app?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a break closes the ports, says until when, and ends on a word with the same keys', async () => {
    await until('it runs', running)
    const at = app.state.ports.or.listening!
    const { fingerprint } = app.state.relay
    assert.equal(await isOpen(at), true)
    const begun = Date.now()
    await call('pause.begin', { span: 'half-hour' })
    await until('it rests', resting)
    assert.equal(await isOpen(at), false)
    const { journey, perspective } = app.state
    assert.ok(journey.step === 'paused' && journey.until !== undefined)
    assert.ok(Math.abs(journey.until - begun - 30 * 60_000) < 5000)
    assert.deepEqual(
      journey.causes.map(({ reason }) => reason),
      ['person'],
    )
    assert.deepEqual(perspective.locks, ['relay-stopped'])
    await call('pause.end')
    await until('it runs again', running)
    assert.equal(app.state.relay.fingerprint, fingerprint)
    assert.deepEqual(
      events.filter(({ event }) => event === 'paused' || event === 'resumed').map(({ event, causes }) => [event, causes]),
      [
        ['paused', ['person']],
        ['resumed', undefined],
      ],
    )
  })

  test('what a call has changed is told before it is answered, so that the next one is not made from what was before', async () => {
    let told: string[] | undefined
    const end = app.onPatch.add(({ sections }) => {
      if (sections.settings) told = sections.settings.favourites
    })
    for (const favourites of [['se'], ['se', 'no'], ['no'], []]) {
      await call('settings.update', { favourites })
      assert.deepEqual(told, favourites)
    }
    end()
  })

  test('limits hold at once and end no run: for now, and set anew', async () => {
    const { startedAt } = app.state.relay
    const rate = () => app.run!.node.relay.limiter.rate
    const usual = app.state.settings.bandwidthRate
    await call('limit.share', { share: 0.25 })
    assert.equal(rate(), usual / 4)
    await call('settings.update', { bandwidthRate: 4_000_000, bandwidthBurst: 8_000_000 })
    assert.equal(rate(), 1_000_000)
    assert.equal(app.run!.node.relay.limiter.burst, 2_000_000)
    await call('limit.share', { share: 1 })
    assert.equal(rate(), 4_000_000)
    assert.equal(app.state.relay.startedAt, startedAt)
  })

  test('the plan, until somebody starts it all the same', async () => {
    const now = new Date()
    await call('settings.update', { plan: [{ days: [0, 1, 2, 3, 4, 5, 6], from: 0, to: 0, rate: 0 }] })
    await until('it rests', resting)
    assert.deepEqual(app.state.journey.step === 'paused' && app.state.journey.causes, [{ reason: 'plan', until: undefined }])
    await call('relay.start')
    await until('it runs in spite of the plan', running)
    const day = [now.getDay()]
    await call('settings.update', { plan: [{ days: day, from: 0, to: 0, rate: 100_000 }] })
    await until('the plan limits it', state => state.background.standing.state === 'limited')
    assert.equal(app.run!.node.relay.limiter.rate, 100_000)
    await call('settings.update', { plan: [] })
    await until('it is free', state => state.background.standing.state === 'running')
  })

  test('the monthly cap: it rests until the month ends, no start helps, a higher cap does', async () => {
    const { accounting } = app.running.background
    const before = app.state.background.volume.used
    assert.ok(before > 0, 'what it carried so far is counted')
    accounting.count(3e9, Date.now())
    await call('settings.update', { monthlyCap: 2e9 })
    await until('it rests', resting)
    const { journey, background } = app.state
    assert.ok(journey.step === 'paused')
    assert.deepEqual(journey.causes, [{ reason: 'cap', until: background.volume.resetsAt }])
    await call('relay.start')
    assert.equal(app.run, undefined)
    await call('settings.update', { monthlyCap: 9e12 })
    await until('it runs', running)
    assert.ok(app.state.background.volume.used >= 3e9)
    assert.ok(events.some(({ event, what }) => event === 'notice' && what === 'cap-reached'))
  })

  test('a sleep of the computer: closed before it, started anew after it', async () => {
    const at = app.state.ports.or.listening!
    app.setAsleep(true)
    await until('it rests', resting)
    assert.equal(await isOpen(at), false)
    app.setAsleep(false)
    await until('it runs', running)
  })

  test('a break goes on over a restart of the program; the count of the month does, too', async () => {
    const { used } = app.state.background.volume
    await call('pause.begin', { span: 'tomorrow' })
    await until('it rests', resting)
    await app.stop()
    await make()
    await until('it rests', resting)
    assert.ok(app.state.background.volume.used >= used)
    await call('pause.end')
    await until('it runs', running)
  })

  test('what this host cannot do is refused', async () => {
    const answer = await app.call('login.set', { on: true })
    assert.ok(!answer.ok && answer.problem.code === 'bad-request')
    for (const bad of [
      { plan: [{ days: [], from: 0, to: 1, rate: 0 }] },
      { plan: [{ days: [1], from: -1, to: 1, rate: 0 }] },
      { monthlyCap: -1 },
      { capStartDay: 31 },
      { plan: [{ days: [1], from: 0, to: 9, rate: 5 }] },
    ]) {
      const refused = await app.call('settings.update', bad)
      assert.ok(!refused.ok && refused.problem.code === 'bad-request', JSON.stringify(bad))
    }
  })
})
