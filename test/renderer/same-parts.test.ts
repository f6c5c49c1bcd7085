import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { withSameParts } from '../../renderer/same-parts.ts'

test('says what the next value says, whatever was before', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (before, next) => assert.deepEqual(withSameParts(before, next), next)))
})

test('what says the same is the same object, however deep', () => {
  const before = { choice: { kind: 'any' }, active: [{ a: 1 }, { a: 2 }], gone: 1 }
  const next = withSameParts(before, { choice: { kind: 'any' }, active: [{ a: 1 }, { a: 3 }] })
  assert.deepEqual(next, { choice: { kind: 'any' }, active: [{ a: 1 }, { a: 3 }] })
  assert.equal(next.choice, before.choice)
  assert.equal(next.active[0], before.active[0])
  assert.equal(withSameParts(before, structuredClone(before)), before)
  fc.assert(fc.property(fc.jsonValue(), value => assert.equal(withSameParts(value, structuredClone(value)), value)))
})

test('names that a prototype has are like any others', () => {
  const next = JSON.parse('{"__proto__":{"x":1},"constructor":2}')
  assert.deepEqual(Object.keys(withSameParts(JSON.parse('{"__proto__":{"x":2}}'), next)), ['__proto__', 'constructor'])
})
