import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { answerGet, type DirectoryAnswer, normalisePath } from '../../main/directory/answers.ts'
import { type DirectoryRequest, HttpHeaders } from '../../main/directory/http.ts'
import { parseConsensus } from '../../main/document/consensus.ts'
import { microdescriptorDigest } from '../../main/document/microdescriptor.ts'
import { FakeView, MICRODESCRIPTORS, makeAuthority, makeConsensus, RELAYS, type TinyAuthority } from './tiny-network.ts'

const NOW = Date.UTC(2030, 0, 1)
const HOUR = 3_600_000

describe('what a cache answers', () => {
  const view = new FakeView()
  let authorities: TinyAuthority[]
  let own: string | undefined
  let ownExtraInfo: string | undefined
  before(async () => {
    authorities = await Promise.all([1, 2, 3].map(() => makeAuthority(NOW)))
    view.certificates = authorities.map(authority => authority.certificate)
    for (const flavor of ['ns', 'microdesc'] as const) {
      view.texts[flavor] = makeConsensus(flavor, { validAfter: NOW - HOUR / 2, intervalMs: HOUR }, authorities)
    }
  })

  function get(path: string, headers: Record<string, string> = {}, now = NOW): DirectoryAnswer & { text: string } {
    const request: DirectoryRequest = { method: 'GET', path, headers: new HttpHeaders(headers), body: Buffer.alloc(0) }
    const source = { directory: view, ownDescriptor: () => own, ownExtraInfo: () => ownExtraInfo, frontPage: () => '<p>A relay.</p>' }
    const answer = answerGet(source, normalisePath(path).path, request, now)
    const { body = '' } = answer
    return { ...answer, text: typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString() : body.join('') }
  }
  const statusOf = (...args: Parameters<typeof get>) => get(...args).status

  test('both flavours of the consensus, until they stop being fresh', () => {
    for (const [path, flavor] of [
      ['consensus', 'ns'],
      ['consensus.z', 'ns'],
      ['consensus-ns', 'ns'],
      ['consensus-microdesc', 'microdesc'],
    ] as const) {
      const answer = get(`/tor/status-vote/current/${path}`)
      assert.equal(answer.text, view.texts[flavor], path)
      assert.equal(answer.lifetimeSeconds, 1800)
    }
    assert.equal(statusOf('/tor/status-vote/current/consensus-other'), 404)
    assert.equal(statusOf('/tor/status-vote/next/consensus'), 404)
    assert.equal(statusOf('/tor/status-vote/current/authority'), 404)
  })

  test('the consensus only to who trusts its signers: more than half of the fingerprints (or their beginnings) must have signed', () => {
    const base = '/tor/status-vote/current/consensus-microdesc'
    const [a, b] = authorities.map(authority => authority.identity) as [string, string]
    const strange = ['00'.repeat(20), '11'.repeat(20)]
    assert.equal(statusOf(`${base}/${a}`), 200)
    assert.equal(statusOf(`${base}/${a.slice(0, 6).toLowerCase()}+${b.slice(0, 6)}+${strange[0]}.z`), 200)
    const refused = get(`${base}/${a}+${strange[0]}`)
    assert.equal(refused.status, 404)
    assert.equal(refused.reason, 'Consensus not signed by sufficient number of requested authorities')
    assert.equal(statusOf(`${base}/${strange.join('+')}`), 404)
  })

  test('no consensus from a day after it expired, nor from a day before it is valid', () => {
    const { validAfter, validUntil } = parseConsensus(view.texts.ns!)
    const path = '/tor/status-vote/current/consensus'
    assert.equal(statusOf(path, {}, validUntil + 23 * HOUR), 200)
    assert.equal(get(path, {}, validUntil + 23 * HOUR).lifetimeSeconds, 0)
    assert.equal(get(path, {}, validUntil + 25 * HOUR).reason, 'Consensus is too old')
    assert.equal(get(path, {}, validAfter - 25 * HOUR).reason, 'Consensus is too new')
  })

  test('304 to who has the newest already, by time or by digest; no diffs', () => {
    const path = '/tor/status-vote/current/consensus'
    const { validAfter, sha3Digest } = parseConsensus(view.texts.ns!)
    assert.equal(statusOf(path, { 'If-Modified-Since': new Date(validAfter + 1000).toUTCString() }), 304)
    assert.equal(statusOf(path, { 'If-Modified-Since': new Date(validAfter - 1000).toUTCString() }), 200)
    assert.equal(statusOf(path, { 'If-Modified-Since': 'yesterday' }), 200)
    const other = 'AB'.repeat(32)
    assert.equal(statusOf(path, { 'X-Or-Diff-From-Consensus': `${other} ${sha3Digest.toLowerCase()}` }), 304)
    assert.equal(statusOf(path, { 'X-Or-Diff-From-Consensus': other }), 200)
    assert.equal(get(path).headers?.get('vary'), 'X-Or-Diff-From-Consensus')
    assert.equal(statusOf(`${path}/diff/${sha3Digest}/${authorities[0]!.identity}`), 304)
    assert.equal(get(`${path}/diff/${other}`).reason, 'No such diff available')
    assert.equal(get(`${path}/diff/xyz/`).reason, "Couldn't parse request")
  })

  test('server descriptors by digest, by fingerprint and all; doubles once, strangers left out', () => {
    const [a, b] = RELAYS as [(typeof RELAYS)[number], (typeof RELAYS)[number]]
    assert.equal(get(`/tor/server/d/${a.digest}`).text, a.text)
    assert.equal(get(`/tor/server/d/${a.digest.toLowerCase()}+${a.digest}+${'0'.repeat(40)}+short+${b.digest}.z`).text, a.text + b.text)
    assert.equal(get(`/tor/server/fp/${b.fingerprint}`).text, b.text)
    assert.equal(get('/tor/server/all').text, RELAYS.map(relay => relay.text).join(''))
    for (const path of ['d/', 'd/zz', 'fp/', `fp/${'0'.repeat(40)}`, 'other', '', 'authority'])
      assert.equal(statusOf(`/tor/server/${path}`), 404, path)
  })

  test('our own descriptor and extra-info by every name they have', () => {
    own = RELAYS[0]!.text
    ownExtraInfo = 'extra-info me 0123456789ABCDEF0123456789ABCDEF01234567\npublished x\nrouter-signature\nsig\n'
    const { digest, fingerprint } = RELAYS[0]!
    view.relays = []
    try {
      for (const path of ['authority', `d/${digest}`, `fp/${fingerprint}`]) assert.equal(get(`/tor/server/${path}`).text, own, path)
      for (const path of ['authority', 'all', 'fp/0123456789abcdef0123456789abcdef01234567'])
        assert.equal(get(`/tor/extra/${path}`).text, ownExtraInfo, path)
      assert.equal(statusOf(`/tor/extra/d/${digest}`), 404)
    } finally {
      view.relays = RELAYS
      own = ownExtraInfo = undefined
    }
  })

  test('microdescriptors by digest', () => {
    const digests = MICRODESCRIPTORS.slice(0, 2).map(microdescriptorDigest)
    assert.equal(get(`/tor/micro/d/${digests.join('-')}`).text, MICRODESCRIPTORS.slice(0, 2).join(''))
    assert.equal(get(`/tor/micro/d/${digests[0]}.z`).lifetimeSeconds, 48 * 3600)
    for (const path of ['', 'x', `${digests[0]}=`, 'A'.repeat(43)]) assert.equal(statusOf(`/tor/micro/d/${path}`), 404, path)
  })

  test('key certificates by all their names', () => {
    const [a, b] = view.certificates as [(typeof view.certificates)[number], (typeof view.certificates)[number]]
    assert.equal(get('/tor/keys/all').text, view.certificates.map(certificate => certificate.text).join(''))
    assert.equal(get(`/tor/keys/fp/${a.identity}`).text, a.text)
    assert.equal(get(`/tor/keys/sk/${b.signingKeyDigest}.z`).text, b.text)
    const pair = (certificate: typeof a) => `${certificate.identity}-${certificate.signingKeyDigest}`
    assert.equal(get(`/tor/keys/fp-sk/${pair(a)}+${pair(b).toLowerCase()}`).text, a.text + b.text)
    assert.equal(statusOf(`/tor/keys/fp-sk/${a.identity}-${b.signingKeyDigest}`), 404)
    assert.equal(statusOf('/tor/keys/authority'), 404)
    assert.equal(statusOf('/tor/keys/nonsense'), 400)
    assert.equal(statusOf('/tor/keys/all', { 'If-Modified-Since': new Date(NOW).toUTCString() }), 304)
  })

  test('a front page, robots kept out, and 404 for the rest', () => {
    assert.equal(get('/').contentType, 'text/html; charset=utf-8')
    assert.equal(get('/tor/').text, '<p>A relay.</p>')
    assert.equal(get('/robots.txt').text, get('/tor/robots.txt').text)
    for (const path of ['/tor', '/tor/../etc/passwd', '/tor/hs/3/x', '/tor/server', '*', '/index.html', '/tor/bytes.txt'])
      assert.equal(statusOf(path), 404, path)
  })
})
