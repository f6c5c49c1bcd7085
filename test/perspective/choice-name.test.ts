import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatChoiceName, type PerspectiveChoice, parseChoiceName } from '../../main/perspective/choice-name.ts'

const FINGERPRINT = '00112233445566778899AABBCCDDEEFF00112233'

test('each form of a user name is read, in any case', () => {
  const table: [string, PerspectiveChoice][] = [
    ['se', { kind: 'country', country: 'se' }],
    ['SE', { kind: 'country', country: 'se' }],
    ['any', { kind: 'any' }],
    ['tor', { kind: 'tor' }],
    ['Tor-SE', { kind: 'tor', country: 'se' }],
    ['List-Nordic2', { kind: 'list', list: 'nordic2' }],
    ['list-nordic+work', { kind: 'list', list: 'nordic' }],
    ['tor-se+work', { kind: 'tor', country: 'se' }],
    ['SE+Window_2.b-c', { kind: 'country', country: 'se' }],
    [`$${FINGERPRINT}+${'x'.repeat(32)}`, { kind: 'relay', fingerprint: FINGERPRINT }],
    [`$${FINGERPRINT.toLowerCase()}`, { kind: 'relay', fingerprint: FINGERPRINT }],
  ]
  for (const [text, choice] of table) assert.deepEqual(parseChoiceName(text), choice, text)
})

test('anything else names nothing, so that a typing error is never another perspective', () => {
  for (const text of [
    '',
    's',
    'swe',
    'tor-',
    'tor-swe',
    'list-',
    'list-no_rdic',
    `list-${'x'.repeat(21)}`,
    'tor se',
    'any ',
    ' se',
    'se\n',
    '$',
    `$${FINGERPRINT}0`,
    FINGERPRINT,
    `$${FINGERPRINT.slice(1)}g`,
    'off',
    '??',
    'ſe',
    '+work',
    'se+',
    'se+a b',
    'se+a+b',
    `se+${'x'.repeat(33)}`,
    'sweden+work',
  ])
    assert.equal(parseChoiceName(text), undefined, JSON.stringify(text))
})

test('a formatted choice reads back as itself, and no text makes the parser throw', () => {
  const country = fc.stringMatching(/^[a-z]{2}$/)
  const choice: fc.Arbitrary<PerspectiveChoice> = fc.oneof(
    fc.constant({ kind: 'any' } as const),
    fc.record({ kind: fc.constant('country' as const), country }),
    fc.record({ kind: fc.constant('relay' as const), fingerprint: fc.stringMatching(/^[0-9A-F]{40}$/) }),
    fc.oneof(fc.constant({ kind: 'tor' } as const), fc.record({ kind: fc.constant('tor' as const), country })),
  )
  fc.assert(fc.property(choice, value => assert.deepEqual(parseChoiceName(formatChoiceName(value)), { ...value })))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void parseChoiceName(text)))
})
