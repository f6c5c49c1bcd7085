import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASPECT, fitted, type Mark, nextMark, placeMarks, REGIONS } from '../../renderer/views/browse/map-marks.ts'
import { WORLD } from '../../renderer/views/browse/world-data.ts'

const plan = (country: string, x: number, y: number, relays = 1) => ({
  country,
  relays,
  at: [x, y] as const,
  label: `${country} ${relays}`,
})

test('the world has its countries, each with a place inside it, as short paths', () => {
  const { countries, width, height } = WORLD
  assert.ok(Object.keys(countries).length > 220)
  for (const [code, { at, d }] of Object.entries(countries)) {
    assert.match(code, /^[a-z]{2}$/)
    assert.ok(at[0] >= 0 && at[0] <= width && at[1] >= 0 && at[1] <= height, code)
    assert.match(d, /^(M\d+ \d+(l-?\d+[ -]\d+([ -]\d+[ -]\d+)*)?z)*$/, code)
  }
  for (const code of ['se', 'us', 'sg', 'mt', 'hk', 'nz']) assert.ok(countries[code], code)
})

test('marks never lie on one another and stay in the picture; the first have the first choice', () => {
  const plans = Object.entries(WORLD.countries).map(([country, { at }]) => plan(country, at[0], at[1], 12))
  for (const region of Object.values(REGIONS)) {
    const frame = fitted(region)
    assert.ok(Math.abs(frame[2] / frame[3] - ASPECT) < 0.001)
    const { marks, hidden } = placeMarks(plans, frame, frame[2] / 900)
    const inside = plans.filter(({ at: [x, y] }) => x >= frame[0] && x <= frame[0] + frame[2] && y >= frame[1] && y <= frame[1] + frame[3])
    assert.equal(marks.length + hidden, inside.length, 'nobody is forgotten')
    for (const [i, a] of marks.entries())
      for (const b of marks.slice(i + 1))
        assert.ok(Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= a.height, `${a.country} ${b.country}`)
  }
  const { marks, hidden } = placeMarks([plan('aa', 50, 50), plan('bb', 50, 50)], [0, 0, 100, 50], 1)
  assert.deepEqual([marks.map(({ country }) => country), hidden], [['aa'], 1])
})

test('arrows lead to the nearest mark in their direction, and nowhere when there is none', () => {
  const at = (country: string, x: number, y: number): Mark => ({ ...plan(country, x, y), x, y, width: 10, height: 10 })
  const [middle, right, farRight, above] = [at('aa', 0, 0), at('bb', 20, 4), at('cc', 40, 0), at('dd', 3, -30)]
  const marks = [middle, right, farRight, above]
  assert.equal(nextMark(marks, middle, [1, 0]), right)
  assert.equal(nextMark(marks, right, [1, 0]), farRight)
  assert.equal(nextMark(marks, middle, [0, -1]), above)
  assert.equal(nextMark(marks, middle, [-1, 0]), undefined)
})
