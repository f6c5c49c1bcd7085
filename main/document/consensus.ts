import { sha1, sha256 } from '../crypto/digest.ts'
import { RunningSha3 } from '../crypto/running-sha3.ts'
import { MalformedError } from '../lib/bytes.ts'
import { canonicalIp, type IpAddress, isIPv4 } from '../lib/ip.ts'
import { Protocols } from './protocols.ts'
import { type Flavor, type RouterStatus, RouterStatusReader } from './router-status.ts'
import { runInSlices, runToEnd, type SlicedWork } from './sliced-work.ts'
import {
  parseKeyValues,
  parseTimes,
  protocolsOf,
  type StatusTimes,
  splitFooter,
  splitStatusDocument,
  versionsOf,
} from './status-document.ts'
import { argumentsOf, checkLength, decodeBase64, hexDigest, Items, objectOf, parseInteger, signedEnd, type Token } from './tokens.ts'

export type { Flavor, RouterStatus } from './router-status.ts'

/** In bytes; the real one has 3 MB. */
const MAX_CONSENSUS_LENGTH = 50 * 1024 * 1024
const MAX_SIGNATURES = 256

/** One authority whose vote is in the consensus. */
export interface ConsensusAuthority {
  readonly nickname: string
  /** v3ident, 40 upper-case hex. */
  readonly identity: string
  readonly hostname: string
  readonly address: IpAddress
  readonly dirPort: number
  readonly orPort: number
  readonly contact?: string
  /** SHA-1 of its vote, 40 upper-case hex; missing for an old ("legacy") identity of an authority. */
  readonly voteDigest?: string
}

/** One signature at the end of a consensus. */
export interface ConsensusSignature {
  readonly algorithm: 'sha1' | 'sha256'
  /** v3ident, 40 upper-case hex. */
  readonly identity: string
  /** 40 upper-case hex. */
  readonly signingKeyDigest: string
  readonly signature: Buffer
}

/** The value of the day that authorities drew together; `reveals` of them took part. */
export interface SharedRandom {
  readonly reveals: number
  /** 32 bytes. */
  readonly value: Buffer
}

/** A consensus (dir-spec 3.4). Parsing it proves nothing: see `verifyConsensus`. */
export interface Consensus extends StatusTimes {
  readonly flavor: Flavor
  readonly consensusMethod: number
  readonly clientVersions: readonly string[]
  readonly serverVersions: readonly string[]
  readonly knownFlags: readonly string[]
  readonly recommendedRelayProtocols: Protocols
  readonly requiredRelayProtocols: Protocols
  readonly recommendedClientProtocols: Protocols
  readonly requiredClientProtocols: Protocols
  readonly params: ReadonlyMap<string, number>
  readonly bandwidthWeights: ReadonlyMap<string, number>
  readonly sharedRandomPrevious?: SharedRandom
  readonly sharedRandomCurrent?: SharedRandom
  readonly authorities: readonly ConsensusAuthority[]
  /** Sorted by fingerprint. */
  readonly routers: readonly RouterStatus[]
  readonly byFingerprint: ReadonlyMap<string, RouterStatus>
  readonly signatures: readonly ConsensusSignature[]
  readonly text: string
  /** Of the signed part, what the signatures sign: SHA-1 (ns) or SHA-256 (microdesc). */
  readonly digest: Buffer
  /**
   * SHA3-256 of the signed part, 64 upper-case hex: how the diff protocol names it.
   * After {@link parseConsensus} it is computed when first asked for, which takes 0.1 s for the public network.
   */
  readonly sha3Digest: string
}

/** How much is hashed before a slice of work may end, in bytes: about 3 ms. */
const HASH_STEP = 64 * 1024

function* hashSha3(bytes: Buffer): SlicedWork<string> {
  const hash = new RunningSha3()
  for (let at = 0; at < bytes.length; at += HASH_STEP) {
    hash.update(bytes.subarray(at, at + HASH_STEP))
    yield
  }
  return hash.digest().toString('hex').toUpperCase()
}

/** Adds the digest for diffs. In plain JavaScript it takes longer than all the parsing, so it is made late unless it is `known`. */
function withSha3(fields: Omit<Consensus, 'sha3Digest'>, signedLength: number, known: string | undefined): Consensus {
  let digest = known
  return Object.defineProperty(fields as Consensus, 'sha3Digest', {
    enumerable: false,
    get: () => {
      digest ??= runToEnd(hashSha3(Buffer.from(fields.text.slice(0, signedLength))))
      return digest
    },
  })
}

/** The "dir-source" lines, each with the "contact" and "vote-digest" that follow it. */
function parseAuthorities(list: readonly Token[]): ConsensusAuthority[] {
  const found: { -readonly [K in keyof ConsensusAuthority]: ConsensusAuthority[K] }[] = []
  for (const token of list) {
    const last = found.at(-1)
    if (token.keyword === 'dir-source') found.push(parseDirSource(token))
    else if (token.keyword === 'contact' || token.keyword === 'vote-digest') {
      const key = token.keyword === 'contact' ? 'contact' : 'voteDigest'
      if (!last || last[key] !== undefined) throw new MalformedError(`${token.keyword} is out of place`)
      last[key] = key === 'contact' ? token.rest : hexDigest(argumentsOf(token, 1)[0]!)
    }
  }
  if (found.length === 0 || found.length > MAX_SIGNATURES) throw new MalformedError('consensus without authorities')
  return found
}

