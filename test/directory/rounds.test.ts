import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Rounds } from '../../main/directory/rounds.ts'

/** Rounds over a clock of the test's own; retries after 100, then 300, then 600 ms. */
function rounds(t: TestContext, start: { rest: number | undefined; done: boolean }) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const state = { ...start, runs: [] as boolean[], errors: [] as unknown[], work: async () => {} }
  const abort = new AbortController()
  const all = new Rounds({
    work: force => {
      state.runs.push(force)
      return state.work()
    },
    isDone: () => state.done,
    rest: () => state.rest,
    backoff: () => ({ baseMs: 100, capMs: 600 }),
    random: () => 0.999_999,
    signal: abort.signal,
    onError: error => state.errors.push(error),
  })
  /** Lets so much time pass, and what it began end. */
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms)
    await new Promise(resolve => setImmediate(resolve))
  }
  return { all, state, abort, pass }
}

describe('rounds', () => {
  test('come when they are due, as long as they leave nothing', async t => {
    const { all, state, pass } = rounds(t, { rest: 5000, done: true })
    all.plan()
    await pass(4999)
    assert.equal(state.runs.length, 0)
    await pass(1)
    await pass(4999)
    assert.equal(state.runs.length, 1)
    await pass(1)
    assert.deepEqual(state.runs, [false, false])
  })

  test('that bring nothing are put off longer and longer, up to the cap, and a good one ends that', async t => {
    const { all, state, pass } = rounds(t, { rest: 0, done: false })
    await all.run()
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      const before = state.runs.length
      let waited = 0
      for (; state.runs.length === before; waited += 100) await pass(100)
      waits.push(waited)
    }
    assert.deepEqual(waits, [200, 600, 600, 600])
    Object.assign(state, { done: true, rest: 50 })
    await pass(600)
    const before = state.runs.length
    await pass(50)
    assert.equal(state.runs.length, before + 1)
  })

  test('stop by themselves when nothing is wanted, and go on when there is something new', async t => {
    const { all, state, pass } = rounds(t, { rest: undefined, done: true })
    all.plan()
    await pass(1_000_000)
    assert.equal(state.runs.length, 0)
    Object.assign(state, { rest: 0, done: false })
    await all.run()
    all.hurry()
    await pass(0)
    assert.equal(state.runs.length, 2, 'at once, though the round before brought nothing')
  })

  test('never overlap: who asks during one gets that one', async t => {
    const { all, state, pass } = rounds(t, { rest: undefined, done: true })
    let end = () => {}
    state.work = () => new Promise(resolve => (end = resolve))
    const first = all.run(true)
    assert.equal(all.run(), first)
    end()
    await first
    await pass(0)
    assert.deepEqual(state.runs, [true])
  })

  test('that throw are told and tried again', async t => {
    const { all, state, pass } = rounds(t, { rest: 0, done: false })
    state.work = () => Promise.reject(new Error('no network'))
    await all.run()
    await pass(200)
    assert.deepEqual(
      state.errors.map(error => (error as Error).message),
      ['no network', 'no network'],
    )
  })

  test('end with the signal: the one under way is waited for, none comes after', async t => {
    const { all, state, abort, pass } = rounds(t, { rest: 0, done: false })
    let end = () => {}
    state.work = () => new Promise(resolve => (end = resolve))
    void all.run()
    abort.abort()
    let stopped = false
    const stopping = all.stop().then(() => {
      stopped = true
    })
    await pass(0)
    assert.equal(stopped, false)
    end()
    await stopping
    await all.run()
    await pass(1_000_000)
    assert.equal(state.runs.length, 1)
  })
})
