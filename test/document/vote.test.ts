import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { sha1 } from '../../main/crypto/digest.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { buildKeyCertificate, parseKeyCertificate } from '../../main/document/key-certificate.ts'
import { findEntry } from '../../main/document/router-status.ts'
import { encodeObject } from '../../main/document/tokens.ts'
import { formatVote, parseVote, parseVoteSliced, type VoteFields, versionFromPlatform } from '../../main/document/vote.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { mutations, STOCK_NOW, stockTor, survives } from './fixtures.ts'

const stock = (i: number) => parseVote(stockTor(`vote-${i}`))

describe('stock tor', () => {
  test('what its vote says', () => {
    const vote = stock(0)
    assert.deepEqual([vote.authority.nickname, vote.authority.dirPort, vote.authority.contact], ['auth0', 27_002, 'lab@localhost'])
    assert.equal(vote.certificate.identity, vote.authority.identity)
    assert.deepEqual(vote.consensusMethods, [32, 33, 34, 35])
    assert.deepEqual(vote.clientVersions, ['0.4.8.12', '0.4.9.2-alpha', '0.4.9.11'])
    assert.equal(vote.params.get('x-neg'), -5)
    assert.deepEqual(
      [...vote.flagThresholds.keys()],
      [
        'stable-uptime',
        'stable-mtbf',
        'fast-speed',
        'guard-wfu',
        'guard-tk',
        'guard-bw-inc-exits',
        'guard-bw-exc-exits',
        'enough-mtbf',
        'ignoring-advertised-bws',
      ],
    )
    assert.equal(vote.flagThresholds.get('guard-wfu'), 98)
    const relay4 = vote.routers.find(({ nickname }) => nickname === 'relay4')!
    assert.equal(relay4.measured, 1274)
    assert.equal(relay4.ed25519Identity?.length, 43)
    assert.deepEqual([...relay4.microdescriptorDigests.keys()], [32, 33, 34, 35])
    assert.equal(relay4.stats?.wfu, 1)
    assert.ok((relay4.stats?.timeKnown ?? 0) > 10 && (relay4.stats?.mtbf ?? 0) > 10)
    // "MeasuredButAuthority" is for the record only.
    assert.equal(vote.routers.find(({ nickname }) => nickname === 'auth2')!.measured, undefined)
  })

  test('in slices the same', async () => {
    assert.deepEqual(await parseVoteSliced(stockTor('vote-1'), AbortSignal.timeout(10_000)), stock(1))
  })

  test('asked about one relay, it holds that one alone, or none; its signature counts as ever', async () => {
    const signal = AbortSignal.timeout(10_000)
    const { routers, ...rest } = stock(1)
    for (const router of routers) {
      const vote = await parseVoteSliced(stockTor('vote-1'), signal, router.fingerprint)
      assert.deepEqual(vote, { ...rest, routers: [router] })
    }
    assert.deepEqual((await parseVoteSliced(stockTor('vote-1'), signal, 'AB'.repeat(20))).routers, [])
    const { fingerprint, nickname } = routers[0]!
    const changed = rest.text.replace(`r ${nickname} `, `r ${nickname}x `)
    await assert.rejects(parseVoteSliced(changed, signal, routers[1]!.fingerprint), MalformedError)
    // What looks like an identity in another place is none.
    const entry = `r other ${Buffer.from('CD'.repeat(20), 'hex').toString('base64').slice(0, 27)} ${Buffer.from(fingerprint, 'hex').toString('base64').slice(0, 27)} 2026-01-01 00:00:00 192.0.2.1 1 0\n`
    assert.equal(findEntry(entry, 0, fingerprint), undefined)
    assert.equal(findEntry(`x\n${entry}`, 0, 'CD'.repeat(20)), 2)
    for (const text of [rest.text.slice(0, 500), rest.text.replaceAll('directory-', 'x'), ''])
      await assert.rejects(parseVoteSliced(text, signal, fingerprint), MalformedError)
  })

  test('no change of the signed part is accepted, and only MalformedError is thrown', () => {
    const { text } = stock(2)
    const signed = text.slice(0, text.indexOf('-----BEGIN SIGNATURE', text.indexOf('directory-signature')))
    fc.assert(
      fc.property(mutations(text), changed => {
        assert.ok(!survives(() => parseVote(changed)) || changed.startsWith(signed))
      }),
      { numRuns: 400 },
    )
  })
})

