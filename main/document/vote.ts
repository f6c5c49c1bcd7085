import { sha1 } from '../crypto/digest.ts'
import type { RsaPrivateKey } from '../crypto/rsa.ts'
import { MalformedError } from '../lib/bytes.ts'
import { type ConsensusAuthority, parseDirSource } from './consensus.ts'
import { type KeyCertificate, parseKeyCertificate } from './key-certificate.ts'
import { Protocols } from './protocols.ts'
import { findEntry, formatFlags, formatRouterHead, RouterStatusReader, type VoteRouter } from './router-status.ts'
import { runInSlices, runToEnd, type SlicedWork } from './sliced-work.ts'
import {
  formatKeyValues,
  parseKeyValues,
  parseTimes,
  protocolsOf,
  type StatusTimes,
  splitFooter,
  splitStatusDocument,
  versionsOf,
} from './status-document.ts'
import {
  argumentsOf,
  checkLength,
  encodeObject,
  formatTime,
  hexDigest,
  Items,
  objectOf,
  parseInteger,
  parseTime,
  signedEnd,
  type Token,
} from './tokens.ts'

export type { VoteRouter } from './router-status.ts'

/** In bytes; real ones have 7 MB. */
const MAX_VOTE_LENGTH = 50 * 1024 * 1024
const MAX_FLAGS = 64
const MAX_METHODS = 64

/** Who votes. */
export type VoteAuthority = Omit<ConsensusAuthority, 'voteDigest'>

/** What an authority says in a vote (dir-spec 3.4.1). */
export interface VoteFields extends StatusTimes {
  /** ms */
  readonly published: number
  readonly consensusMethods: readonly number[]
  /** Recommended versions; left out by an authority that has no opinion. */
  readonly clientVersions?: readonly string[]
  readonly serverVersions?: readonly string[]
  readonly knownFlags: readonly string[]
  readonly recommendedRelayProtocols: string
  readonly requiredRelayProtocols: string
  readonly recommendedClientProtocols: string
  readonly requiredClientProtocols: string
  /**
   * By what the authority gives flags: "stable-uptime", "stable-mtbf", "guard-tk" (s), "fast-speed", "guard-bw-inc-exits",
   * "guard-bw-exc-exits" (bytes/s), "guard-wfu" (percent: 98 for "98.000%"), "enough-mtbf", "ignoring-advertised-bws" (0, 1).
   */
  readonly flagThresholds: ReadonlyMap<string, number>
  readonly params: ReadonlyMap<string, number>
  readonly authority: VoteAuthority
  /** For the key that signs this vote. */
  readonly certificate: KeyCertificate
  readonly routers: readonly VoteRouter[]
}

/** A vote with a good signature. That it comes from an authority we know is the caller's to check: `authority.identity`. */
export interface Vote extends VoteFields {
  readonly text: string
  /** SHA-1 of the signed part, 40 upper-case hex. */
  readonly digest: string
}

function parseThresholds(token: Token | undefined): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  for (const pair of token ? argumentsOf(token, 0) : []) {
    const equals = pair.indexOf('=')
    const text = pair.slice(equals + 1)
    const number = text.endsWith('%') ? text.slice(0, -1) : text
    if (equals < 1 || number.length > 30 || !/^\d+(\.\d+)?$/.test(number)) throw new MalformedError('bad flag-thresholds')
    values.set(pair.slice(0, equals), Number(number))
  }
  return values
}

function formatThresholds(values: ReadonlyMap<string, number>): string {
  return [...values].map(([key, value]) => ` ${key}=${key === 'guard-wfu' ? `${value.toFixed(3)}%` : value}`).join('')
}

function parseCertificate(header: readonly Token[], text: string): KeyCertificate {
  const first = header.find(({ keyword }) => keyword === 'dir-key-certificate-version')
  const last = header.find(({ keyword }) => keyword === 'dir-key-certification')
  if (!first || !last || last.start < first.start) throw new MalformedError('vote without a key certificate')
  return parseKeyCertificate(text.slice(first.start, last.end))
}

function parseFlags(item: Token): string[] {
  const flags = argumentsOf(item, 0)
  if (flags.length > MAX_FLAGS || flags.some((flag, i) => i > 0 && flag <= flags[i - 1]!)) throw new MalformedError('bad known-flags')
  return flags
}

