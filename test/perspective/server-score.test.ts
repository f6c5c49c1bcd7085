import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decayed, type ServerFacts, serverScore } from '../../main/perspective/server-score.ts'

const MINUTE = 60_000
const PLAIN: ServerFacts = {
  latency: { ms: 50, age: 0 },
  linked: false,
  streams: 0,
  failures: 0,
  refusal: undefined,
  favourite: false,
  bandwidth: 5000,
}

test('of two servers the better one is chosen, by each thing that is known', () => {
  const table: [what: string, better: Partial<ServerFacts>, worse: Partial<ServerFacts>][] = [
    ['a quick one before a slow one', { latency: { ms: 20, age: 0 } }, { latency: { ms: 200, age: 0 } }],
    ['a quick one before an unknown one', {}, { latency: undefined }],
    ['an unknown one before a very slow one', { latency: undefined }, { latency: { ms: 800, age: 0 } }],
    ['a fresh measurement of a quick one before an old one', {}, { latency: { ms: 50, age: 300 * MINUTE } }],
    ['an old measurement of a slow one is forgiven', { latency: { ms: 800, age: 600 * MINUTE } }, { latency: { ms: 800, age: 0 } }],
    ['one that is linked before one that is not', { linked: true }, {}],
    ['one that is linked even when another is somewhat quicker', { linked: true, latency: { ms: 90, age: 0 } }, {}],
    ['a much quicker one before one that is linked', { latency: { ms: 10, age: 0 } }, { linked: true, latency: { ms: 400, age: 0 } }],
    ['one with few of our streams', { linked: true, streams: 2 }, { linked: true, streams: 60 }],
    ['a strong one before a weak one', {}, { bandwidth: 20 }],
    ['beyond strong enough, strength does not matter', { bandwidth: 2000, latency: { ms: 49, age: 0 } }, { bandwidth: 900_000 }],
    ['a favourite', { favourite: true, latency: { ms: 80, age: 0 } }, {}],
    ['one that did not fail', { latency: { ms: 300, age: 0 } }, { failures: 1 }],
    ['fewer failures', { failures: 1 }, { failures: 3 }],
    ['an old failure counts little', { failures: 0.05 }, { failures: 1 }],
    ['a favourite that fails comes after others', {}, { favourite: true, failures: 2 }],
    ['one that was never refused', { latency: { ms: 800, age: 0 } }, { refusal: { age: 30_000, wait: 0 } }],
    ['an old refusal before a new one', { refusal: { age: 10 * MINUTE, wait: 0 } }, { refusal: { age: 1000, wait: 0 } }],
    [
      'whoever asked to be left alone comes last',
      { failures: 9, refusal: { age: 0, wait: 0 } },
      { favourite: true, linked: true, refusal: { age: 20 * MINUTE, wait: 1 } },
    ],
  ]
  for (const [what, better, worse] of table) assert.ok(serverScore({ ...PLAIN, ...better }) < serverScore({ ...PLAIN, ...worse }), what)
})

test('a weight loses half in each half-life, and none before its time', () => {
  assert.equal(decayed(8, 0, 100), 8)
  assert.equal(decayed(8, 100, 100), 4)
  assert.equal(decayed(8, 300, 100), 1)
  assert.equal(decayed(8, -50, 100), 8)
})
