import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type DirectoryRequest,
  formatRequest,
  formatResponseHead,
  HttpHeaders,
  RequestReader,
  ResponseReader,
} from '../../main/directory/http.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { TooLargeError } from '../../main/lib/http-message.ts'

const LIMITS = { maxHeaderBytes: 1024, maxBodyBytes: 1000 }

function readRequest(text: string | Buffer, cuts: number[] = []): DirectoryRequest | undefined {
  const bytes = Buffer.from(text as string)
  const reader = new RequestReader(LIMITS)
  const points = [...new Set([0, ...cuts.map(cut => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  for (const [i, from] of points.entries()) {
    const request = reader.push(bytes.subarray(from, points[i + 1] ?? bytes.length))
    if (request) return request
  }
  return undefined
}

describe('requests', () => {
  test('the same request comes out however the bytes are cut', () => {
    const bytes = formatRequest({
      method: 'POST',
      path: '/tor/',
      headers: new HttpHeaders({ 'X-Desc-Gen-Reason': 'why not' }),
      body: Buffer.from('router a'),
    })
    fc.assert(
      fc.property(fc.array(fc.nat()), cuts => {
        const request = readRequest(bytes, cuts)
        assert.ok(request)
        assert.equal(request.method, 'POST')
        assert.equal(request.path, '/tor/')
        assert.equal(request.headers.get('x-desc-gen-reason'), 'why not')
        assert.equal(request.body.toString(), 'router a')
      }),
    )
  })

  test('an absolute URL loses scheme and host; HTTP/1.1 is understood', () => {
    assert.equal(readRequest('GET http://example.org/tor/x.z HTTP/1.1\r\nHost: example.org\r\n\r\n')?.path, '/tor/x.z')
    assert.equal(readRequest('GET http://example.org HTTP/1.0\r\n\r\n')?.path, '/')
  })

  test('nothing comes out before the request is whole', () => {
    assert.equal(readRequest('GET / HTTP/1.0\r\nA: b\r\n'), undefined)
    assert.equal(readRequest('POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n1234'), undefined)
  })

  test('malformed requests are refused', () => {
    const heads = [
      'GET /\r\n\r\n',
      'GET / HTTP/2\r\n\r\n',
      'get / HTTP/1.0\r\n\r\n',
      'GET  / HTTP/1.0\r\n\r\n',
      'GET /a b HTTP/1.0\r\n\r\n',
      'GET /\x00 HTTP/1.0\r\n\r\n',
      'GET /ä HTTP/1.0\r\n\r\n',
      'GET / HTTP/1.0\r\nno colon\r\n\r\n',
      'GET / HTTP/1.0\r\n: empty\r\n\r\n',
      'GET / HTTP/1.0\r\nA: b\r\n folded\r\n\r\n',
      'GET / HTTP/1.0\r\nA: b\nB: c\r\n\r\n',
      'POST / HTTP/1.0\r\nContent-Length: -1\r\n\r\n',
      'POST / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12',
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
      `GET / HTTP/1.0\r\n${'A: b\r\n'.repeat(120)}\r\n`,
      '\r\n\r\n',
      '\x16\x03\x01\x02\x00\r\n\r\n',
    ]
    for (const head of heads) assert.throws(() => readRequest(head), MalformedError, JSON.stringify(head))
  })

  test('a head or a body above its limit is refused as soon as that is known', () => {
    const endless = new RequestReader(LIMITS)
    assert.throws(() => {
      for (let i = 0; i < 3; i++) endless.push(Buffer.alloc(512, 'a'))
    }, new TooLargeError('head'))
    assert.throws(() => readRequest('POST / HTTP/1.0\r\nContent-Length: 1001\r\n\r\n'), new TooLargeError('body'))
  })

  test('hostile bytes give a request, nothing yet, or MalformedError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), chunks => {
        const reader = new RequestReader(LIMITS)
        try {
          for (const chunk of chunks) if (reader.push(chunk)) return
        } catch (error) {
          assert.ok(error instanceof MalformedError)
        }
      }),
    )
  })
})

describe('responses', () => {
  const read = (text: string): ReturnType<ResponseReader['end']> => {
    const reader = new ResponseReader(LIMITS)
    return reader.push(Buffer.from(text)) ?? reader.end()
  }

  test('the body ends with Content-Length or with the stream', () => {
    assert.equal(read('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nabcd').body.toString(), 'ab')
    const response = read('HTTP/1.0 404 Not found\r\nDate: x\r\n\r\nabcd')
    assert.equal(response.status, 404)
    assert.equal(response.reason, 'Not found')
    assert.equal(response.body.toString(), 'abcd')
  })

  test('a cut-off response is malformed, not short', () => {
    assert.throws(() => read('HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nabcd'), MalformedError)
    assert.throws(() => read('HTTP/1.0 200 OK\r\nA: b'), MalformedError)
    assert.throws(() => read(''), MalformedError)
  })

  test('an endless body is refused', () => {
    assert.throws(() => read(`HTTP/1.0 200 OK\r\n\r\n${'a'.repeat(1001)}`), new TooLargeError('body'))
  })

  test('a header cannot be smuggled into what we write', () => {
    assert.throws(() => formatResponseHead({ status: 200, reason: 'OK', headers: new HttpHeaders({ A: 'b\r\nC: d' }) }), RangeError)
    assert.throws(() => formatResponseHead({ status: 200, reason: 'OK\r\nC: d', headers: new HttpHeaders() }), RangeError)
  })
})
