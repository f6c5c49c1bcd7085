import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareTorVersions } from '../../main/document/tor-version.ts'

test('order of versions, oldest first; what is no version comes last', () => {
  const sorted = [
    '0.0.9pre1',
    '0.0.9rc2',
    '0.0.9.2',
    '0.4.7.16',
    '0.4.8.1-alpha',
    '0.4.8.1-alpha-dev',
    'Tor 0.4.8.12',
    '0.4.9.2-alpha',
    '0.4.9.11',
    '0.4.10.1',
    '1.0',
    'newest',
    'x.1',
  ]
  for (let i = 0; i < 20; i++) {
    const shuffled = fc.sample(fc.shuffledSubarray(sorted, { minLength: sorted.length }), 1)[0]!
    assert.deepEqual(shuffled.sort(compareTorVersions), sorted)
  }
})

test('only equal text is equal, and any text is compared', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('0', '9', '.', '-', 'rc', 'pre', 'Tor ') }))
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(compareTorVersions(a, b) === 0, a === b)
      assert.equal(Math.sign(compareTorVersions(a, b)) + Math.sign(compareTorVersions(b, a)), 0)
    }),
  )
})
