import { createPrivateKey, generatePrimeSync } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ed25519Signer, generateEd25519 } from '../../main/crypto/ed25519.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { encodeTorCert, TorCertKeyType, TorCertType } from '../../main/crypto/tor-cert.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { ExitPolicy, PortSummary } from '../../main/document/exit-policy.ts'
import { makeMicrodescriptor, microdescriptorDigest } from '../../main/document/microdescriptor.ts'
import { buildServerDescriptor, parseServerDescriptor, type ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { type VoteRouter, versionFromPlatform } from '../../main/document/vote.ts'

/** A relay of a network as large as the public one: what a vote says of it, and its two documents. */
export interface SizedRelay {
  readonly router: VoteRouter
  readonly descriptor: string
  readonly microdescriptor: string
}

const FOLDER = join(import.meta.dirname, '../../out/bench')
/** The documents are kept, so their certificates must be good for years. */
const LIFETIME_MS = 10 * 365 * 86_400_000
/** Consensus methods whose microdescriptors differ on the public network, so that votes have as many `m` lines as there. */
const METHODS = [32, 33, 34, 35]
const PROTOCOLS =
  'Cons=1-2 Conflux=1 Desc=1-2 DirCache=2 FlowCtrl=1-2 HSDir=2 HSIntro=4-5 HSRend=1-2 Link=1-5 LinkAuth=1,3 Microdesc=1-2 Padding=2 Relay=1-4'
const EXIT =
  'accept *:20-23,accept *:43,accept *:53,accept *:79-81,accept *:88,accept *:110,accept *:143,accept *:443,accept *:993,reject *:*'

/**
 * Different 1024-bit keys from a small stock of primes: what makes 9,000 real ones slow is the search for primes. Any two keys that share a prime are
 * worthless as keys; signatures made with them take as long to check as others.
 */
class QuickKeys {
  readonly #primes: bigint[] = []
  #i = 0
  #j = 1

  next(): RsaPrivateKey {
    for (;;) {
      while (this.#primes.length <= this.#j) this.#primes.push(generatePrimeSync(512, { bigint: true }))
      const [p, q] = [this.#primes[this.#i]!, this.#primes[this.#j]!]
      if (++this.#i === this.#j) [this.#i, this.#j] = [0, this.#j + 1]
      const key = p === q ? undefined : keyOf(p, q)
      if (key) return key
    }
  }
}

const base64url = (value: bigint) => {
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}

/** The inverse of `a` modulo `m`; `undefined` when there is none. */
function inverse(a: bigint, m: bigint): bigint | undefined {
  let [r, next, x, nextX] = [m, a % m, 0n, 1n]
  while (next > 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[x, nextX] = [nextX, x - quotient * nextX]
  }
  return r === 1n ? (x + m) % m : undefined
}

function keyOf(p: bigint, q: bigint): RsaPrivateKey | undefined {
  const e = 65537n
  const d = inverse(e, (p - 1n) * (q - 1n))
  const qi = inverse(q, p)
  const n = p * q
  if (d === undefined || qi === undefined || n >> 1023n !== 1n) return undefined
  const [jn, je, jd, jp, jq, dp, dq, jqi] = [n, e, d, p, q, d % (p - 1n), d % (q - 1n), qi].map(base64url)
  const key = createPrivateKey({ key: { kty: 'RSA', n: jn, e: je, d: jd, p: jp, q: jq, dp, dq, qi: jqi }, format: 'jwk' })
  return RsaPrivateKey.fromPem(key.export({ format: 'pem', type: 'pkcs8' }).toString())
}

/** Spread over the IPv4 space and over country and AS data as relays are; nothing is ever sent there. */
function addressOf(index: number): string {
  const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0
  const first = [
    5, 23, 45, 51, 62, 77, 80, 81, 82, 84, 85, 89, 91, 93, 94, 95, 109, 135, 144, 151, 176, 178, 185, 188, 193, 194, 195, 212, 213,
  ]
  return `${first[index % first.length]}.${(mixed >>> 24) & 255}.${(mixed >>> 16) & 255}.${1 + ((mixed >>> 8) % 254)}`
}

/** The entry of a relay in the votes. `flags` and `bandwidth` are whatever the bench wants them to be. */
export function voteRouter(
  descriptor: ServerDescriptor,
  flags: readonly string[],
  bandwidth: number,
): { router: VoteRouter; microdescriptor: string } {
  const microdescriptor = makeMicrodescriptor(descriptor, 33)
  const digest = microdescriptorDigest(microdescriptor)
  const others = METHODS.filter(method => method !== 33)
  return {
    microdescriptor,
    router: {
      nickname: descriptor.nickname,
      fingerprint: descriptor.fingerprint,
      descriptorDigest: descriptor.digest,
      published: descriptor.published,
      address: descriptor.address,
      orPort: descriptor.orPort,
      dirPort: descriptor.dirPort,
      orAddresses6: [],
      flags: new Set(flags),
      version: versionFromPlatform(descriptor.platform),
      protocols: descriptor.protocols,
      bandwidth,
      unmeasured: false,
      measured: bandwidth,
      portSummary: descriptor.exitPolicy.summary(),
      ed25519Identity: descriptor.ed25519Identity.toString('base64').replace(/=+$/, ''),
      microdescriptorDigests: new Map([
        [33, digest],
        // Other methods make other texts; here other digests are enough.
        ...others.map(method => [method, microdescriptorDigest(`${method}${microdescriptor}`)] as const),
      ]),
      stats: { wfu: 0.98, timeKnown: 864_000, mtbf: 5_000_000 },
    },
  }
}

async function makeRelay(index: number, rsa: RsaPrivateKey, tapOnion: RsaPrivateKey, now: number): Promise<string> {
  const [edIdentity, signing] = [generateEd25519(), generateEd25519()]
  const isExit = index % 5 === 0
  const exitPolicy = ExitPolicy.parse(isExit ? EXIT : 'reject *:*', { rejectPrivate: true })
  const cert = encodeTorCert(
    {
      type: TorCertType.ED25519_SIGNING,
      expires: now + LIFETIME_MS,
      keyType: TorCertKeyType.ED25519,
      key: signing.public,
      includeSigner: true,
    },
    ed25519Signer(edIdentity),
  )
  return buildServerDescriptor(
    {
      nickname: `relay${index}`,
      address: addressOf(index),
      orPort: 9001 + (index % 7),
      dirPort: 0,
      platform: 'Tor 0.4.8.21 on Linux',
      protocols: PROTOCOLS,
      published: Math.floor(now / 1000) * 1000,
      uptimeSeconds: index * 60,
      bandwidth: { rate: 1_073_741_824, burst: 1_073_741_824, observed: 1_000_000 + index * 1000 },
      exitPolicy,
      ipv6Policy: isExit ? PortSummary.parse('accept 80,443') : undefined,
      contact: `email:operator${index % 700}[]relays.example url:https://relays.example/${index % 700} proof:uri-rsa ciissversion:2`,
      family: Array.from({ length: index % 6 }, (_, i) => `$${(index * 16 + i).toString(16).toUpperCase().padStart(40, 'F')}`),
      hiddenServiceDir: true,
      tunnelledDirServer: true,
      perspective: { version: 1, port: 9443, admits: 'stable', policy: PortSummary.parse('accept 80,443') },
      crossCertificateExpires: now + LIFETIME_MS,
    },
    { rsa, edIdentity, signing: { key: signing, cert }, ntor: generateX25519(), tapOnion },
  )
}

/**
 * So many relays with descriptors whose signatures and certificates are all good, all of them with perspective access. Made once (about half a minute)
 * and kept in out/bench, since nothing in them depends on the day.
 */
export async function publicSizedRelays(count: number): Promise<SizedRelay[]> {
  const file = join(FOLDER, `relays-${count}.txt`)
  let texts = await readFile(file, 'utf8').then(
    text => text.split('\0'),
    () => undefined,
  )
  if (!texts) {
    const now = Date.now()
    const keys = new QuickKeys()
    const tapOnion = keys.next()
    texts = []
    for (let i = 0; i < count; i++) texts.push(await makeRelay(i, keys.next(), tapOnion, now))
    await mkdir(FOLDER, { recursive: true })
    await writeFile(file, texts.join('\0'))
  }
  return texts.map((text, index) => {
    const descriptor = parseServerDescriptor(text)
    const flags = [
      'Fast',
      'HSDir',
      'Running',
      'Stable',
      'V2Dir',
      'Valid',
      ...(index % 3 === 0 ? ['Guard'] : []),
      ...(index % 5 === 0 ? ['Exit'] : []),
    ]
    // So little that no path of a bench goes through one of them.
    return { descriptor: text, ...voteRouter(descriptor, flags.sort(), 1) }
  })
}
