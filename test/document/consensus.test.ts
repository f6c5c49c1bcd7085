import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { sha3_256 } from '../../main/crypto/digest.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { type Consensus, type Flavor, parseConsensus, parseConsensusSliced } from '../../main/document/consensus.ts'
import { assembleConsensus, formatConsensus, signConsensus } from '../../main/document/consensus-format.ts'
import { verifyConsensus } from '../../main/document/consensus-signature.ts'
import { buildKeyCertificate, type KeyCertificate, parseKeyCertificate, splitKeyCertificates } from '../../main/document/key-certificate.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { mutations, STOCK_NOW, stockTor, survives } from './fixtures.ts'

const NAMES = { ns: 'consensus', microdesc: 'consensus-microdesc' } as const
const FLAVORS: readonly Flavor[] = ['ns', 'microdesc']
const stock = (flavor: Flavor) => parseConsensus(stockTor(NAMES[flavor]))
const certificates = splitKeyCertificates(stockTor('key-certificates')).map(parseKeyCertificate)
const authorities = certificates.map(({ identity }) => identity)
/** Where the signatures begin. */
const bodyOf = (text: string) => text.slice(0, text.indexOf('\ndirectory-signature') + 1)

describe('stock tor', () => {
  test('its ns consensus', () => {
    const consensus = stock('ns')
    assert.deepEqual(
      [consensus.flavor, consensus.consensusMethod, consensus.voteSeconds, consensus.distSeconds, consensus.routers.length],
      ['ns', 35, 2, 2, 6],
    )
    assert.deepEqual([consensus.freshUntil - consensus.validAfter, consensus.validUntil - consensus.validAfter], [10_000, 30_000])
    assert.deepEqual(
      [...consensus.params],
      [
        ['AuthDirMaxServersPerAddr', 0],
        ['CircuitPriorityHalflifeMsec', 30_000],
        ['cc_alg', 2],
        ['maxunmeasuredbw', 25],
        ['x-neg', -5],
      ],
    )
    assert.deepEqual(consensus.clientVersions, ['0.4.8.12', '0.4.9.2-alpha', '0.4.9.11'])
    assert.equal(consensus.requiredRelayProtocols.supports('LinkAuth', 3), true)
    assert.equal(consensus.bandwidthWeights.get('Wgg'), 10_000)
    assert.equal(consensus.authorities.length, 3)
    assert.ok(
      consensus.authorities.every(
        ({ identity, dirPort, contact }) => authorities.includes(identity) && dirPort > 27_000 && contact === 'lab@localhost',
      ),
    )
    const relay5 = consensus.routers.find(({ nickname }) => nickname === 'relay5')!
    assert.deepEqual([...relay5.flags], ['Exit', 'Fast', 'Guard', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid'])
    assert.deepEqual(
      [relay5.version, relay5.orPort, relay5.dirPort, relay5.unmeasured, relay5.microdescriptorDigest],
      ['Tor 0.4.9.11', 27_051, 0, false, undefined],
    )
    assert.equal(relay5.portSummary?.allows(443), true)
    assert.equal(consensus.byFingerprint.get(relay5.fingerprint), relay5)
    assert.equal(
      consensus.sha3Digest,
      sha3_256(Buffer.from(`${bodyOf(consensus.text)}directory-signature `))
        .toString('hex')
        .toUpperCase(),
    )
  })

  test('its microdesc consensus lists the same relays', () => {
    const [ns, microdesc] = [stock('ns'), stock('microdesc')]
    assert.deepEqual(
      microdesc.routers.map(({ fingerprint }) => fingerprint),
      ns.routers.map(({ fingerprint }) => fingerprint),
    )
    assert.ok(
      microdesc.routers.every(
        ({ microdescriptorDigest, descriptorDigest, portSummary }) =>
          microdescriptorDigest?.length === 43 && !descriptorDigest && !portSummary,
      ),
    )
    assert.equal(microdesc.routers[0]!.published, Date.UTC(2038, 0, 1))
  })

  for (const flavor of FLAVORS) {
    test(`${flavor}: what we format from its values is what it wrote`, () => {
      const consensus = stock(flavor)
      assert.equal(assembleConsensus(flavor, formatConsensus(flavor, consensus), consensus.signatures), consensus.text)
    })

    test(`${flavor}: its signatures are good`, () => {
      assert.deepEqual(verifyConsensus(stock(flavor), certificates, authorities, STOCK_NOW), {
        good: stock(flavor).signatures.map(({ identity }) => identity),
        missing: [],
        bad: [],
        accepted: true,
      })
    })

    test(`${flavor}: in slices the same`, async () => {
      const sliced = await parseConsensusSliced(stockTor(NAMES[flavor]), AbortSignal.timeout(10_000))
      assert.deepEqual({ ...sliced, sha3Digest: sliced.sha3Digest }, { ...stock(flavor), sha3Digest: stock(flavor).sha3Digest })
    })

    test(`${flavor}: no change of the signed part is accepted, and only MalformedError is thrown`, () => {
      const { text } = stock(flavor)
      const signed = `${bodyOf(text)}directory-signature `
      fc.assert(
        fc.property(mutations(text), changed => {
          survives(() => {
            const { accepted } = verifyConsensus(parseConsensus(changed), certificates, authorities)
            assert.ok(!accepted || changed.startsWith(signed))
          })
        }),
        { numRuns: 400 },
      )
    })
  }
})

/** A network of five authorities whose documents we sign ourselves. */
async function ownNetwork() {
  const base = stock('ns')
  const signing = await Promise.all(Array.from({ length: 5 }, () => RsaPrivateKey.generate(1024)))
  const identities = await Promise.all(Array.from({ length: 5 }, () => RsaPrivateKey.generate(1024)))
  const certs = signing.map((key, i) =>
    parseKeyCertificate(buildKeyCertificate({ identity: identities[i]!, signing: key, published: 0, expires: STOCK_NOW })),
  )
  const body = formatConsensus('ns', {
    ...base,
    authorities: certs.map(({ identity }, i) => ({ ...base.authorities[0]!, nickname: `auth${i}`, identity })),
  })
  const signatures = certs.map(({ identity }, i) => signConsensus('ns', body, { identity, key: signing[i]! }))
  return { body, certs, signatures, signing, identities: certs.map(({ identity }) => identity) }
}

describe('signatures', () => {
  const network = ownNetwork()
  const verdict = (text: string, certs: readonly KeyCertificate[], known: readonly string[], now?: number) =>
    verifyConsensus(parseConsensus(text), certs, known, now)

  test('T13: more than half of the authorities must sign', async () => {
    const { body, certs, signatures, identities } = await network
    const signed = (count: number) => verdict(assembleConsensus('ns', body, signatures.slice(0, count)), certs, identities)
    assert.deepEqual(
      [1, 2, 3, 5].map(count => signed(count).accepted),
      [false, false, true, true],
    )
    assert.equal(signed(3).good.length, 3)
    // Of four, two are not more than half.
    assert.equal(verdict(assembleConsensus('ns', body, signatures.slice(0, 2)), certs, identities.slice(0, 4)).accepted, false)
    assert.equal(verdict(assembleConsensus('ns', body, signatures.slice(0, 3)), certs, []).accepted, false)
  })

  test('T13: one signer, however often, is one', async () => {
    const { body, certs, signatures, identities } = await network
    const one = assembleConsensus('ns', body, signatures.slice(0, 1)).slice(body.length)
    const repeated = verdict(body + one.repeat(20), certs, identities)
    assert.deepEqual([repeated.good, repeated.accepted], [[identities[0]], false])
    // Nor does a second certified key of the same authority make two of it.
    const secondKey = await RsaPrivateKey.generate(1024)
    const twoKeys =
      body +
      one +
      assembleConsensus('ns', body, [signConsensus('ns', body, { identity: identities[0]!, key: secondKey })]).slice(body.length)
    const secondCert = {
      ...certs[0]!,
      signingKey: secondKey.publicKey,
      signingKeyDigest: secondKey.fingerprint.toString('hex').toUpperCase(),
    }
    assert.deepEqual(verdict(twoKeys, [...certs, secondCert], identities).good, [identities[0]])
    // The list of authorities naming one twice changes nothing either.
    assert.equal(verdict(body + one, certs, [identities[0]!, identities[0]!, identities[0]!]).good.length, 1)
  })

  test('a signature by the key of another authority is bad', async () => {
    const { body, certs, identities, signing } = await network
    const forged = identities.map((identity, i) => ({
      ...signConsensus('ns', body, { identity, key: signing[0]! }),
      signingKeyDigest: certs[i]!.signingKeyDigest,
    }))
    const result = verdict(assembleConsensus('ns', body, forged), certs, identities)
    assert.deepEqual([result.good, result.bad, result.accepted], [[identities[0]], identities.slice(1).sort(), false])
  })

  test('without a live certificate a signature is missing, not bad', async () => {
    const { body, certs, signatures, identities } = await network
    const text = assembleConsensus('ns', body, signatures)
    const result = verdict(text, certs.slice(0, 2), identities)
    assert.deepEqual([result.good.length, result.missing.length, result.bad.length, result.accepted], [2, 3, 0, false])
    assert.deepEqual(
      new Set(result.missing.map(({ signingKeyDigest }) => signingKeyDigest)),
      new Set(certs.slice(2).map(({ signingKeyDigest }) => signingKeyDigest)),
    )
    assert.equal(verdict(text, certs, identities, STOCK_NOW).accepted, true)
    assert.equal(verdict(text, certs, identities, STOCK_NOW + 1).missing.length, 5)
  })

  test('strangers do not count', async () => {
    const { body, certs, signatures, identities } = await network
    const text = assembleConsensus('ns', body, signatures)
    assert.equal(verdict(text, certs, [...identities.slice(0, 2), 'F'.repeat(40), 'E'.repeat(40)]).accepted, false)
  })

  test('signatures of the other flavor are of something else', () => {
    const [ns, microdesc] = [stock('ns'), stock('microdesc')]
    const mixed = { ...microdesc, signatures: ns.signatures }
    assert.deepEqual(verifyConsensus(mixed, certificates, authorities).good, [])
    assert.equal(verifyConsensus({ ...ns, digest: microdesc.digest }, certificates, authorities).accepted, false)
  })
})

describe('grammar', () => {
  const text = stockTor('consensus')
  const reads = (changed: string): Consensus => parseConsensus(changed)

  test('unknown lines and arguments are skipped, in every part', () => {
    const changed = text
      .replace('known-flags', 'x-header some thing\nknown-flags')
      .replace(/^s /m, 'x-entry 1\nopt s\na [2001:db8::1]:9001\na 192.0.2.1:1\nid rsa1024 x\ns ')
      .replace(/^(r .*)$/m, '$1 more')
      .replace('directory-footer', 'directory-footer\nx-footer 1')
      .replace(/^voting-delay .*$/m, 'voting-delay 2 3 4')
    const consensus = reads(changed)
    assert.deepEqual(consensus.routers[0]!.orAddresses6, [{ address: '2001:db8::1', port: 9001 }])
    assert.equal(consensus.distSeconds, 3)
  })

  test('relays may lack v, w and p; a document may lack relays and weights', () => {
    const bare = reads(text.replace(/^(v|w|p|client-versions|server-versions|params|bandwidth-weights|re[cq]\w+-\w+-protocols) .*\n/gm, ''))
    assert.deepEqual(
      [bare.routers[0]!.version, bare.routers[0]!.bandwidth, bare.routers[0]!.portSummary, bare.params.size],
      [undefined, 0, undefined, 0],
    )
    const empty = reads(text.slice(0, text.indexOf('\nr ') + 1) + text.slice(text.indexOf('directory-footer')))
    assert.equal(empty.routers.length, 0)
  })

  test('shared random values', () => {
    const value = randomBytes(32)
    const line = (keyword: string) => `${keyword} 7 ${value.toString('base64')}\n`
    const consensus = reads(
      text.replace(/^dir-source/m, `${line('shared-rand-previous-value')}${line('shared-rand-current-value')}dir-source`),
    )
    assert.deepEqual(consensus.sharedRandomCurrent, { reveals: 7, value })
    assert.ok(formatConsensus('ns', consensus).includes(line('shared-rand-previous-value')))
  })

  test('what is refused', () => {
    const [first, second] = [...text.matchAll(/^r [\s\S]*?(?=^r |^directory-footer)/gm)].map(match => match[0]) as [string, string]
    const cases: readonly (readonly [string | RegExp, string])[] = [
      ['network-status-version 3', 'network-status-version 4'],
      ['network-status-version 3', 'network-status-version 3 other'],
      ['network-status-version 3', '\nnetwork-status-version 3'],
      ['vote-status consensus', 'vote-status vote'],
      [/^valid-after .*\n/m, ''],
      [/^fresh-until .*$/m, 'fresh-until 2020-01-01 00:00:00'],
      [/^valid-until .*$/m, 'valid-until never'],
      [/^voting-delay .*$/m, 'voting-delay 2'],
      [/^params .*$/m, 'params b=1 a=2'],
      [/^params .*$/m, 'params a=1 a=2'],
      [/^params .*$/m, 'params a=99999999999'],
      [/^params .*$/m, 'params a'],
      [/^params .*$/m, 'params =1'],
      [/^bandwidth-weights .*$/m, 'bandwidth-weights Wgg=many'],
      [/^dir-source .*\n/gm, ''],
      [/^dir-source (\S+) \S+/m, 'dir-source $1 1234'],
      [/^vote-digest .*\n/m, 'vote-digest 12\n'],
      [/^(vote-digest .*\n)/m, '$1$1'],
      [/^required-relay-protocols .*$/m, 'required-relay-protocols Link=64'],
      [/^pr .*$/m, 'pr Link=64'],
      [/^pr .*\n/m, ''],
      [/^s .*\n/m, ''],
      [/^(s .*\n)/m, '$1$1'],
      [/^(w .*\n)/m, '$1$1'],
      [/^w .*$/m, 'w Bandwidth=-1'],
      [/^w .*$/m, 'w Bandwidth=4294967296'],
      [/^p .*$/m, 'p sometimes'],
      [/^(r \S+) \S+/m, '$1 AAAA'],
      [/^r \S+/m, 'r bad_name'],
      [/^(r (\S+ ){5})\S+/m, '$1127.0.0.256'],
      [/^(r (\S+ ){6})\S+/m, '$165536'],
      [/^(r (\S+ ){3})\S+/m, '$12026-13-01'],
      [/^r .*$/m, 'r relay'],
      [/^s /m, '@annotation\ns '],
      [first + second, second + first],
      [first, first + first],
      [/^-----END SIGNATURE-----\n/m, '-----END SIGNATURE-----\nx-late\n'],
      [/^directory-signature \S+/m, `directory-signature ${'A'.repeat(40)}`],
      [/^directory-signature \S+ \S+/m, 'directory-signature A B'],
      [/-----BEGIN SIGNATURE-----/, '-----BEGIN SIGNATUR-----'],
      [/^directory-signature[\s\S]*$/m, ''],
      [/^directory-footer[\s\S]*$/m, ''],
      [/^r [\s\S]*$/m, ''],
      [/^known-flags/m, `x ${'y'.repeat(200_000)}\nknown-flags`],
    ]
    for (const [what, by] of cases) {
      const changed = text.replace(what, by)
      assert.notEqual(changed, text, String(what))
      assert.throws(() => reads(changed), MalformedError, `${what} → ${by}`)
    }
  })

  test('made to cost much, refused in little time', () => {
    const head = text.slice(0, text.indexOf('\nr ') + 1)
    const start = performance.now()
    for (const body of [
      'x\n'.repeat(2_000_000),
      'x'.repeat(5_000_000),
      `r ${'a '.repeat(1_000_000)}\n`,
      '-----BEGIN X-----\n'.repeat(100_000),
      '\n'.repeat(3_000_000),
    ]) {
      assert.throws(() => parseConsensus(`${head}r a\n${body}`), MalformedError)
      assert.throws(() => parseConsensus(body), MalformedError)
      assert.throws(() => parseConsensus(head + body), MalformedError)
    }
    assert.ok(performance.now() - start < 10_000)
  })
})

/** As many relays as the public network has, with values that differ. */
function largeConsensus(count: number): string {
  const base = stock('microdesc')
  const routers = Array.from({ length: count }, (_, i) => ({
    ...base.routers[i % base.routers.length]!,
    nickname: `relay${i}`,
    fingerprint: randomBytes(20).toString('hex').toUpperCase(),
    microdescriptorDigest: randomBytes(32).toString('base64').replace('=', ''),
    address: `${(i % 220) + 1}.${i % 251}.${i % 7}.9`,
    orAddresses6: i % 2 ? [{ address: `2001:db8::${i.toString(16)}`, port: 9001 }] : [],
  }))
  return assembleConsensus('microdesc', formatConsensus('microdesc', { ...base, routers }), base.signatures)
}

describe('size', () => {
  test('9000 relays are read well within a second, and in slices the event loop goes on', async () => {
    const text = largeConsensus(9000)
    parseConsensus(text)
    const cpu = process.cpuUsage()
    assert.equal(parseConsensus(text).routers.length, 9000)
    assert.ok(process.cpuUsage(cpu).user < 1_000_000, 'more than a second of CPU')
    let turns = 0
    const count = () => {
      turns++
      handle = setImmediate(count)
    }
    let handle = setImmediate(count)
    const sliced = await parseConsensusSliced(text, AbortSignal.timeout(30_000))
    clearImmediate(handle)
    assert.equal(sliced.routers.length, 9000)
    assert.ok(turns >= 4, `${turns} turns`)
  })

  test('slices stop when told to', async () => {
    const text = largeConsensus(3000)
    await assert.rejects(parseConsensusSliced(text, AbortSignal.abort(new Error('told'))), /told/)
    const controller = new AbortController()
    const work = parseConsensusSliced(text, controller.signal)
    setImmediate(() => controller.abort())
    await assert.rejects(work, { name: 'AbortError' })
  })
})
