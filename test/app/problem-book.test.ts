import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemBook } from '../../main/app/problem-book.ts'
import type { Problem } from '../../shared/problem.ts'

const slept: Problem = { code: 'slept', detail: { asleep: 30_000 } }
const skew = (skewSeconds: number): Problem => ({ code: 'clock-skewed', detail: { skewSeconds } })

test('what stands is told as new once, keeps the time it began, and goes with its cause', () => {
  const book = new ProblemBook()
  assert.deepEqual(book.stand([skew(70)], 1), [skew(70)])
  assert.deepEqual(book.stand([skew(71)], 2), [])
  assert.deepEqual(book.entries, [{ ...skew(71), at: 1, standing: true }])
  book.dismiss('clock-skewed', 1)
  assert.equal(book.entries.length, 1, 'it is still so')
  assert.deepEqual(book.stand([], 3), [])
  assert.deepEqual(book.entries, [])
  assert.deepEqual(book.stand([skew(90)], 4), [skew(90)], 'new again')
})

test('what happened stays until it is dismissed; the same again is one entry; the oldest fall out', () => {
  const book = new ProblemBook()
  book.tell(slept, 1)
  book.tell(slept, 5)
  book.stand([skew(70)], 6)
  assert.deepEqual(
    book.entries.map(({ code, at }) => [code, at]),
    [
      ['clock-skewed', 6],
      ['slept', 5],
    ],
  )
  book.dismiss('slept', 1)
  assert.equal(book.entries.length, 2, 'another one')
  book.dismiss('slept', 5)
  assert.deepEqual(book.entries, [{ ...skew(70), at: 6, standing: true }])
  for (let i = 0; i < 50; i++) book.tell({ code: 'slept', detail: { asleep: i } }, i)
  assert.equal(book.entries.length, 21)
})
