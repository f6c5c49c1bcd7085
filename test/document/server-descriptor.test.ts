import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { ed25519Signer, generateEd25519 } from '../../main/crypto/ed25519.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { encodeTorCert, TorCertKeyType, TorCertType } from '../../main/crypto/tor-cert.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { ExitPolicy, PortSummary } from '../../main/document/exit-policy.ts'
import { makeMicrodescriptor } from '../../main/document/microdescriptor.ts'
import { signRouterDocument } from '../../main/document/router-signature.ts'
import {
  buildServerDescriptor,
  MAX_DESCRIPTOR_LENGTH,
  parseServerDescriptor,
  type ServerDescriptorKeys,
  splitDescriptors,
} from '../../main/document/server-descriptor.ts'
import { encodeObject, tokenize } from '../../main/document/tokens.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { mutations, NOW, relayFields, relayKeys, STOCK_NOW, stockTor, survives } from './fixtures.ts'

let keys: ServerDescriptorKeys
let text: string
/** Everything before the signatures. */
let body: string

before(async () => {
  keys = await relayKeys()
  text = buildServerDescriptor(relayFields, keys)
  body = text.slice(0, text.indexOf('router-sig-ed25519'))
})

/** The descriptor with a changed body and good signatures. */
const resigned = (change: (body: string) => string) => signRouterDocument(change(body), keys)
const refuses = (source: string, why?: RegExp) =>
  assert.throws(
    () => parseServerDescriptor(source),
    (error: Error) => error instanceof MalformedError && (why?.test(error.message) ?? true),
  )

describe('a descriptor we build', () => {
  test('reads back as it was meant', () => {
    const read = parseServerDescriptor(text, { now: NOW })
    const { perspective, exitPolicy, ipv6Policy, protocols, crossCertificateExpires, ...plain } = relayFields
    for (const [key, value] of Object.entries(plain)) assert.deepEqual(read[key as keyof typeof read], value, key)
    assert.equal(read.fingerprint, keys.rsa.fingerprint.toString('hex').toUpperCase())
    assert.deepEqual(read.ed25519Identity, keys.edIdentity.public)
    assert.deepEqual(read.ntorKey, keys.ntor.public)
    assert.deepEqual(read.tapOnionKey, keys.tapOnion.publicDer)
    assert.equal(read.protocols.toString(), `${protocols} X-Perspective=1`)
    assert.deepEqual(read.perspective, { version: 1, port: 9003, admits: 'stable' })
    assert.equal(read.perspectivePolicy?.toString(), 'accept 80,443')
    assert.equal(read.ipv6Policy?.toString(), ipv6Policy?.toString())
    assert.deepEqual(read.exitPolicy.toDescriptorLines(), exitPolicy.toDescriptorLines())
    assert.equal(read.hibernating, false)
    assert.equal(read.text, text)
    assert.ok(read.certificatesExpire >= crossCertificateExpires && read.certificatesExpire < crossCertificateExpires + 3_600_000)
  })

  test('has the items in the order authorities know, and what is ours right behind tunnelled-dir-server', () => {
    const keywords = tokenize(text).map(({ keyword }) => keyword)
    assert.deepEqual(
      keywords.filter((keyword, i) => keyword !== keywords[i - 1] && keyword !== 'reject'),
      [
        ...[
          'router',
          'identity-ed25519',
          'master-key-ed25519',
          'or-address',
          'platform',
          'proto',
          'published',
          'fingerprint',
          'uptime',
          'bandwidth',
        ],
        ...[
          'extra-info-digest',
          'onion-key',
          'signing-key',
          'onion-key-crosscert',
          'ntor-onion-key-crosscert',
          'family',
          'hidden-service-dir',
          'contact',
        ],
        ...['ntor-onion-key', 'accept', 'ipv6-policy', 'tunnelled-dir-server', 'x-perspective-access', 'x-perspective-policy'],
        ...['router-sig-ed25519', 'router-signature'],
      ],
    )
    assert.match(
      text,
      /\ntunnelled-dir-server\nx-perspective-access 1 9003 stable\nx-perspective-policy accept 80,443\nrouter-sig-ed25519 /,
    )
    assert.match(text, /\nproto .* X-Perspective=1\n/)
  })

  test('needs little', () => {
    const { perspective, ipv6Policy, contact, family, orAddress6, extraInfoDigest, hiddenServiceDir, tunnelledDirServer, ...least } =
      relayFields
    const small = buildServerDescriptor(
      { ...least, dirPort: 0, exitPolicy: ExitPolicy.rejectAll, ipv6Policy: PortSummary.rejectAll, hibernating: true, overloadedAt: NOW },
      keys,
    )
    const read = parseServerDescriptor(small)
    assert.deepEqual(
      [
        read.perspective,
        read.ipv6Policy,
        read.contact,
        read.family,
        read.orAddress6,
        read.extraInfoDigest,
        read.tunnelledDirServer,
        read.hibernating,
      ],
      [undefined, undefined, undefined, [], undefined, undefined, false, true],
    )
    assert.equal(read.overloadedAt, Date.UTC(2026, 0, 2, 3), 'to the hour')
    assert.match(small, /\nreject \*:\*\noverload-general 1 2026-01-02 03:00:00\nrouter-sig/)
  })

  test('is refused before it leaves when authorities would drop it', () => {
    for (const bad of [
      { nickname: 'not-a-nickname' },
      { protocols: 'Per_spective=1' },
      { protocols: 'Link=64' },
      { orPort: 0 },
      { address: '2001:db8::1' },
      { bandwidth: { rate: 0, burst: 0, observed: 0 } },
      { family: ['$1234'] },
      { contact: 'x'.repeat(MAX_DESCRIPTOR_LENGTH) },
    ])
      assert.throws(() => buildServerDescriptor({ ...relayFields, ...bad }, keys), MalformedError)
  })

  test('a line break in free text does not become a line', () => {
    const read = parseServerDescriptor(
      buildServerDescriptor({ ...relayFields, contact: 'a\nrouter-signature\r\nb', platform: 'x\naccept *:*' }, keys),
    )
    assert.deepEqual([read.contact, read.platform], ['a router-signature b', 'x accept *:*'])
  })
})

