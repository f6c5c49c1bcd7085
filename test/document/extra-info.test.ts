import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { buildExtraInfo, MAX_EXTRA_INFO_LENGTH, parseExtraInfo, splitExtraInfos } from '../../main/document/extra-info.ts'
import {
  buildServerDescriptor,
  parseServerDescriptor,
  type ServerDescriptorKeys,
  splitDescriptors,
} from '../../main/document/server-descriptor.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { mutations, NOW, relayFields, relayKeys, stockTor, survives } from './fixtures.ts'

let keys: ServerDescriptorKeys
const lines = ['write-history 2026-01-02 00:00:00 (86400 s) 1,2,3', 'dirreq-v3-ips', 'x-own thing']

before(async () => {
  keys = await relayKeys()
})

test('what we build reads back, and its digests are those of the descriptor', () => {
  const built = buildExtraInfo({ nickname: 'vantage1', published: NOW, lines }, keys)
  const owner = parseServerDescriptor(buildServerDescriptor({ ...relayFields, extraInfoDigest: built }, keys))
  const read = parseExtraInfo(built.text, { owner })
  assert.deepEqual([read.nickname, read.fingerprint, read.published], ['vantage1', owner.fingerprint, NOW])
  assert.deepEqual(owner.extraInfoDigest, { sha1: read.digest, sha256: read.sha256 })
  assert.deepEqual([...read.lines].sort(), [
    ['dirreq-v3-ips', ''],
    ['write-history', '2026-01-02 00:00:00 (86400 s) 1,2,3'],
    ['x-own', 'thing'],
  ])
})

test('what would not fit is left out from the end', () => {
  const built = buildExtraInfo(
    { nickname: 'vantage1', published: NOW, lines: [...lines, `x-long ${'é'.repeat(MAX_EXTRA_INFO_LENGTH / 2)}`, 'x-last 1'] },
    keys,
  )
  const read = parseExtraInfo(built.text)
  assert.deepEqual([...read.lines.keys()].sort(), ['dirreq-v3-ips', 'write-history', 'x-own'])
  const full = buildExtraInfo(
    { nickname: 'vantage1', published: NOW, lines: Array.from({ length: 2000 }, (_, i) => `x-${i} ${'y'.repeat(40)}`) },
    keys,
  )
  assert.ok(full.text.length <= MAX_EXTRA_INFO_LENGTH && full.text.length > MAX_EXTRA_INFO_LENGTH - 600)
  assert.ok(parseExtraInfo(full.text).lines.has('x-0'))
})

test('another relay cannot answer for it', async () => {
  const owner = parseServerDescriptor(buildServerDescriptor(relayFields, keys))
  const others = await relayKeys()
  const byOther = buildExtraInfo({ nickname: 'vantage1', published: NOW, lines }, others)
  assert.throws(() => parseExtraInfo(byOther.text, { owner }), MalformedError)
  // Its own certificate and Ed25519 signature, but a stranger's RSA key: only the owner's descriptor shows it.
  const half = buildExtraInfo({ nickname: 'vantage1', published: NOW, lines }, { ...keys, rsa: others.rsa }).text
  const forged = half.replaceAll(others.rsa.fingerprint.toString('hex').toUpperCase(), owner.fingerprint)
  assert.throws(() => parseExtraInfo(forged, { owner }), MalformedError)
})

test('breakage is noticed, and only by MalformedError', () => {
  const { text } = buildExtraInfo({ nickname: 'vantage1', published: NOW, lines }, keys)
  const owner = parseServerDescriptor(buildServerDescriptor(relayFields, keys))
  const signed = text.slice(0, text.indexOf('-----BEGIN SIGNATURE'))
  fc.assert(
    fc.property(mutations(text), changed => {
      const good = survives(() => parseExtraInfo(changed, { owner }))
      assert.ok(!good || changed.startsWith(signed))
    }),
    { numRuns: 300 },
  )
})

test('those of stock tor are good and belong to their descriptors', () => {
  const owners = new Map(
    splitDescriptors(stockTor('server-descriptors'))
      .map(source => parseServerDescriptor(source))
      .map(owner => [owner.fingerprint, owner]),
  )
  const all = splitExtraInfos(stockTor('extra-infos'))
  assert.equal(all.length, 6)
  for (const source of all) {
    const owner = owners.get(parseExtraInfo(source).fingerprint)!
    const read = parseExtraInfo(source, { owner })
    assert.deepEqual(owner.extraInfoDigest, { sha1: read.digest, sha256: read.sha256 })
  }
})
