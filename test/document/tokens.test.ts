import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  argumentsOf,
  base64NoPad,
  checkLength,
  decodeBase64,
  encodeObject,
  formatTime,
  hexDigest,
  Items,
  isNickname,
  objectOf,
  parseInteger,
  parseTime,
  signedEnd,
  tokenize,
} from '../../main/document/tokens.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { survives } from './fixtures.ts'

const refuses = (run: () => unknown) => assert.throws(run, MalformedError)

describe('items', () => {
  test('keyword, rest, object and offsets', () => {
    const text = `first a  b\tc \nsecond\n-----BEGIN SOME THING-----\nAAEC\n-----END SOME THING-----\n\n\n  third\n`
    const [first, second, third, ...more] = tokenize(text)
    assert.deepEqual(more, [])
    assert.deepEqual([first!.keyword, first!.rest, first!.start, first!.end], ['first', 'a  b\tc ', 0, 14])
    assert.deepEqual(argumentsOf(first!, 3), ['a', 'b', 'c'])
    assert.equal(second!.rest, '')
    assert.deepEqual(objectOf(second!, 'SOME THING'), Buffer.of(0, 1, 2))
    assert.equal(text.slice(second!.start, second!.end), 'second\n-----BEGIN SOME THING-----\nAAEC\n-----END SOME THING-----\n')
    assert.equal(third!.keyword, 'third')
  })

  test('a leading opt is skipped, also in front of unknown keywords', () => {
    assert.deepEqual(
      tokenize('opt known 1\nopt opt x\n').map(({ keyword, rest }) => [keyword, rest]),
      [
        ['known', '1'],
        ['opt', 'x'],
      ],
    )
  })

  test('unknown keywords with and without objects are items like others', () => {
    assert.equal(tokenize('x-new 1\n-----BEGIN X-----\nAAAA\n-----END X-----\n_odd\n').length, 2)
  })

  test('annotations and broken objects are refused', () => {
    for (const text of [
      '@source x\n',
      'a\n@b\n',
      'k\n-----BEGIN X-----\nAAAA\n',
      'k\n-----BEGIN X-----\nAAAA\n-----END Y-----\n',
      'k\n-----BEGIN X-----\n!\n-----END X-----\n',
      'k\n-----BEGIN X-----',
      'k\n-----BEGIN -----\nAAAA\n-----END -----\n',
      '-----BEGIN X-----\nAAAA\n-----END X-----\n',
      `k ${'x'.repeat(200_000)}\n`,
    ])
      refuses(() => tokenize(text))
  })

  test('once, at most once, first', () => {
    const items = new Items(tokenize('a 1\nb 2\nb 3\n'))
    assert.equal(items.first('a').rest, '1')
    assert.equal(items.optional('c'), undefined)
    assert.deepEqual(
      items.all('b').map(({ rest }) => rest),
      ['2', '3'],
    )
    refuses(() => items.one('b'))
    refuses(() => items.optional('b'))
    refuses(() => items.one('c'))
    refuses(() => new Items(tokenize('b 1\na 2\n')).first('a'))
  })

  test('too few or far too many arguments', () => {
    const [token] = tokenize(`k ${'a '.repeat(600)}\n`)
    refuses(() => argumentsOf(token!, 1))
    refuses(() => argumentsOf(tokenize('k a\n')[0]!, 2))
  })

  test('any text is read or refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '-----BEGIN ', '-----END ', '-----', 'opt ', '@', '=', '\r', 'é') }),
        text => {
          survives(() => tokenize(text))
        },
      ),
    )
  })
})

describe('values', () => {
  test('base64 may be wrapped and unpadded, and nothing else', () => {
    assert.deepEqual(decodeBase64('AA\nEC'), Buffer.of(0, 1, 2))
    assert.deepEqual(decodeBase64('AA'), Buffer.of(0))
    assert.deepEqual(decodeBase64('AA==', 1), Buffer.of(0))
    for (const text of ['A', 'AA-_', 'AA=A', 'AA===', 'AAéA']) refuses(() => decodeBase64(text))
    refuses(() => decodeBase64('AAEC', 2))
    fc.assert(fc.property(fc.uint8Array(), bytes => assert.deepEqual(decodeBase64(base64NoPad(bytes)), Buffer.from(bytes))))
  })

  test('times', () => {
    assert.equal(formatTime(parseTime('2024-02-29 23:59:59')), '2024-02-29 23:59:59')
    assert.equal(parseTime('1970-01-01 00:00:00'), 0)
    for (const text of [
      '2024-02-30T00:00:00',
      '2024-13-01 00:00:00',
      '2024-00-01 00:00:00',
      '2024-04-31 00:00:00',
      '2024-01-01 24:00:00',
      '1969-01-01 00:00:00',
      '2024-01-01 00:00:00 ',
      '2024-1-1 0:0:0',
      '',
    ]) {
      refuses(() => parseTime(text))
    }
  })

  test('integers, digests, nicknames, lengths', () => {
    assert.equal(parseInteger('0065535', 0, 65535), 65535)
    for (const text of ['', '-1', '+1', '1.0', ' 1', '65536', '1e3', '9'.repeat(20)]) refuses(() => parseInteger(text, 0, 65535))
    assert.equal(hexDigest('aB'.repeat(20)), 'AB'.repeat(20))
    for (const text of ['', 'A'.repeat(39), `${'A'.repeat(39)}g`]) refuses(() => hexDigest(text))
    assert.deepEqual(['a', 'A'.repeat(19), '', 'A'.repeat(20), 'a-b', 'ä'].map(isNickname), [true, true, false, false, false, false])
    refuses(() => checkLength('ää', 3, 'x'))
    refuses(() => checkLength('a\0', 3, 'x'))
  })

  test('objects wrap at 64 characters', () => {
    assert.equal(encodeObject('X', Buffer.alloc(49)), `-----BEGIN X-----\n${'A'.repeat(64)}\nAA==\n-----END X-----\n`)
    assert.equal(encodeObject('X', Buffer.alloc(48)), `-----BEGIN X-----\n${'A'.repeat(64)}\n-----END X-----\n`)
  })

  test('the signed part ends at the signature item, and nothing that only begins alike may come before', () => {
    const good = 'a 1\nsig x\nrest\n'
    assert.equal(signedEnd(good, tokenize(good)[1]!, ' '), good.indexOf('x'))
    assert.equal(signedEnd(good, tokenize(good)[1]!, '\n'), good.indexOf('rest'))
    const bad = 'a 1\nsig-of-mine y\nsig x\n'
    refuses(() => signedEnd(bad, tokenize(bad)[2]!, ' '))
    const opt = 'a 1\nopt sig x\n'
    refuses(() => signedEnd(opt, tokenize(opt)[1]!, ' '))
  })
})