describe('what is signed', () => {
  test('a change in any line is noticed', () => {
    const lines = text.split('\n')
    for (const [i, line] of lines.entries()) {
      if (line === '' || line.startsWith('-----')) continue
      const at = Math.min(line.length - 1, Math.floor(line.length / 2))
      const other = line[at] === 'A' ? 'B' : 'A'
      refuses([...lines.slice(0, i), line.slice(0, at) + other + line.slice(at + 1), ...lines.slice(i + 1)].join('\n'))
    }
  })

  test('any breakage of the document is noticed, and only by MalformedError', () => {
    const signed = text.slice(0, text.indexOf('-----BEGIN SIGNATURE'))
    fc.assert(
      fc.property(mutations(text), changed => {
        assert.ok(!survives(() => parseServerDescriptor(changed)) || changed.startsWith(signed))
      }),
      { numRuns: 300 },
    )
  })

  test('breakage under good signatures of the relay itself is survived', () => {
    fc.assert(
      fc.property(mutations(body), changed => {
        survives(() => {
          const read = parseServerDescriptor(resigned(() => changed))
          makeMicrodescriptor(read)
          assert.ok(read.nickname.length <= 19 && (read.contact?.length ?? 0) <= 2048 && (read.platform?.length ?? 0) <= 256)
        })
      }),
      { numRuns: 300 },
    )
  })

  test('each certificate must be by the key it is to be by', async () => {
    const others = await relayKeys()
    const replaced = (item: string, kind: string, object: Buffer) =>
      resigned(b =>
        b.replace(
          new RegExp(`(^${item}.*\\n)-----BEGIN ${kind}-----[^-]*-----END ${kind}-----\\n`, 'm'),
          `$1${encodeObject(kind, object)}`,
        ),
      )
    const cert =
      (type: number, key: Buffer, expires = NOW + 1e9, includeSigner = false) =>
      (signer: ReturnType<typeof ed25519Signer>) =>
        encodeTorCert({ type, expires, keyType: TorCertKeyType.ED25519, key, includeSigner }, signer)
    const own = ed25519Signer(keys.edIdentity)
    refuses(
      replaced('onion-key-crosscert', 'CROSSCERT', keys.rsa.signRaw(Buffer.concat([keys.rsa.fingerprint, keys.edIdentity.public]))),
      /signature by another|onion-key-crosscert/,
    )
    refuses(
      replaced('onion-key-crosscert', 'CROSSCERT', keys.tapOnion.signRaw(Buffer.concat([keys.rsa.fingerprint, others.edIdentity.public]))),
      /onion-key-crosscert/,
    )
    refuses(
      replaced('ntor-onion-key-crosscert', 'ED25519 CERT', cert(TorCertType.NTOR_CROSSCERT, keys.edIdentity.public)(own)),
      /ntor-onion-key-crosscert/,
    )
    // The signing key's certificate: of another type, without the master's name, by another master.
    refuses(
      replaced('identity-ed25519', 'ED25519 CERT', cert(TorCertType.LINK_AUTH, keys.signing.key.public, NOW + 1e9, true)(own)),
      /signing key certificate/,
    )
    refuses(
      replaced('identity-ed25519', 'ED25519 CERT', cert(TorCertType.ED25519_SIGNING, keys.signing.key.public)(own)),
      /signing key certificate/,
    )
    refuses(
      replaced(
        'identity-ed25519',
        'ED25519 CERT',
        cert(TorCertType.ED25519_SIGNING, keys.signing.key.public, NOW + 1e9, true)(ed25519Signer(others.edIdentity)),
      ),
      /other master key|crosscert/,
    )
    // More behind what the TAP key must sign is allowed.
    parseServerDescriptor(
      replaced(
        'onion-key-crosscert',
        'CROSSCERT',
        keys.tapOnion.signRaw(Buffer.concat([keys.rsa.fingerprint, keys.edIdentity.public, Buffer.alloc(9)])),
      ),
    )
  })

  test('keys of another relay do not fit in', async () => {
    refuses(signRouterDocument(body, { ...keys, rsa: await RsaPrivateKey.generate() }), /RSA signature/)
    refuses(signRouterDocument(body, { ...keys, signing: { ...keys.signing, key: generateEd25519() } }), /Ed25519 signature/)
    refuses(
      resigned(b => b.replace(/^ntor-onion-key \S+/m, `ntor-onion-key ${generateX25519().public.toString('base64')}`)),
      /ntor-onion-key-crosscert/,
    )
    refuses(
      resigned(b => b.replace(/^fingerprint \S{4}/m, 'fingerprint 0000')),
      /fingerprint/,
    )
  })

  test('expired certificates are told from live ones', () => {
    const { certificatesExpire } = parseServerDescriptor(text)
    assert.equal(parseServerDescriptor(text, { now: certificatesExpire - 1 }).nickname, 'vantage1')
    assert.throws(() => parseServerDescriptor(text, { now: certificatesExpire }), MalformedError)
  })

  test('identities have exactly 1024 bits', async () => {
    const rsa = await RsaPrivateKey.generate(2048)
    assert.throws(() => buildServerDescriptor(relayFields, { ...keys, rsa }), MalformedError)
    assert.throws(() => buildServerDescriptor(relayFields, { ...keys, tapOnion: rsa }), MalformedError)
  })
})