describe('our votes', () => {
  const own = (async () => {
    const [identity, signing] = await Promise.all([RsaPrivateKey.generate(2048), RsaPrivateKey.generate(2048)])
    const certificate = parseKeyCertificate(buildKeyCertificate({ identity, signing, published: 0, expires: STOCK_NOW }))
    const base = stock(0)
    const fields: VoteFields = { ...base, certificate, authority: { ...base.authority, identity: certificate.identity } }
    return { fields, signing }
  })()
  /** A vote with a good signature whose text was changed before signing. */
  const signed = async (change: (body: string) => string) => {
    const { fields, signing } = await own
    const plain = formatVote(fields, signing)
    const body = change(plain.slice(0, plain.lastIndexOf('directory-signature ')))
    const signature = signing.signRaw(sha1(Buffer.from(`${body}directory-signature `)))
    return `${body}directory-signature ${fields.authority.identity} ${fields.certificate.signingKeyDigest}\n${encodeObject('SIGNATURE', signature)}`
  }

  test('read back as they were meant', async () => {
    const { fields, signing } = await own
    const { text, digest, ...read } = parseVote(formatVote(fields, signing))
    const { text: _, digest: __, ...meant } = fields as VoteFields & { text: string; digest: string }
    assert.deepEqual(read, meant)
    assert.equal(digest.length, 40)
  })

  test('are in one order whatever order the values are in', async () => {
    const { fields, signing } = await own
    const shuffled = {
      ...fields,
      routers: [...fields.routers].reverse(),
      knownFlags: [...fields.knownFlags].reverse(),
      params: new Map([...fields.params].reverse()),
    }
    assert.equal(formatVote(shuffled, signing), formatVote(fields, signing))
  })

  test('may say less of a relay', async () => {
    const { fields, signing } = await own
    const [first, ...others] = fields.routers
    const { stats, ed25519Identity, portSummary, version, measured, ...least } = first!
    const { clientVersions, serverVersions, ...few } = fields
    const read = parseVote(formatVote({ ...few, routers: [{ ...least, microdescriptorDigests: new Map() }, ...others] }, signing))
    assert.deepEqual([read.clientVersions, read.serverVersions], [undefined, undefined])
    assert.deepEqual(
      [read.routers[0]!.stats, read.routers[0]!.ed25519Identity, read.routers[0]!.version],
      [undefined, undefined, undefined],
    )
    assert.equal(read.routers[0]!.microdescriptorDigests.size, 0)
  })

  test('of different microdescriptors for different methods', async () => {
    const { fields, signing } = await own
    const [first, ...others] = fields.routers
    const [a, b] = ['A'.repeat(43), 'C'.repeat(42).concat('A')]
    const microdescriptorDigests = new Map([
      [33, a],
      [34, b],
      [35, b],
    ])
    const text = formatVote({ ...fields, routers: [{ ...first!, microdescriptorDigests }, ...others] }, signing)
    assert.ok(text.includes(`m 33 sha256=${a}\nm 34,35 sha256=${b}\n`))
    assert.deepEqual(parseVote(text).routers[0]!.microdescriptorDigests, microdescriptorDigests)
  })

  test('signed by a key that the certificate does not name', async () => {
    const { fields } = await own
    const stranger = await RsaPrivateKey.generate(2048)
    assert.throws(() => parseVote(formatVote(fields, stranger)), /bad signature/)
  })

  test('with a certificate for another authority', async () => {
    const { fields, signing } = await own
    assert.throws(
      () => parseVote(formatVote({ ...fields, authority: { ...fields.authority, identity: 'A'.repeat(40) } }, signing)),
      MalformedError,
    )
    assert.throws(() => parseVote(formatVote({ ...fields, certificate: stock(1).certificate }, signing)), MalformedError)
  })

  test('what authorities must not say', async () => {
    const cases: readonly (readonly [string | RegExp, string])[] = [
      [/^known-flags .*$/m, 'known-flags Valid Running Exit'],
      [/^known-flags .*$/m, `known-flags ${Array.from({ length: 65 }, (_, i) => `A${i + 10}`).join(' ')}`],
      [/^s .*$/m, 's Unheard-of'],
      [/^w .*\n/m, ''],
      [/^w .*$/m, 'w Bandwidth=1 Measured=x'],
      [/^id ed25519 .*$/m, 'id ed25519 AAAA'],
      [/^stats .*$/m, 'stats wfu=1.0.0 tk=1 mtbf=1'],
      [/^stats .*$/m, 'stats wfu=1 tk=1'],
      [/^stats .*$/m, 'stats wfu=1e99 tk=1 mtbf=1'],
      [/^m .*$/m, 'm 33 sha256=AAAA'],
      [/^m .*$/m, `m x sha256=${'A'.repeat(43)}`],
      [/^p .*$/m, 'p accept udp:1,80'],
      [/^flag-thresholds .*$/m, 'flag-thresholds a=b'],
      [/^consensus-methods .*$/m, 'consensus-methods'],
      [/^consensus-methods .*$/m, 'consensus-methods 33 x'],
      [/^contact .*\n/m, ''],
      [/^published .*\n/m, ''],
      [/^dir-key-certificate-version[\s\S]*?(?=^r )/m, ''],
      [/^dir-key-expires .*$/m, 'dir-key-expires 2099-01-01 00:00:00'],
      ['network-status-version 3', 'network-status-version 3 microdesc'],
    ]
    parseVote(await signed(body => body))
    for (const [what, by] of cases) {
      const changed = await signed(body => body.replace(what, by))
      assert.throws(() => parseVote(changed), MalformedError, `${what} → ${by}`)
    }
    const twice = await signed(body => {
      const [first, second] = [...body.matchAll(/^id ed25519 .*$/gm)].map(match => match[0])
      return body.replace(second!, first!)
    })
    assert.throws(() => parseVote(twice), /twice/)
    parseVote(await signed(body => body.replaceAll(/^id ed25519 .*$/gm, 'id ed25519 none')))
    const text = await signed(body => body)
    assert.throws(() => parseVote(text + text.slice(text.lastIndexOf('directory-signature'))), MalformedError)
  })

  test('breakage under a good signature is survived', async () => {
    const { fields } = await own
    const body = stock(0).text
    const entries = body.slice(body.indexOf('\nr ') + 1, body.indexOf('directory-footer'))
    const changed = fc.sample(mutations(entries), 150)
    for (const text of changed) {
      const vote = await signed(whole => whole.slice(0, whole.indexOf('\nr ') + 1) + text + whole.slice(whole.indexOf('directory-footer')))
      survives(() => parseVote(vote))
    }
    assert.ok(fields.routers.length > 0)
  })
})

test('the v line from a platform', () => {
  assert.deepEqual(
    ['Tor 0.4.9.11 on Linux', 'Tor 0.2.0.1 (r1234) on x', 'Tor 0.4.8.1-alpha-dev', 'Vantage 0.1 on Linux', 'Torch 1', undefined].map(
      versionFromPlatform,
    ),
    ['Tor 0.4.9.11', 'Tor 0.2.0.1 (r1234)', 'Tor 0.4.8.1-alpha-dev', undefined, undefined, undefined],
  )
})
