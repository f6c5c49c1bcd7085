import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Candidates } from '../../main/perspective/candidates.ts'
import type { PerspectiveChoice } from '../../main/perspective/choice-name.ts'
import { FailoverQuestion } from '../../main/perspective/failover.ts'
import { offer } from './peer-fixture.ts'

const SE: PerspectiveChoice = { kind: 'country', country: 'se' }
const NO: PerspectiveChoice = { kind: 'country', country: 'no' }

/** A question in a world where the relays of every choice are as the test says. */
function world() {
  const state = { now: 1_000_000, offers: [offer(1)], failing: false, refusing: false, served: false }
  const candidates = {
    of: () => state.offers,
    isFailing: () => state.failing,
    isRefusing: () => state.refusing,
    isServed: () => state.served,
  } as unknown as Candidates
  const question = new FailoverQuestion(candidates, () => state.now)
  let changes = 0
  question.onChange.add(() => changes++)
  return { question, state, now: () => question.current, changes: () => changes }
}

describe('the question what to take instead', () => {
  test('is asked once, with its time and reason', () => {
    const { question, state, changes } = world()
    question.ask(SE, 'refused')
    state.now += 5000
    question.ask(SE, 'unreachable')
    assert.deepEqual(question.current, { wanted: SE, at: 1_000_000, reason: 'refused' })
    assert.equal(changes(), 1)
  })

  test('has no sense for "any" and for Tor', () => {
    const { question } = world()
    question.ask({ kind: 'any' }, 'refused')
    question.ask({ kind: 'tor', country: 'se' }, 'unreachable')
    assert.equal(question.current, undefined)
  })

  test('comes after four seconds without anybody, and not for a moment', () => {
    const { question, state, now } = world()
    state.failing = true
    question.watch(SE)
    state.now += 3999
    question.watch(SE)
    assert.equal(question.current, undefined)
    state.failing = false
    question.watch(SE)
    state.failing = true
    question.watch(SE)
    state.now += 3999
    question.watch(SE)
    assert.equal(question.current, undefined, 'patience began anew')
    state.now += 1
    question.watch(SE)
    assert.equal(now()?.reason, 'unreachable')
  })

  test('says why: nobody offers, somebody refuses, nobody is reached', () => {
    for (const [facts, reason] of [
      [{ offers: [] }, 'nobody-offers'],
      [{ failing: true, refusing: true }, 'refused'],
      [{ failing: true }, 'unreachable'],
    ] as const) {
      const { question, state } = world()
      Object.assign(state, facts)
      question.watch(SE)
      state.now += 4000
      question.watch(SE)
      assert.equal(question.current?.reason, reason)
    }
  })

  test('declined is not asked again, until the choice worked or was another', () => {
    const { question, state, now } = world()
    question.ask(SE, 'refused')
    question.decline()
    question.ask(SE, 'refused')
    question.review(SE)
    question.ask(SE, 'refused')
    assert.equal(question.current, undefined)
    state.served = true
    question.review(SE)
    state.served = false
    question.ask(SE, 'refused')
    assert.equal(now()?.wanted, SE)
    question.decline()
    question.review(NO)
    question.ask(SE, 'refused')
    assert.equal(now()?.wanted, SE)
  })

  test('is over when the choice works, is another, or is none', () => {
    for (const [served, choice] of [
      [true, SE],
      [false, NO],
      [false, undefined],
    ] as const) {
      const { question, state, changes } = world()
      question.ask(SE, 'refused')
      state.served = served
      question.review(choice)
      assert.equal(question.current, undefined)
      assert.equal(changes(), 2)
    }
  })
})
