import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseHttpField } from '../../main/lib/http-message.ts'

describe('a header field line', () => {
  test('is a name, a colon and a value without the white space around it', () => {
    assert.deepEqual(parseHttpField('Content-Length: 5'), ['Content-Length', '5'])
    assert.deepEqual(parseHttpField('a:b:c'), ['a', 'b:c'])
    assert.deepEqual(parseHttpField('X-Empty:'), ['X-Empty', ''])
    assert.deepEqual(parseHttpField('X-Blank: \t '), ['X-Blank', ''])
    assert.deepEqual(parseHttpField('Server:\t two  words \t'), ['Server', 'two  words'])
  })

  test('of another shape is none', () => {
    for (const line of [
      '',
      ':',
      ': value',
      'no colon',
      'na me: x',
      'name : x',
      ' folded: x',
      '\tfolded',
      'näme: x',
      'a: b\0',
      'a: b\nc: d',
      'a: \x7f',
    ])
      assert.equal(parseHttpField(line), undefined, JSON.stringify(line))
  })

  test('of a million spaces is read as quickly as one of a million letters', { timeout: 20_000 }, () => {
    const spaces = ' '.repeat(1_000_000)
    assert.deepEqual(parseHttpField(`a: b${spaces}c`), ['a', `b${spaces}c`])
    assert.deepEqual(parseHttpField(`a:${spaces}`), ['a', ''])
  })
})
