import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { PlanSpan } from '../../shared/background.ts'
import { capReachedAfter, ceilingOfPlans, interruptionsOfPlans, type Plans } from '../../shared/plan-forecast.ts'
import { DAY_SECONDS, verdictOfCeiling } from '../../shared/stable-forecast.ts'
import { nextPlanChange, plannedAt, weeklyRests } from '../../shared/week-plan.ts'

const ZONE = process.env['TZ']
after(() => {
  if (ZONE === undefined) delete process.env['TZ']
  else process.env['TZ'] = ZONE
})
const local = (year: number, month: number, day: number, hour: number, minute = 0) => new Date(year, month - 1, day, hour, minute).getTime()
const ALL = [0, 1, 2, 3, 4, 5, 6]
const NIGHTS: PlanSpan[] = [{ days: [1, 2, 3, 4, 5], from: 22 * 60, to: 6 * 60, rate: 0 }]

describe('a plan', () => {
  test('holds over midnight, on the days on which it begins', () => {
    // 13 July 2026 is a Monday.
    assert.equal(plannedAt(NIGHTS, local(2026, 7, 13, 21, 59)), undefined)
    assert.equal(plannedAt(NIGHTS, local(2026, 7, 13, 22)), 0)
    assert.equal(plannedAt(NIGHTS, local(2026, 7, 14, 5, 59)), 0)
    assert.equal(plannedAt(NIGHTS, local(2026, 7, 14, 6)), undefined)
    assert.equal(plannedAt(NIGHTS, local(2026, 7, 18, 5)), 0, 'Friday night reaches into Saturday')
    assert.equal(plannedAt(NIGHTS, local(2026, 7, 18, 23)), undefined)
    assert.equal(plannedAt(NIGHTS, local(2026, 7, 13, 3)), undefined, 'Sunday night is not in it')
  })

  test('an end that is not after the beginning is on the next day: a whole day, when they are the same', () => {
    const whole: PlanSpan[] = [{ days: [3], from: 480, to: 480, rate: 0 }]
    assert.equal(plannedAt(whole, local(2026, 7, 15, 8)), 0)
    assert.equal(plannedAt(whole, local(2026, 7, 16, 7, 59)), 0)
    assert.equal(plannedAt(whole, local(2026, 7, 16, 8)), undefined)
    assert.equal(plannedAt([{ days: [3], from: 0, to: 1440, rate: 0 }], local(2026, 7, 16, 0)), undefined)
  })

  test('where parts overlap, rest wins, then the lower rate', () => {
    const plan: PlanSpan[] = [
      { days: ALL, from: 0, to: 1440, rate: 500_000 },
      { days: [3], from: 600, to: 720, rate: 200_000 },
      { days: [3], from: 660, to: 690, rate: 0 },
    ]
    assert.deepEqual(
      [
        [9, 0],
        [10, 0],
        [11, 0],
        [11, 30],
        [12, 0],
      ].map(([hour, minute]) => plannedAt(plan, local(2026, 7, 15, hour!, minute!))),
      [500_000, 200_000, 0, 200_000, 500_000],
    )
  })

  test('the next change is the next moment at which something else holds, not just the next end', () => {
    assert.equal(nextPlanChange(NIGHTS, local(2026, 7, 13, 12)), local(2026, 7, 13, 22))
    assert.equal(nextPlanChange(NIGHTS, local(2026, 7, 13, 23)), local(2026, 7, 14, 6))
    assert.equal(nextPlanChange(NIGHTS, local(2026, 7, 18, 6)), local(2026, 7, 20, 22), 'over a weekend')
    const touching: PlanSpan[] = [
      { days: [3], from: 600, to: 660, rate: 0 },
      { days: [3], from: 660, to: 720, rate: 0 },
    ]
    assert.equal(nextPlanChange(touching, local(2026, 7, 15, 10, 30)), local(2026, 7, 15, 12))
    assert.equal(nextPlanChange([{ days: ALL, from: 0, to: 0, rate: 0 }], local(2026, 7, 15, 10)), undefined, 'never anything else')
    assert.equal(nextPlanChange([], Date.now()), undefined)
  })

  test('summer time: an hour that is skipped never is, one that is repeated is twice', () => {
    process.env['TZ'] = 'Europe/Berlin'
    // 29 March 2026, 2:00 becomes 3:00; 25 October 2026, 3:00 becomes 2:00.
    const early: PlanSpan[] = [{ days: ALL, from: 150, to: 240, rate: 0 }]
    const before = local(2026, 3, 29, 1, 59)
    assert.equal(plannedAt(early, before), undefined)
    assert.equal(plannedAt(early, before + 60_000), 0, 'it is 3:00 at once, so within')
    assert.equal(nextPlanChange(early, before), before + 60_000)
    const skipped: PlanSpan[] = [{ days: ALL, from: 130, to: 170, rate: 0 }]
    assert.equal(nextPlanChange(skipped, before), local(2026, 3, 30, 2, 10), 'not on that day at all')

    const twice: PlanSpan[] = [{ days: ALL, from: 120, to: 150, rate: 0 }]
    const first = local(2026, 10, 25, 1, 59) + 60_000
    assert.equal(plannedAt(twice, first), 0)
    assert.equal(nextPlanChange(twice, first), first + 30 * 60_000)
    const between = first + 45 * 60_000
    assert.equal(plannedAt(twice, between), undefined)
    assert.equal(nextPlanChange(twice, between), first + 60 * 60_000, 'it is two o’clock again')
    assert.equal(plannedAt(twice, first + 60 * 60_000), 0)
  })

  test('what is said to come does come: every change of a week, in several zones', () => {
    const plan: PlanSpan[] = [...NIGHTS, { days: [0, 6], from: 125, to: 200, rate: 300_000 }]
    for (const [zone, begin] of [
      ['Europe/Berlin', Date.UTC(2026, 2, 25)],
      ['America/New_York', Date.UTC(2026, 9, 29)],
      ['Australia/Lord_Howe', Date.UTC(2026, 3, 1)],
      ['Asia/Kathmandu', Date.UTC(2026, 5, 1)],
    ] as const) {
      process.env['TZ'] = zone
      const end = begin + 8 * 86_400_000
      const seen: number[] = []
      for (let at = begin; at < end; at += 60_000) if (plannedAt(plan, at) !== plannedAt(plan, at - 60_000)) seen.push(at)
      const said: number[] = []
      for (let at = nextPlanChange(plan, begin - 1); at !== undefined && at < end; at = nextPlanChange(plan, at)) said.push(at)
      assert.deepEqual(
        said,
        seen.filter(at => at > begin - 1),
        zone,
      )
    }
  })
})