describe('grammar', () => {
  test('unknown lines, opt, further arguments and unknown or-addresses do no harm', () => {
    const read = parseServerDescriptor(
      resigned(
        b =>
          `${b.replace('uptime 3600', 'opt uptime 3600 more arguments').replace('or-address ', 'or-address 192.0.2.9:1\nor-address [::]:0\nor-address ')}x-some thing\nx-object\n${encodeObject('X', Buffer.alloc(9))}`,
      ),
    )
    assert.equal(read.uptimeSeconds, 3600)
    assert.deepEqual(read.orAddress6, relayFields.orAddress6)
  })

  test('rules that authorities hold us to', () => {
    const cases: readonly (readonly [RegExp | string, string])[] = [
      ['router vantage1', 'router vantage_1'],
      ['router vantage1', 'router aVeryVeryLongNickname'],
      ['192.0.2.7 9001', '192.0.2.7 0'],
      ['192.0.2.7 9001', '192.0.2.777 9001'],
      ['192.0.2.7 9001', '192.0.2.7 90001'],
      [/^bandwidth .*$/m, 'bandwidth -1 2 3'],
      [/^bandwidth .*$/m, 'bandwidth 1 2'],
      [/^bandwidth .*$/m, 'bandwidth 4294967296 2 3'],
      [/^bandwidth .*\n/m, ''],
      [/^published .*$/m, 'published 2026-02-30 00:00:00'],
      [/^uptime .*$/m, 'uptime soon'],
      [/^proto .*\n/m, ''],
      [/^proto .*$/m, 'proto Link'],
      [/^(proto .*\n)/m, '$1$1'],
      [/^(accept|reject) .*\n/gm, ''],
      [/^reject \*:\*$/m, 'reject6 *:*'],
      [/^ipv6-policy .*$/m, 'ipv6-policy sometimes'],
      [/^family .*$/m, 'family $123'],
      [/^master-key-ed25519 .*\n/m, ''],
      [/^ntor-onion-key .*\n/m, ''],
      [/^ntor-onion-key-crosscert \d/m, 'ntor-onion-key-crosscert 2'],
      [/^onion-key\n[\s\S]*?END RSA PUBLIC KEY-----\n/m, ''],
      [/^signing-key\n[\s\S]*?END RSA PUBLIC KEY-----\n/m, ''],
      [/^master-key/m, 'x-between\nmaster-key'],
      ['identity-ed25519\n', 'x-first\nidentity-ed25519\n'],
      [/^router /, '@source "x"\nrouter '],
      [/^platform/m, 'router-signature-of-mine x\nplatform'],
      [/^platform/m, 'router-sig-ed25519-of-mine x\nplatform'],
      [/^platform/m, `x ${'y'.repeat(MAX_DESCRIPTOR_LENGTH)}\nplatform`],
    ]
    // Not every one of these breaks the descriptor by itself ("x-between" does not): those must read.
    const harmless = new Set(['x-between\nmaster-key'])
    for (const [what, by] of cases) {
      const changed = resigned(b => b.replace(what, by))
      if (harmless.has(by)) parseServerDescriptor(changed)
      else refuses(changed)
    }
  })

  test('lines after the signatures or between them', () => {
    refuses(`${text}x-after\n`)
    refuses(text.replace('router-signature\n', 'x-between\nrouter-signature\n'))
    assert.equal(parseServerDescriptor(`${text}\n\n`).nickname, 'vantage1')
  })
})

