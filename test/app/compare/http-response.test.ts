import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fieldValue, ResponseReader } from '../../../main/app/compare/http-response.ts'
import { MalformedError } from '../../../main/lib/bytes.ts'
import { TooLargeError } from '../../../main/lib/http-message.ts'

const MAX_BODY = 100_000

/** The answer as read from pieces of these lengths (the last one takes the rest), with the connection's end behind it. */
function read(text: string | Buffer, cuts: readonly number[] = [], end = true): ResponseReader {
  const reader = new ResponseReader(MAX_BODY)
  let rest = Buffer.from(text as string, 'latin1')
  for (const cut of cuts) {
    reader.push(rest.subarray(0, cut))
    rest = rest.subarray(cut)
  }
  reader.push(rest)
  if (end) reader.end()
  return reader
}
const body = (text: string, cuts?: readonly number[]) => read(text, cuts).body.toString()

describe('an HTTP/1.1 answer', () => {
  const answers: [name: string, text: string, status: number, body: string][] = [
    ['of a known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and what is not ours', 200, 'hello'],
    ['up to the end', 'HTTP/1.0 404 Not Found\r\nX: y\r\n\r\nall of it', 404, 'all of it'],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5;ext="x"\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\nmore',
      200,
      'hello!',
    ],
    ['without a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', 204, ''],
    ['with lone line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 200, 'ok'],
    [
      'behind hints',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 1\r\n\r\n.',
      200,
      '.',
    ],
    ['with two equal lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok', 200, 'ok'],
  ]
  for (const [name, text, status, expected] of answers) {
    test(`${name}, however it is cut into pieces`, () => {
      const whole = read(text)
      assert.equal(whole.head?.status, status)
      assert.equal(whole.body.toString(), expected)
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 7 })), cuts => {
          assert.equal(body(text, cuts), expected)
        }),
        { numRuns: 50 },
      )
    })
  }

  test('its fields, whatever their case, several as one', () => {
    const { head } = read('HTTP/1.1 200 OK\r\nVary: a\r\nvary:\tb \r\nContent-Length: 0\r\n\r\n')
    assert.equal(fieldValue(head!, 'vary'), 'a, b')
    assert.equal(fieldValue(head!, 'server'), undefined)
  })

  const malformed: [name: string, text: string][] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a field without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['a NUL in a field', 'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n'],
    ['a carriage return in a field', 'HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: x\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length in hexadecimal', 'HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['a chunk of no size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n'],
    ['a chunk of a negative size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n'],
    ['a chunk of a huge size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n'],
    ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n'],
    ['hints without end', `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20)}HTTP/1.1 200 OK\r\n\r\n`],
    ['a body that is cut off', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'],
    ['chunks that are cut off', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['nothing', ''],
  ]
  for (const [name, text] of malformed)
    test(`${name} is malformed`, () => {
      assert.throws(
        () => read(text),
        (error: Error) => error instanceof MalformedError,
      )
    })

  const large: [name: string, text: string, part: 'head' | 'body'][] = [
    ['a line without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`, 'head'],
    ['fields without end', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(201)}`, 'head'],
    ['a head of many long fields', `HTTP/1.1 200 OK\r\n${`A: ${'x'.repeat(1000)}\r\n`.repeat(70)}`, 'head'],
    ['a length beyond the limit', `HTTP/1.1 200 OK\r\nContent-Length: ${MAX_BODY + 1}\r\n\r\n`, 'body'],
    ['a body up to the end that never comes', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(MAX_BODY + 1)}`, 'body'],
    ['a chunk beyond the limit', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n', 'body'],
    ['chunk extensions', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${`1;${'x'.repeat(1000)}\r\n.\r\n`.repeat(600)}`, 'body'],
    ['trailers', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'A: b\r\n'.repeat(100_000)}`, 'body'],
  ]
  for (const [name, text, part] of large)
    test(`T10: ${name} ends the reading`, () => {
      assert.throws(
        () => read(text, [], false),
        (error: Error) => error instanceof TooLargeError && error.part === part,
      )
    })

  test('T10: chunks of one byte are kept in one buffer, and there are only so many of them', () => {
    const few = read(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(50_000)}0\r\n\r\n`)
    assert.equal(few.body.length, 50_000)
    assert.ok(few.body.buffer.byteLength < 200_000)
    const reader = new ResponseReader(64 * 1024 * 1024)
    reader.push(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))
    const bomb = Buffer.from('1\r\nx\r\n'.repeat(200_000))
    assert.throws(() => reader.push(bomb), TooLargeError)
  })
})
