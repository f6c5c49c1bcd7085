import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Protocols } from '../../main/document/protocols.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { survives } from './fixtures.ts'

test('versions of known and unknown protocols', () => {
  const list = Protocols.parse('Link=4-5,7 Relay=2 Empty= X-Perspective=1 Link=1')
  assert.deepEqual(
    [1, 3, 4, 5, 6, 7].map(version => list.supports('Link', version)),
    [true, false, true, true, false, true],
  )
  assert.equal(list.supports('X-Perspective', 1), true)
  assert.equal(list.supports('x-perspective', 1), false)
  assert.equal(list.supports('Empty', 0), false)
  assert.equal(list.toString(), 'Link=4-5,7 Relay=2 Empty= X-Perspective=1 Link=1')
  assert.equal(Protocols.parse('Link=4-5'), Protocols.parse('Link=4-5'))
})

test('what is missing', () => {
  const ours = Protocols.parse('Link=4-5 Relay=2-3')
  assert.equal(ours.missingFrom(Protocols.parse('Link=3-5 Relay=2 Cons=1-2,4')), 'Link=3 Cons=1-2,4')
  assert.equal(ours.missingFrom(Protocols.none), '')
  assert.equal(ours.missingFrom(Protocols.parse('New=')), '')
})

test('what authorities would drop a relay for is refused', () => {
  for (const text of [
    'Link',
    '=1',
    'Link=64',
    'Link=1-64',
    'Link=2-1',
    'Link=1,',
    'Link=,1',
    'Link=1,,2',
    'Link=a',
    'Link=-1',
    'Link=1-',
    'Per_spective=1',
    'Li nk=1',
    `${'a'.repeat(101)}=1`,
    'Link=1\tRelay=2',
    `Link=${'1,'.repeat(9000)}1`,
    'Link=99999999999',
  ]) {
    assert.throws(() => Protocols.parse(text), MalformedError, text)
  }
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '=', '-', ',', ' ', '1', '63', '64', '_') }),
      text => void survives(() => Protocols.parse(text)),
    ),
  )
})

test('a vote keeps what enough lists have, in canonical form', () => {
  const lists = ['Link=1-3 Relay=2', 'Link=2-5 Cons=1', 'Link=3,5 Cons=1'].map(Protocols.parse)
  assert.equal(Protocols.vote(lists, 2).toString(), 'Cons=1 Link=2-3,5')
  assert.equal(Protocols.vote(lists, 3).toString(), 'Link=3')
  assert.equal(Protocols.vote(lists, 4).toString(), '')
  assert.equal(Protocols.vote([Protocols.parse('A=0-63')], 1).toString(), 'A=0-63')
})

test('lists are read the same after more of them than the cache holds', () => {
  for (let i = 0; i < 5000; i++) Protocols.parse(`Made-up-${i}=1`)
  assert.equal(Protocols.parse('Link=4').supports('Link', 4), true)
})
