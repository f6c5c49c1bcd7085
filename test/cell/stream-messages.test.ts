import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BeginFlag, decodeBegin, decodeConnected, encodeBegin, encodeConnected } from '../../main/cell/begin.ts'
import { EndReason } from '../../main/cell/command.ts'
import { decodeEnd, encodeEnd } from '../../main/cell/end.ts'
import { decodeResolve, decodeResolved, encodeResolve, encodeResolved, type ResolvedAnswer } from '../../main/cell/resolve.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from '../crypto/hostile.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('BEGIN', () => {
  const begin = (text: string) => decodeBegin(Buffer.from(text, 'latin1'))

  test('names, addresses and flags are read back', () => {
    for (const value of [
      { host: 'www.example.com', port: 443, flags: 0 },
      { host: '192.0.2.1', port: 1, flags: BeginFlag.IPV6_OK },
      { host: '2001:db8::1', port: 65_535, flags: BeginFlag.IPV6_OK | BeginFlag.IPV6_PREFERRED },
    ]) {
      assert.deepEqual(decodeBegin(encodeBegin(value)), value)
    }
    assert.equal(encodeBegin({ host: '2001:db8::1', port: 80, flags: 0 }).toString(), '[2001:db8::1]:80\0')
    assert.equal(encodeBegin({ host: 'a.b', port: 80, flags: 1 }).toString('hex'), `${Buffer.from('a.b:80\0').toString('hex')}00000001`)
  })

  test('hosts come out in one form', () => {
    assert.equal(begin('WWW.Example.COM:80\0').host, 'www.example.com')
    assert.equal(begin('[2001:DB8:0::0001]:80\0').host, '2001:db8::1')
    assert.equal(begin('a_b-c.example:80\0').host, 'a_b-c.example')
  })

  test('flags that are cut off count as none, bytes after them do not matter', () => {
    assert.equal(begin('a:1\0\0\0\x01').flags, 0)
    assert.equal(begin('a:1\0\0\0\0\x01').flags, 1)
    assert.equal(begin('a:1\0\0\0\0\x01and more').flags, 1)
    assert.equal(begin('a:1\0\xff\xff\xff\xff').flags, 0xffffffff)
  })

  test('what names no host and port is refused', () => {
    for (const text of [
      '',
      'a:80',
      '\0',
      ':80\0',
      'a\0',
      'a:\0',
      'a:0\0',
      'a:65536\0',
      'a:-1\0',
      'a:+80\0',
      'a: 80\0',
      'a:80 \0',
      'a:8x\0',
      'a:080000\0',
      'a b:80\0',
      'a\n:80\0',
      'a\x7f:80\0',
      '\xe4:80\0',
      `${'a'.repeat(256)}:80\0`,
      '::1:80\0',
      '2001:db8::1\0',
    ]) {
      assert.throws(() => begin(text), MalformedError, JSON.stringify(text))
    }
  })

  test('survives hostile bytes', () => {
    refusesEveryTruncation(decodeBegin, Buffer.from('www.example.com:80\0'))
    neverThrowsAnythingElse(decodeBegin, [encodeBegin({ host: 'www.example.com', port: 443, flags: 1 }), Buffer.from('[::1]:80\0')])
  })
})

describe('CONNECTED', () => {
  test('says the address and for how long, or nothing', () => {
    for (const [value, expected] of [
      [{ address: '192.0.2.1', ttl: 300 }, 'c0000201 0000012c'],
      [{ address: '2001:db8::1', ttl: 60 }, '00000000 06 20010db8000000000000000000000001 0000003c'],
      [{ address: undefined, ttl: 0 }, ''],
    ] as const) {
      assert.equal(encodeConnected(value).toString('hex'), expected.replaceAll(' ', ''))
      assert.deepEqual(decodeConnected(encodeConnected(value)), value)
    }
  })

  test('is read as C tor reads it', () => {
    assert.deepEqual(decodeConnected(hex('c0000201')), { address: '192.0.2.1', ttl: 0 })
    assert.deepEqual(decodeConnected(hex('c0000201 0000')), { address: '192.0.2.1', ttl: 0 })
    assert.deepEqual(decodeConnected(hex('c0000201 80000000')), { address: '192.0.2.1', ttl: 0 })
    assert.throws(() => decodeConnected(hex('c00002')), MalformedError)
    assert.throws(() => decodeConnected(hex('00000000 04 00000000 00000000')), MalformedError)
    const v6 = encodeConnected({ address: '::1', ttl: 1 })
    for (let length = 1; length < v6.length; length++) assert.throws(() => decodeConnected(v6.subarray(0, length)), MalformedError)
    neverThrowsAnythingElse(decodeConnected, [v6, encodeConnected({ address: '192.0.2.1', ttl: 300 })])
  })
})

