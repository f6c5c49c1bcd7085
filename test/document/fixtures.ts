import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { ed25519Signer, generateEd25519 } from '../../main/crypto/ed25519.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { encodeTorCert, TorCertKeyType, TorCertType } from '../../main/crypto/tor-cert.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { ExitPolicy, PortSummary } from '../../main/document/exit-policy.ts'
import type { ServerDescriptorFields, ServerDescriptorKeys } from '../../main/document/server-descriptor.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

const DAY = 86_400_000

/**
 * Documents of one round of a private network of stock tor 0.4.9.11 on loopback: three authorities (two measured, differing policies, families,
 * parameters, recommended versions) and three relays.
 */
export function stockTor(name: string): string {
  return readFileSync(join(import.meta.dirname, '../vectors/stock-tor', name), 'utf8')
}

/** A moment at which the stock documents are live. */
export const STOCK_NOW = Date.UTC(2026, 10, 22, 12, 44)

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

/** A relay's keys; its signing certificate lives 30 days from {@link NOW}. */
export async function relayKeys(): Promise<ServerDescriptorKeys> {
  const [edIdentity, key] = [generateEd25519(), generateEd25519()]
  const cert = encodeTorCert(
    { type: TorCertType.ED25519_SIGNING, expires: NOW + 30 * DAY, keyType: TorCertKeyType.ED25519, key: key.public, includeSigner: true },
    ed25519Signer(edIdentity),
  )
  return {
    rsa: await RsaPrivateKey.generate(),
    edIdentity,
    signing: { key, cert },
    ntor: generateX25519(),
    tapOnion: await RsaPrivateKey.generate(),
  }
}

export const relayFields: ServerDescriptorFields = {
  nickname: 'vantage1',
  address: '192.0.2.7',
  orPort: 9001,
  dirPort: 9030,
  orAddress6: { address: '2001:db8::7', port: 9001 },
  platform: 'Vantage 0.1.0 on Linux',
  protocols: 'Cons=2 Desc=2 DirCache=2 Link=4-5 LinkAuth=3 Microdesc=2 Relay=2-4',
  published: NOW,
  uptimeSeconds: 3600,
  bandwidth: { rate: 1_000_000, burst: 2_000_000, observed: 500_000 },
  exitPolicy: ExitPolicy.parse('accept *:80, accept *:443, reject *:*', { rejectPrivate: true }),
  ipv6Policy: PortSummary.parse('accept 80,443'),
  contact: 'Ünïcode <relay@example.org>',
  family: [`$${'A'.repeat(40)}`, `$${'b'.repeat(40)}~Name`, 'Friend'],
  hiddenServiceDir: true,
  tunnelledDirServer: true,
  perspective: { version: 1, port: 9003, admits: 'stable', policy: PortSummary.parse('accept 80,443') },
  extraInfoDigest: { sha1: '1'.repeat(40), sha256: Buffer.alloc(32, 7).toString('base64').replace('=', '') },
  crossCertificateExpires: NOW + 28 * DAY,
}

/** Runs what reads a document from outside; anything but a value or MalformedError fails the test. Gives whether there was a value. */
export function survives(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    assert.equal(error.name, 'MalformedError')
    return false
  }
}

const SNIPPETS = [
  '\n',
  ' ',
  '\0',
  '\r\n',
  'opt ',
  '@a b\n',
  '-----BEGIN X-----\n',
  '-----END X-----\n',
  'r \n',
  '=',
  '9'.repeat(30),
  '\u{1f980}',
  '\ud800',
  'A'.repeat(300),
]

/** The document with one to three places broken: characters changed, pieces cut out, doubled, moved or put in. */
export function mutations(text: string): fc.Arbitrary<string> {
  const at = fc.nat(text.length)
  const mutation = fc.oneof(
    fc.tuple(fc.constant('put' as const), at, fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ maxLength: 8 }))),
    fc.tuple(fc.constant('cut' as const), at, fc.nat(80)),
    fc.tuple(fc.constant('change' as const), at, fc.constantFrom(...'0Aa/ -\n')),
    fc.tuple(fc.constant('double' as const), at, fc.nat(120)),
    fc.tuple(fc.constant('end' as const), at, fc.constant(0)),
  )
  return fc.array(mutation, { minLength: 1, maxLength: 3 }).map(list =>
    list.reduce((now, [kind, place, what]) => {
      const [head, tail] = [now.slice(0, place), now.slice(place)]
      if (kind === 'put') return `${head}${what}${tail}`
      if (kind === 'cut') return head + tail.slice(what)
      if (kind === 'change') return `${head}${what}${tail.slice(1)}`
      return kind === 'double' ? head + tail.slice(0, what) + tail : head
    }, text),
  )
}