describe('perspective lines', () => {
  const withLines = (lines: string) => parseServerDescriptor(resigned(b => b.replace(/^x-perspective-.*\n/gm, '').concat(lines)))
  test('forms that are understood', () => {
    assert.deepEqual(withLines('x-perspective-access 1 virtual running\n').perspective, { version: 1, port: 'virtual', admits: 'running' })
    assert.deepEqual(withLines('x-perspective-access 2 443 stable and more\n').perspective, { version: 2, port: 443, admits: 'stable' })
    const twice = withLines(
      'x-perspective-access 1 1 stable\nx-perspective-access 1 2 stable\nx-perspective-policy reject 25\nx-perspective-policy accept 1\n',
    )
    assert.deepEqual([twice.perspective?.port, twice.perspectivePolicy?.toString()], [1, 'reject 25'])
  })
  test('forms that are as if not there', () => {
    for (const line of [
      '1 0 stable',
      '1 65536 stable',
      '1 9003',
      '1 9003 always',
      '-1 9003 stable',
      'x 9003 stable',
      '',
      '1 port stable',
    ]) {
      assert.equal(withLines(`x-perspective-access ${line}\n`).perspective, undefined, line)
    }
    assert.equal(withLines('x-perspective-policy sometimes\n').perspectivePolicy, undefined)
  })
})

describe('stock tor', () => {
  test('its descriptors are good', () => {
    const all = splitDescriptors(stockTor('server-descriptors')).map(source => parseServerDescriptor(source, { now: STOCK_NOW }))
    assert.equal(all.length, 6)
    const relay3 = all.find(({ nickname }) => nickname === 'relay3')!
    assert.deepEqual(
      [relay3.platform, relay3.dirPort, relay3.tunnelledDirServer, relay3.exitPolicy.summary().toString()],
      ['Tor 0.4.9.11 on Linux', 0, true, 'accept 20-23,80-81'],
    )
    assert.ok(all.every(({ protocols }) => protocols.supports('LinkAuth', 3)))
  })

  test('a reply is cut at its documents, whatever stands between', () => {
    const source = stockTor('server-descriptors')
    const parts = splitDescriptors(source)
    assert.deepEqual(splitDescriptors(`rubbish\n@annotation\n${parts[0]}\n\nmore rubbish\n${parts[1]}router broken`), parts.slice(0, 2))
    assert.deepEqual(splitDescriptors(''), [])
    assert.deepEqual(splitDescriptors('router a\nrouter-signature\n'), [])
    fc.assert(
      fc.property(mutations(source.slice(0, 4000)), changed => void splitDescriptors(changed)),
      { numRuns: 50 },
    )
  })
})