/** All entries, and where they end; with `only`, at most that relay's entry. */
function* readRouters(
  text: string,
  entriesAt: number,
  knownFlags: readonly string[],
  only: string | undefined,
): SlicedWork<{ routers: VoteRouter[]; end: number }> {
  if (only !== undefined) {
    const footer = text.lastIndexOf('\ndirectory-footer\n')
    const end = (footer < 0 ? text.indexOf('\ndirectory-signature ', entriesAt - 1) : footer) + 1
    const at = findEntry(text, entriesAt, only)
    const routers = at === undefined ? [] : [new RouterStatusReader(text, at, 'vote', knownFlags).readOne() as VoteRouter]
    return { routers, end }
  }
  const reader = new RouterStatusReader(text, entriesAt, 'vote', knownFlags)
  const routers = (yield* reader.readAll()) as VoteRouter[]
  const identities = routers.flatMap(({ ed25519Identity }) => (ed25519Identity && ed25519Identity !== 'none' ? ed25519Identity : []))
  if (new Set(identities).size !== identities.length) throw new MalformedError('an Ed25519 identity occurs twice in a vote')
  return { routers, end: reader.offset }
}

function* parse(text: string, only?: string): SlicedWork<Vote> {
  checkLength(text, MAX_VOTE_LENGTH, 'vote')
  const { header, entriesAt } = splitStatusDocument(text)
  yield
  const items = new Items(header)
  if (argumentsOf(items.first('network-status-version'), 1).join(' ') !== '3') throw new MalformedError('unknown kind of vote')
  if (argumentsOf(items.one('vote-status'), 1)[0] !== 'vote') throw new MalformedError('no vote')
  const certificate = parseCertificate(header, text)
  const authority = { ...parseDirSource(items.one('dir-source')), contact: items.one('contact').rest }
  if (authority.identity !== certificate.identity) throw new MalformedError('certificate of another authority')
  const knownFlags = parseFlags(items.one('known-flags'))
  const protocols = (keyword: string) => Protocols.parse(protocolsOf(items, keyword)).toString()
  const fields = {
    ...parseTimes(items),
    published: parseTime(items.one('published').rest),
    consensusMethods: argumentsOf(items.one('consensus-methods'), 1)
      .slice(0, MAX_METHODS)
      .map(method => parseInteger(method, 1, 1_000_000)),
    clientVersions: versionsOf(items, 'client-versions'),
    serverVersions: versionsOf(items, 'server-versions'),
    knownFlags,
    recommendedRelayProtocols: protocols('recommended-relay-protocols'),
    requiredRelayProtocols: protocols('required-relay-protocols'),
    recommendedClientProtocols: protocols('recommended-client-protocols'),
    requiredClientProtocols: protocols('required-client-protocols'),
    flagThresholds: parseThresholds(items.optional('flag-thresholds')),
    params: parseKeyValues(items.optional('params')),
    authority,
    certificate,
  }
  const { routers, end } = yield* readRouters(text, entriesAt, knownFlags, only)
  const { signatures } = splitFooter(text, end)
  yield
  const [signature, second] = signatures
  if (!signature || second) throw new MalformedError('vote with more than one signature')
  const [identity, signingKey] = argumentsOf(signature, 2) as [string, string]
  if (hexDigest(identity) !== certificate.identity || hexDigest(signingKey) !== certificate.signingKeyDigest)
    throw new MalformedError('vote signed by another key')
  const digest = sha1(Buffer.from(text.slice(0, signedEnd(text, signature, ' '))))
  if (!certificate.signingKey.verifyRaw(digest, objectOf(signature, 'SIGNATURE'))) throw new MalformedError('bad signature of a vote')
  return { ...fields, routers, text, digest: digest.toString('hex').toUpperCase() }
}

/** Parses a vote and verifies the certificate in it and its signature. Expiry is the caller's. @throws MalformedError */
export function parseVote(text: string): Vote {
  return runToEnd(parse(text))
}

/**
 * Like {@link parseVote}, but gives the event loop back about every 8 ms. With `only` (40 upper-case hex), `routers` holds at most that relay: of the public
 * network's thousands the others are then not parsed, though still signed.
 */
