import type { Ed25519KeyPair } from '../crypto/ed25519.ts'
import { type RsaPrivateKey, RsaPublicKey, rsaPublicPem } from '../crypto/rsa.ts'
import type { X25519KeyPair } from '../crypto/x25519.ts'
import { MalformedError } from '../lib/bytes.ts'
import { canonicalIp, type IpAddress, isIPv4 } from '../lib/ip.ts'
import {
  formatNtorCrossCertificate,
  formatTapCrossCertificate,
  verifyFamilyCertificates,
  verifyNtorCrossCertificate,
  verifyTapCrossCertificate,
} from './cross-certificates.ts'
import { ExitPolicy, PortSummary } from './exit-policy.ts'
import {
  formatPerspectiveLines,
  PERSPECTIVE_PROTOCOL,
  PERSPECTIVE_VERSION,
  type PerspectiveOffer,
  parsePerspectiveLines,
} from './perspective-lines.ts'
import { Protocols } from './protocols.ts'
import { formatIdentityItem, signRouterDocument, splitRouterDocuments, verifyRouterDocument } from './router-signature.ts'
import {
  argumentsOf,
  base64NoPad,
  checkLength,
  decodeBase64,
  formatTime,
  hexDigest,
  Items,
  objectOf,
  parseInteger,
  parseNickname,
  parseTime,
  type Token,
  tokenize,
} from './tokens.ts'

export type { PerspectiveOffer } from './perspective-lines.ts'

/** What authorities take at most, in bytes. */
export const MAX_DESCRIPTOR_LENGTH = 20_000
/** Longer free text is cut in the value (not in `text`). */
const MAX_CONTACT = 2048
const MAX_PLATFORM = 256
const MAX_INT32 = 2 ** 31 - 1

export interface Bandwidth {
  /** bytes/s */
  readonly rate: number
  readonly burst: number
  readonly observed: number
}

/** A server descriptor (dir-spec 2.1.1) whose signatures, certificates and cross-certificates were all good. */
export interface ServerDescriptor {
  readonly nickname: string
  readonly address: IpAddress
  readonly orPort: number
  /** 0: none. */
  readonly dirPort: number
  readonly orAddress6?: { readonly address: IpAddress; readonly port: number }
  readonly platform?: string
  readonly protocols: Protocols
  readonly published: number
  /** 40 upper-case hex. */
  readonly fingerprint: string
  /** RSA identity key. */
  readonly identityKey: RsaPublicKey
  /** Master identity, 32 bytes. */
  readonly ed25519Identity: Buffer
  readonly uptimeSeconds: number
  readonly bandwidth: Bandwidth
  readonly ntorKey: Buffer
  /** PKCS#1 DER of the TAP onion key, which authorities still demand. */
  readonly tapOnionKey?: Buffer
  readonly exitPolicy: ExitPolicy
  readonly ipv6Policy?: PortSummary
  readonly contact?: string
  /** Members as written ("$HEX", "$HEX=name" or nickname). */
  readonly family: readonly string[]
  /** Families it proved to be of ("ed25519:..."). */
  readonly familyIds: readonly string[]
  readonly hibernating: boolean
  /** When it was last overloaded by its own account (ms, to the hour). */
  readonly overloadedAt?: number
  readonly tunnelledDirServer: boolean
  readonly hiddenServiceDir: boolean
  readonly perspective?: PerspectiveOffer
  readonly perspectivePolicy?: PortSummary
  readonly extraInfoDigest?: { readonly sha1: string; readonly sha256?: string }
  /** When the first of its certificates expires (ms). Authorities do not list a relay after that. */
  readonly certificatesExpire: number
  /** SHA-1 of the signed part, 40 upper-case hex. */
  readonly digest: string
  readonly text: string
}

function orAddress6(items: Items): ServerDescriptor['orAddress6'] {
  for (const item of items.all('or-address')) {
    const found = parseIPv6Port(argumentsOf(item, 1)[0]!)
    if (found) return found
  }
  return undefined
}