describe('END', () => {
  test('carries a reason, and with EXITPOLICY an address', () => {
    assert.equal(encodeEnd({ reason: EndReason.DONE }).toString('hex'), '06')
    assert.equal(encodeEnd({ reason: EndReason.DONE, address: '192.0.2.1', ttl: 1 }).toString('hex'), '06')
    const refused = { reason: EndReason.EXITPOLICY, address: '192.0.2.1', ttl: 60 }
    assert.equal(encodeEnd(refused).toString('hex'), '04c00002010000003c')
    assert.deepEqual(decodeEnd(encodeEnd(refused)), refused)
    const v6 = { reason: EndReason.EXITPOLICY, address: '2001:db8::1', ttl: 60 }
    assert.deepEqual(decodeEnd(encodeEnd(v6)), v6)
    assert.deepEqual(decodeEnd(hex('04c0000201')), { reason: EndReason.EXITPOLICY, address: '192.0.2.1' })
  })

  test('is never wrong: empty means MISC, odd addresses are passed over', () => {
    assert.deepEqual(decodeEnd(Buffer.alloc(0)), { reason: EndReason.MISC })
    assert.deepEqual(decodeEnd(hex('ff')), { reason: 255 })
    assert.deepEqual(decodeEnd(hex('04c00002')), { reason: EndReason.EXITPOLICY })
    assert.deepEqual(decodeEnd(hex('06c0000201')), { reason: EndReason.DONE })
    neverThrowsAnythingElse(decodeEnd, [hex('04c00002010000003c')])
  })
})

describe('RESOLVE', () => {
  test('carries a name', () => {
    assert.equal(encodeResolve('www.example.com').toString(), 'www.example.com\0')
    assert.equal(decodeResolve(encodeResolve('WWW.example.com')), 'www.example.com')
    assert.equal(decodeResolve(Buffer.from('no.nul')), 'no.nul')
    assert.equal(decodeResolve(Buffer.from('a\0b')), 'a')
    assert.equal(decodeResolve(Buffer.from('1.2.0.192.in-addr.arpa\0')), '1.2.0.192.in-addr.arpa')
    for (const text of ['', '\0', 'a b', 'a\n', 'ä', 'a'.repeat(256)]) {
      assert.throws(() => decodeResolve(Buffer.from(text)), MalformedError, JSON.stringify(text))
    }
    neverThrowsAnythingElse(decodeResolve, [encodeResolve('www.example.com')])
  })
})

describe('RESOLVED', () => {
  const answers: ResolvedAnswer[] = [
    { kind: 'address', address: '192.0.2.1', ttl: 300 },
    { kind: 'address', address: '2001:db8::1', ttl: 300 },
    { kind: 'hostname', name: 'www.example.com', ttl: 60 },
  ]

  test('is read back', () => {
    const bytes = encodeResolved(answers)
    assert.equal(bytes.toString('hex', 0, 10), '0404c00002010000012c')
    assert.deepEqual(decodeResolved(bytes), answers)
    assert.deepEqual(decodeResolved(Buffer.alloc(0)), [])
    const error: ResolvedAnswer[] = [{ kind: 'error', transient: true, ttl: 5 }]
    assert.equal(encodeResolved(error).toString('hex'), 'f00000000005')
    assert.deepEqual(decodeResolved(encodeResolved(error)), error)
    assert.deepEqual(decodeResolved(hex('f103616263 00000001')), [{ kind: 'error', transient: false, ttl: 1 }])
  })

  test('errors beside answers and unknown types do not matter', () => {
    assert.deepEqual(decodeResolved(hex('f000 00000005 0404c0000201 0000012c 7702beef 00000000')), answers.slice(0, 1))
  })

  test('only as many answers as fit in one message are sent', () => {
    const many = Array.from({ length: 60 }, (): ResolvedAnswer => ({ kind: 'address', address: '2001:db8::1', ttl: 1 }))
    const bytes = encodeResolved(many)
    assert.ok(bytes.length <= 498)
    assert.equal(decodeResolved(bytes).length, 22)
  })

  test('refuses wrong lengths and names that are none', () => {
    for (const text of [
      '04',
      '0404c0000201',
      '0403c00002 00000001',
      '0605 0000000000 00000001',
      '0000 00000001',
      '000120 00000001',
      '000100 00000001',
    ]) {
      assert.throws(() => decodeResolved(hex(text)), MalformedError, text)
    }
    neverThrowsAnythingElse(decodeResolved, [encodeResolved(answers)])
  })
})