export function parseVoteSliced(text: string, signal: AbortSignal, only?: string): Promise<Vote> {
  return runInSlices(parse(text, only), signal)
}

function formatMicrodescriptorLines(digests: ReadonlyMap<number, string>): string {
  const byDigest = new Map<string, number[]>()
  for (const [method, digest] of [...digests].sort(([a], [b]) => a - b)) byDigest.set(digest, [...(byDigest.get(digest) ?? []), method])
  return [...byDigest].map(([digest, methods]) => `m ${methods.join(',')} sha256=${digest}\n`).join('')
}

function formatEntry(router: VoteRouter): string {
  const { stats, measured } = router
  return [
    formatRouterHead(router, 'vote'),
    formatFlags(router.flags),
    router.version === undefined ? '' : `v ${router.version}\n`,
    `pr ${router.protocols}\n`,
    `w Bandwidth=${router.bandwidth}${measured === undefined ? '' : ` Measured=${measured}`}\n`,
    router.portSummary ? `p ${router.portSummary}\n` : '',
    router.ed25519Identity === undefined ? '' : `id ed25519 ${router.ed25519Identity}\n`,
    stats ? `stats wfu=${stats.wfu.toFixed(6)} tk=${Math.floor(stats.timeKnown)} mtbf=${stats.mtbf.toFixed(0)}\n` : '',
    formatMicrodescriptorLines(router.microdescriptorDigests),
  ].join('')
}

/**
 * Makes and signs a vote, lines in C tor's order. Stock authorities and clients want at least 2 s for each delay, in test networks at least
 * 10 s (else 300 s) between valid-after and fresh-until, and twice that to valid-until.
 */
export function formatVote(fields: VoteFields, signingKey: RsaPrivateKey): string {
  const { authority, certificate } = fields
  const routers = [...fields.routers].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
  const versions = (keyword: string, list: readonly string[] | undefined) => (list ? `${keyword} ${list.join(',')}\n` : '')
  const body = [
    'network-status-version 3\n',
    'vote-status vote\n',
    `consensus-methods ${fields.consensusMethods.join(' ')}\n`,
    `published ${formatTime(fields.published)}\n`,
    `valid-after ${formatTime(fields.validAfter)}\n`,
    `fresh-until ${formatTime(fields.freshUntil)}\n`,
    `valid-until ${formatTime(fields.validUntil)}\n`,
    `voting-delay ${fields.voteSeconds} ${fields.distSeconds}\n`,
    versions('client-versions', fields.clientVersions),
    versions('server-versions', fields.serverVersions),
    `recommended-relay-protocols ${fields.recommendedRelayProtocols}\n`,
    `recommended-client-protocols ${fields.recommendedClientProtocols}\n`,
    `required-relay-protocols ${fields.requiredRelayProtocols}\n`,
    `required-client-protocols ${fields.requiredClientProtocols}\n`,
    `known-flags ${[...fields.knownFlags].sort().join(' ')}\n`,
    `flag-thresholds${formatThresholds(fields.flagThresholds)}\n`,
    `params ${formatKeyValues(fields.params)}\n`,
    `dir-source ${authority.nickname} ${authority.identity} ${authority.hostname} ${authority.address} ${authority.dirPort} ${authority.orPort}\n`,
    `contact ${authority.contact ?? ''}\n`,
    certificate.text,
    ...routers.map(formatEntry),
    'directory-footer\n',
    'directory-signature ',
  ].join('')
  const signature = signingKey.signRaw(sha1(Buffer.from(body)))
  return `${body}${authority.identity} ${certificate.signingKeyDigest}\n${encodeObject('SIGNATURE', signature)}`
}

/** What the `v` line of a relay says, from the platform of its descriptor: "Tor 0.4.9.11" of "Tor 0.4.9.11 on Linux", nothing for other software. */
export function versionFromPlatform(platform: string | undefined): string | undefined {
  if (!platform?.startsWith('Tor ')) return undefined
  const [name, version, revision] = platform.split(/[ \t]/, 3)
  return revision?.startsWith('(r') ? `${name} ${version} ${revision}` : `${name} ${version}`
}