/** "dir-source" nickname identity hostname address dirport orport. */
export function parseDirSource(token: Token): Omit<ConsensusAuthority, 'contact' | 'voteDigest'> {
  const [nickname, identity, hostname, address, dirPort, orPort] = argumentsOf(token, 6) as [string, string, string, string, string, string]
  const ip = canonicalIp(address)
  if (!ip || !isIPv4(ip)) throw new MalformedError('bad address in dir-source')
  return {
    // A name with "-legacy" behind it stands for an old identity of the authority.
    nickname: nickname.slice(0, 64),
    identity: hexDigest(identity),
    hostname: hostname.slice(0, 255),
    address: ip,
    dirPort: parseInteger(dirPort, 0, 65535),
    orPort: parseInteger(orPort, 0, 65535),
  }
}

function parseSignatures(list: readonly Token[], known: ReadonlySet<string>): ConsensusSignature[] {
  const found: ConsensusSignature[] = []
  for (const token of list) {
    const parts = argumentsOf(token, 2)
    const [algorithm, identity, signingKey] = (parts.length === 2 ? ['sha1', ...parts] : parts) as [string, string, string]
    if (algorithm !== 'sha1' && algorithm !== 'sha256') continue
    const signature = {
      algorithm,
      identity: hexDigest(identity),
      signingKeyDigest: hexDigest(signingKey),
      signature: objectOf(token, 'SIGNATURE'),
    } as const
    if (!known.has(signature.identity)) throw new MalformedError('signature of no authority in the document')
    if (found.push(signature) > MAX_SIGNATURES) throw new MalformedError('too many signatures')
  }
  if (found.length === 0) throw new MalformedError('consensus without signatures')
  return found
}

function parseSharedRandom(token: Token | undefined): SharedRandom | undefined {
  if (!token) return undefined
  const [reveals, value] = argumentsOf(token, 2) as [string, string]
  return { reveals: parseInteger(reveals, 0, 255), value: decodeBase64(value, 32) }
}

function* parse(text: string, sha3: 'now' | 'late'): SlicedWork<Consensus> {
  checkLength(text, MAX_CONSENSUS_LENGTH, 'consensus')
  const { header, entriesAt } = splitStatusDocument(text)
  yield
  const items = new Items(header)
  const [version, flavorName] = argumentsOf(items.first('network-status-version'), 1)
  const flavor = flavorName ?? 'ns'
  if (version !== '3' || (flavor !== 'ns' && flavor !== 'microdesc')) throw new MalformedError('unknown kind of network status')
  if (argumentsOf(items.one('vote-status'), 1)[0] !== 'consensus') throw new MalformedError('no consensus')
  const authorities = parseAuthorities(header)
  const knownFlags = argumentsOf(items.one('known-flags'), 0)
  const reader = new RouterStatusReader(text, entriesAt, flavor, knownFlags)
  const routers = yield* reader.readAll()
  const footer = splitFooter(text, reader.offset)
  yield
  const signedLength = signedEnd(text, footer.signatures[0]!, ' ')
  const signedPart = Buffer.from(text.slice(0, signedLength))
  yield
  const sha3Digest = sha3 === 'now' ? yield* hashSha3(signedPart) : undefined
  const method = items.optional('consensus-method')
  return withSha3(
    {
      ...parseTimes(items),
      flavor,
      consensusMethod: method ? parseInteger(argumentsOf(method, 1)[0]!, 1, 1_000_000) : 1,
      clientVersions: versionsOf(items, 'client-versions') ?? [],
      serverVersions: versionsOf(items, 'server-versions') ?? [],
      knownFlags,
      recommendedRelayProtocols: Protocols.parse(protocolsOf(items, 'recommended-relay-protocols')),
      requiredRelayProtocols: Protocols.parse(protocolsOf(items, 'required-relay-protocols')),
      recommendedClientProtocols: Protocols.parse(protocolsOf(items, 'recommended-client-protocols')),
      requiredClientProtocols: Protocols.parse(protocolsOf(items, 'required-client-protocols')),
      params: parseKeyValues(items.optional('params')),
      bandwidthWeights: parseKeyValues(footer.weights),
      sharedRandomPrevious: parseSharedRandom(items.optional('shared-rand-previous-value')),
      sharedRandomCurrent: parseSharedRandom(items.optional('shared-rand-current-value')),
      authorities,
      routers,
      byFingerprint: new Map(routers.map(router => [router.fingerprint, router])),
      signatures: parseSignatures(footer.signatures, new Set(authorities.map(({ identity }) => identity))),
      text,
      digest: flavor === 'ns' ? sha1(signedPart) : sha256(signedPart),
    },
    signedLength,
    sha3Digest,
  )
}

/** Parses either flavor at once: about 100 ms for the public network. @throws MalformedError */
export function parseConsensus(text: string): Consensus {
  return runToEnd(parse(text, 'late'))
}

/** Like {@link parseConsensus}, but gives the event loop back about every 8 ms. Rejects with {@link MalformedError} or the signal's reason. */
export function parseConsensusSliced(text: string, signal: AbortSignal): Promise<Consensus> {
  return runInSlices(parse(text, 'now'), signal)
}