/** "[2001:db8::1]:9001" as address and port; `undefined` for anything else (further kinds of addresses are for what may come). */
export function parseIPv6Port(text: string): { address: IpAddress; port: number } | undefined {
  const bracket = text.indexOf(']:')
  const address = text.startsWith('[') && bracket > 0 ? canonicalIp(text.slice(0, bracket + 1)) : undefined
  const port = text.slice(bracket + 2)
  if (!address || isIPv4(address) || port === '' || port.length > 5 || /[^0-9]/.test(port)) return undefined
  const number = Number(port)
  return number >= 1 && number <= 65535 ? { address, port: number } : undefined
}

function parseKey1024(item: Token): RsaPublicKey {
  const key = RsaPublicKey.fromDer(objectOf(item, 'RSA PUBLIC KEY'))
  if (key.bits !== 1024 || key.exponent !== 65537) throw new MalformedError(`${item.keyword} is no 1024-bit key`)
  return key
}

function parseFamily(item: Token | undefined): string[] {
  const members = item ? argumentsOf(item, 0) : []
  for (const member of members) {
    if (!member.startsWith('$')) parseNickname(member)
    else if (member.length === 41 || member[41] === '=' || member[41] === '~') {
      hexDigest(member.slice(1, 41))
      if (member.length > 41) parseNickname(member.slice(42))
    } else throw new MalformedError('bad family member')
  }
  return members
}

function parseExtraInfoDigest(item: Token | undefined): ServerDescriptor['extraInfoDigest'] {
  if (!item) return undefined
  const [sha1Hex, sha256] = argumentsOf(item, 1)
  return { sha1: hexDigest(sha1Hex!), ...(sha256 === undefined ? {} : { sha256: base64NoPad(decodeBase64(sha256, 32)) }) }
}

/** A copy with memory of its own. Small buffers are cut from shared slabs, and one that stays keeps all its slab alive. */
function keep(bytes: Uint8Array): Buffer {
  const copy = Buffer.alloc(bytes.length)
  copy.set(bytes)
  return copy
}