describe('what a plan means for Stable', () => {
  const plans = (own: Partial<Plans>): Plans => ({ habit: 'always', plan: [], monthlyCap: 0, carries: 0, ...own })
  const verdict = (own: Partial<Plans>) => verdictOfCeiling(ceilingOfPlans(plans(own)))

  test('nothing planned: possible; nights off, or a cap that is reached: never', () => {
    assert.equal(verdict({}), 'possible')
    assert.equal(verdict({ plan: NIGHTS }), 'never')
    assert.equal(verdict({ plan: [{ ...NIGHTS[0]!, rate: 200_000 }] }), 'possible', 'a limit ends no run')
    assert.equal(verdict({ plan: [{ days: [0], from: 180, to: 200, rate: 0 }] }), 'possible', 'twenty minutes go unseen')
    // 1 TB a month at 2.5 MB/s (both directions) lasts 4.6 days.
    assert.equal(verdict({ monthlyCap: 1e12, carries: 2_500_000 }), 'never')
    assert.equal(verdict({ monthlyCap: 1e13, carries: 2_500_000 }), 'possible', 'never reached')
  })

  test('the rests of a week, and of a plan and a habit together, are one line of interruptions without overlaps', () => {
    assert.deepEqual(weeklyRests([{ days: [6], from: 23 * 60, to: 60, rate: 0 }]), [
      { from: 0, to: 60 },
      { from: 6 * 1440 + 23 * 60, to: 7 * 1440 },
    ])
    const events = interruptionsOfPlans(plans({ habit: 'nightly-sleep', plan: NIGHTS, monthlyCap: 1e12, carries: 2_500_000 }))
    assert.ok(events.length > 50, 'four days and the cap, a dozen times')
    for (const [index, event] of events.entries()) {
      const last = events[index - 1]
      assert.ok(event.at >= 0)
      if (last?.kind === 'down') assert.ok(event.at > last.at + last.seconds, `${index}`)
    }
    assert.equal(events.filter(({ kind }) => kind === 'address').length, 0)
    assert.equal(interruptionsOfPlans(plans({ habit: 'daily-address' })).filter(({ kind }) => kind === 'address').length, 365)
  })

  test('when the cap is reached', () => {
    assert.equal(capReachedAfter(0, 1e9), undefined)
    assert.equal(capReachedAfter(1e12, 0), undefined)
    assert.equal(capReachedAfter(1e12, 1e6), 1e6)
    assert.equal(capReachedAfter(1e12, 1e12 / (31 * DAY_SECONDS)), undefined)
  })
})
