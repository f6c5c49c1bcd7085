import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  decodePaNegotiate,
  decodePaStatus,
  encodePaNegotiate,
  encodePaStatus,
  PA_VERSION,
  PaCapability,
  PaPurpose,
  PaStatusCode,
} from '../../main/cell/pa.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from '../crypto/hostile.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('PA_NEGOTIATE', () => {
  const ask = { version: PA_VERSION, capabilities: PaCapability.CLEAR, purpose: PaPurpose.PROBE }
  const bytes = encodePaNegotiate(ask)

  test('is read back, also with fields of later versions behind it', () => {
    assert.equal(bytes.toString('hex'), '010000000101')
    assert.deepEqual(decodePaNegotiate(bytes), ask)
    assert.deepEqual(decodePaNegotiate(Buffer.concat([bytes, Buffer.from('later')])), ask)
  })

  test('another version is refused, and so is what is cut', () => {
    assert.throws(() => decodePaNegotiate(hex('000000000101')), MalformedError)
    assert.throws(() => decodePaNegotiate(hex('020000000101')), MalformedError)
    refusesEveryTruncation(decodePaNegotiate, bytes)
    neverThrowsAnythingElse(decodePaNegotiate, [bytes])
  })
})

describe('PA_STATUS', () => {
  const status = { version: PA_VERSION, status: PaStatusCode.BUSY, capabilities: 1, retryAfter: 300, detail: 'full – später' }
  const bytes = encodePaStatus(status)

  test('is read back', () => {
    assert.equal(encodePaStatus({ ...status, detail: 'ab' }).toString('hex'), '010b000000010000012c026162')
    assert.deepEqual(decodePaStatus(bytes), status)
    assert.equal(decodePaStatus(hex('01ff00000000000000ff00')).status, 255, 'a code we do not know')
  })

  test('a long detail is cut between characters', () => {
    const { detail } = decodePaStatus(encodePaStatus({ ...status, detail: 'ä'.repeat(200) }))
    assert.equal(detail, 'ä'.repeat(127))
  })

  test('a detail cannot bring control characters or broken text into a log', () => {
    assert.equal(decodePaStatus(encodePaStatus({ ...status, detail: 'a\nb\x1b[31mc\u0085d\u2028e' })).detail, 'a b [31mc d e')
    assert.equal(decodePaStatus(hex('010b0000000000000000 02 fffe'.replaceAll(' ', ''))).detail, '\ufffd\ufffd')
  })

  test('another version is refused, and so is what is cut', () => {
    assert.throws(() => decodePaStatus(Buffer.concat([Buffer.of(2), bytes.subarray(1)])), MalformedError)
    refusesEveryTruncation(decodePaStatus, bytes)
    neverThrowsAnythingElse(decodePaStatus, [bytes])
  })
})