/** "overload-general 1 YYYY-MM-DD HH:MM:SS"; another version, or what cannot be read, says nothing. */
function parseOverload(item: Token | undefined): number | undefined {
  const time = item && /^1 (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$/.exec(item.rest)?.[1]
  const ms = time === undefined ? Number.NaN : Date.parse(`${time.replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

const optionalInteger = (item: Token | undefined) => (item ? parseInteger(argumentsOf(item, 1)[0]!, 0, Number.MAX_SAFE_INTEGER) : 0)

/**
 * Parses a descriptor and verifies all it holds: both signatures, the signing key certificate, cross-certificates, family certificates and
 * the fingerprint. Expiry of certificates is checked when `now` (ms) is given.
 * @throws MalformedError
 */
export function parseServerDescriptor(source: string, options: { now?: number } = {}): ServerDescriptor {
  checkLength(source, MAX_DESCRIPTOR_LENGTH, 'server descriptor')
  const bytes = Buffer.from(source)
  // A copy: a slice would keep the whole reply alive that it was cut from.
  const text = bytes.toString()
  const items = new Items(tokenize(text))
  const [nickname, address, orPort, , dirPort] = argumentsOf(items.first('router'), 5) as [string, string, string, string, string]
  const identityKey = parseKey1024(items.one('signing-key'))
  const signed = verifyRouterDocument(text, bytes, items)
  if (!signed.isSignedBy(identityKey)) throw new MalformedError('bad RSA signature')
  const { ed25519Identity } = signed
  if (!decodeBase64(argumentsOf(items.one('master-key-ed25519'), 1)[0]!, 32).equals(ed25519Identity))
    throw new MalformedError('other master key')
  const fingerprint = identityKey.fingerprint.toString('hex').toUpperCase()
  const declared = items.optional('fingerprint')
  if (declared && hexDigest(declared.rest.replaceAll(' ', '')) !== fingerprint) throw new MalformedError('other fingerprint')

  const tapItem = items.optional('onion-key')
  const tapOnionKey = tapItem && parseKey1024(tapItem)
  if (tapOnionKey) verifyTapCrossCertificate(items, tapOnionKey, identityKey, ed25519Identity)
  else if (items.optional('onion-key-crosscert')) throw new MalformedError('onion-key-crosscert without onion-key')
  const ntorKey = decodeBase64(argumentsOf(items.one('ntor-onion-key'), 1)[0]!, 32)
  const ntorCert = verifyNtorCrossCertificate(items, ntorKey, ed25519Identity)
  const families = verifyFamilyCertificates(items, ed25519Identity)
  const certificatesExpire = Math.min(signed.cert.expires, ntorCert.expires, ...families.certs.map(cert => cert.expires))
  if (options.now !== undefined && certificatesExpire <= options.now) throw new MalformedError('expired certificate')

  if (canonicalIp(address) !== address || !isIPv4(address)) throw new MalformedError('router address is no IPv4 address')
  const [rate, burst, observed] = argumentsOf(items.one('bandwidth'), 3).map(text => parseInteger(text, 0, MAX_INT32)) as [
    number,
    number,
    number,
  ]
  if (rate < 1) throw new MalformedError('bandwidth of 0')
  const policyLines = items.list.filter(({ keyword }) => ['accept', 'reject', 'accept6', 'reject6'].includes(keyword))
  if (policyLines.length === 0) throw new MalformedError('descriptor without an exit policy')
  const ipv6Policy = items.optional('ipv6-policy')
  const dirPortNumber = parseInteger(dirPort, 0, 65535)
  const perspective = parsePerspectiveLines(items)
  const identityDer = keep(identityKey.der)
  return {
    nickname: parseNickname(nickname),
    address,
    orPort: parseInteger(orPort, 1, 65535),
    dirPort: dirPortNumber,
    orAddress6: orAddress6(items),
    platform: items.optional('platform')?.rest.slice(0, MAX_PLATFORM),
    protocols: Protocols.parse(items.one('proto').rest),
    published: parseTime(items.one('published').rest),
    fingerprint,
    // Made when asked for: a key that verified something holds a native key, much larger than itself.
    get identityKey() {
      return RsaPublicKey.fromDer(identityDer)
    },
    ed25519Identity: keep(ed25519Identity),
    uptimeSeconds: optionalInteger(items.optional('uptime')),
    bandwidth: { rate, burst, observed },
    ntorKey: keep(ntorKey),
    tapOnionKey: tapOnionKey && keep(tapOnionKey.der),
    exitPolicy: ExitPolicy.fromDescriptor(policyLines.map(({ keyword, rest }) => `${keyword} ${rest}`)),
    ipv6Policy: ipv6Policy && PortSummary.parse(ipv6Policy.rest),
    contact: items.optional('contact')?.rest.slice(0, MAX_CONTACT),
    family: parseFamily(items.optional('family')),
    familyIds: families.ids,
    hibernating: optionalInteger(items.optional('hibernating')) !== 0,
    overloadedAt: parseOverload(items.optional('overload-general')),
    tunnelledDirServer: items.optional('tunnelled-dir-server') !== undefined || dirPortNumber > 0,
    hiddenServiceDir: items.optional('hidden-service-dir') !== undefined,
    perspective: perspective.offer,
    perspectivePolicy: perspective.policy,
    extraInfoDigest: parseExtraInfoDigest(items.optional('extra-info-digest')),
    certificatesExpire,
    digest: signed.digest.toString('hex').toUpperCase(),
    text,
  }
}

/** Cuts a reply of several descriptors into the text of each; what is between them (annotations, rubbish) is dropped. */
export function splitDescriptors(text: string): string[] {
  return splitRouterDocuments(text, 'router')
}

/** What a relay says about itself; see {@link ServerDescriptor} for units. */
export interface ServerDescriptorFields {
  readonly nickname: string
  readonly address: IpAddress
  readonly orPort: number
  readonly dirPort: number
  readonly orAddress6?: { readonly address: IpAddress; readonly port: number }
  readonly platform: string
  /** Without X-Perspective, which is added last when `perspective` is given. */
  readonly protocols: string
  readonly published: number
  readonly uptimeSeconds: number
  readonly bandwidth: Bandwidth
  readonly exitPolicy: ExitPolicy
  /** Left out of the document when it rejects everything. */
  readonly ipv6Policy?: PortSummary
  readonly contact?: string
  readonly family?: readonly string[]
  readonly hibernating?: boolean
  readonly hiddenServiceDir?: boolean
  readonly tunnelledDirServer?: boolean
  readonly perspective?: PerspectiveOffer & { readonly policy: PortSummary }
  /** From `buildExtraInfo`. */
  readonly extraInfoDigest?: { readonly sha1: string; readonly sha256: string }
  /** When the ntor cross-certificate expires (ms): the life of the onion key. */
  readonly crossCertificateExpires: number
  /** When the relay was last overloaded (ms), written to the hour (dir-spec 2.1.1 "overload-general"). */
  readonly overloadedAt?: number
}

export interface ServerDescriptorKeys {
  readonly rsa: RsaPrivateKey
  readonly edIdentity: Ed25519KeyPair
  /** Medium-term signing key and its encoded certificate (type 4, naming the master identity). */
  readonly signing: { readonly key: Ed25519KeyPair; readonly cert: Buffer }
  readonly ntor: X25519KeyPair
  readonly tapOnion: RsaPrivateKey
}

const HOUR_MS = 3_600_000

/** A line without line breaks in its text. */
const textLine = (keyword: string, text: string | undefined) => (text ? `${keyword} ${text.replace(/[\r\n\0]+/g, ' ')}\n` : '')

/**
 * Makes and signs a descriptor, items in C tor's order, and reads it back: what authorities would silently drop must not leave the house.
 * @throws MalformedError when the fields do not make a good descriptor
 */
export function buildServerDescriptor(fields: ServerDescriptorFields, keys: ServerDescriptorKeys): string {
  const { perspective, bandwidth, orAddress6, extraInfoDigest } = fields
  const master = keys.edIdentity.public
  const protocols = perspective ? `${fields.protocols} ${PERSPECTIVE_PROTOCOL}=${PERSPECTIVE_VERSION}`.trim() : fields.protocols
  const fingerprint = keys.rsa.fingerprint
    .toString('hex')
    .toUpperCase()
    .replace(/(.{4})(?=.)/g, '$1 ')
  const text = signRouterDocument(
    [
      `router ${fields.nickname} ${fields.address} ${fields.orPort} 0 ${fields.dirPort}\n`,
      formatIdentityItem(keys.signing.cert),
      `master-key-ed25519 ${base64NoPad(master)}\n`,
      orAddress6 ? `or-address [${orAddress6.address}]:${orAddress6.port}\n` : '',
      textLine('platform', fields.platform),
      `proto ${protocols}\n`,
      `published ${formatTime(fields.published)}\n`,
      `fingerprint ${fingerprint}\n`,
      `uptime ${Math.floor(fields.uptimeSeconds)}\n`,
      `bandwidth ${[bandwidth.rate, bandwidth.burst, bandwidth.observed].map(value => Math.min(Math.floor(value), MAX_INT32)).join(' ')}\n`,
      extraInfoDigest ? `extra-info-digest ${extraInfoDigest.sha1} ${extraInfoDigest.sha256}\n` : '',
      `onion-key\n${rsaPublicPem(keys.tapOnion.publicDer)}`,
      `signing-key\n${rsaPublicPem(keys.rsa.publicDer)}`,
      formatTapCrossCertificate(keys.tapOnion, keys.rsa, master),
      formatNtorCrossCertificate(keys.ntor, master, fields.crossCertificateExpires),
      fields.family?.length ? `family ${fields.family.join(' ')}\n` : '',
      fields.hibernating ? 'hibernating 1\n' : '',
      fields.hiddenServiceDir ? 'hidden-service-dir\n' : '',
      textLine('contact', fields.contact),
      `ntor-onion-key ${base64NoPad(keys.ntor.public)}\n`,
      ...fields.exitPolicy.toDescriptorLines().map(line => `${line}\n`),
      fields.ipv6Policy && !fields.ipv6Policy.rejectsAll ? `ipv6-policy ${fields.ipv6Policy}\n` : '',
      fields.tunnelledDirServer ? 'tunnelled-dir-server\n' : '',
      perspective ? formatPerspectiveLines(perspective, perspective.policy) : '',
      fields.overloadedAt === undefined ? '' : `overload-general 1 ${formatTime(Math.floor(fields.overloadedAt / HOUR_MS) * HOUR_MS)}\n`,
    ].join(''),
    keys,
  )
  parseServerDescriptor(text)
  return text
}
