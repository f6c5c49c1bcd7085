import type { Consensus } from '../document/consensus.ts'
import type { KeyCertificate } from '../document/key-certificate.ts'
import type { IpAddress } from '../lib/ip.ts'
import { signedPartDigest } from './descriptor-digest.ts'
import { parseBase64Digests, parseDigestPairs, parseHexDigests } from './digest-list.ts'
import { type DirectoryRequest, HttpHeaders } from './http.ts'

/** The documents a directory server serves. NetworkDirectory is one; an authority has its own. */
export interface DirectoryView {
  readonly consensus: Consensus | undefined
  readonly microdescConsensus: Consensus | undefined
  readonly certificates: readonly KeyCertificate[]
  /** Text of a server descriptor; SHA-1 digest or relay fingerprint as 40 upper-case hex digits. */
  descriptorByDigest(digest: string): string | undefined
  descriptorByFingerprint(fingerprint: string): string | undefined
  descriptorTexts(): Iterable<string>
  /** Text of a microdescriptor; SHA-256 digest in base64 without '='. */
  microdescriptor(digest: string): string | undefined
  /** Memory is short: nothing is held that can be made again, and less is served at the same time. */
  readonly memoryShort?: boolean
  /** Extra-info documents, where they are kept (an authority keeps them). */
  extraInfoByDigest?(digest: string): string | undefined
  extraInfoByFingerprint?(fingerprint: string): string | undefined
}

/** Where a request came from. */
export interface RequestContext {
  readonly remoteAddress: IpAddress | undefined
  /** It came through BEGIN_DIR, not the DirPort. */
  readonly tunnelled: boolean
}

/** An answer before compression: the server adds Date, Content-Encoding and the like. */
export interface DirectoryAnswer {
  readonly status: number
  readonly reason: string
  readonly headers?: HttpHeaders
  /** Default text/plain when there is a body. */
  readonly contentType?: string
  /** Several texts are sent one after the other. */
  readonly body?: string | Buffer | readonly string[]
  /** Seconds the answer may be cached; 0 = Pragma: no-cache; undefined = neither header. */
  readonly lifetimeSeconds?: number
  /** May be compressed when the client takes that. Default true. */
  readonly compressible?: boolean
  /** Answers with the same key have the same body: it is compressed once. */
  readonly cacheKey?: string
}

/** What answers are made of. */
export interface AnswerSource {
  readonly directory: DirectoryView
  ownDescriptor(): string | undefined
  ownExtraInfo(): string | undefined
  frontPage?(): string | undefined
}

const HOUR_SECONDS = 3600
const FRONT_PAGE_LIFETIME = HOUR_SECONDS / 3
const ROBOTS_LIFETIME = 24 * HOUR_SECONDS
const CERTIFICATES_LIFETIME = HOUR_SECONDS
const ALL_LIFETIME = HOUR_SECONDS
const BY_DIGEST_LIFETIME = 48 * HOUR_SECONDS
/** A consensus is served for so long after it has expired, and so long before it is valid (C tor's REASONABLY_LIVE_TIME). */
const REASONABLY_LIVE_MS = 24 * HOUR_SECONDS * 1000

export function shortAnswer(status: number, reason: string): DirectoryAnswer {
  return { status, reason }
}

const NOT_FOUND = shortAnswer(404, 'Not found')

/** The path as the table below knows it: beginning with "/tor/", without ".z" (which asks for deflate). */
export function normalisePath(path: string): { path: string; zSuffix: boolean } {
  const whole = path.startsWith('/tor/') ? path : `/tor${path.startsWith('/') ? '' : '/'}${path}`
  const zSuffix = whole.length > 2 && whole.endsWith('.z')
  return { path: zSuffix ? whole.slice(0, -2) : whole, zSuffix }
}

/** What a directory cache says to a GET request, by the URL table of dir-spec 4 and Appendix B. `path` is normalised; `now` in ms. */
export function answerGet(source: AnswerSource, path: string, request: DirectoryRequest, now: number): DirectoryAnswer {
  const under = (prefix: string): string | undefined => (path.startsWith(prefix) ? path.slice(prefix.length) : undefined)
  let rest: string | undefined
  if (path === '/tor/') return frontPage(source)
  if ((rest = under('/tor/status-vote/current/consensus')) !== undefined) return consensus(source.directory, rest, request, now)
  if ((rest = under('/tor/micro/d/')) !== undefined) return microdescriptors(source.directory, rest)
  if ((rest = under('/tor/server/')) !== undefined) return serverDescriptors(source, rest)
  if ((rest = under('/tor/extra/')) !== undefined) return extraInfos(source, rest)
  if ((rest = under('/tor/keys/')) !== undefined) return keyCertificates(source.directory, rest, request)
  if (path === '/tor/robots.txt') {
    return { status: 200, reason: 'OK', body: 'User-agent: *\r\nDisallow: /\r\n', lifetimeSeconds: ROBOTS_LIFETIME, compressible: false }
  }
  return NOT_FOUND
}

function frontPage(source: AnswerSource): DirectoryAnswer {
  const body = source.frontPage?.()
  if (body === undefined) return NOT_FOUND
  const contentType = /^\s*</.test(body) ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8'
  return { status: 200, reason: 'OK', body, contentType, lifetimeSeconds: FRONT_PAGE_LIFETIME, compressible: false }
}

/** `rest`: `[-<flavor>][/diff/<SHA3>][/<FP>+<FP>…]` */
function consensus(directory: DirectoryView, rest: string, request: DirectoryRequest, now: number): DirectoryAnswer {
  const match = /^(?:-([^/]*))?(?:\/(?:diff\/([^/]*)(?:\/|$))?(.*))?$/.exec(rest)
  if (!match) return NOT_FOUND
  const [, flavor = 'ns', diffFrom, wanted = ''] = match
  const document = flavor === 'ns' ? directory.consensus : flavor === 'microdesc' ? directory.microdescConsensus : undefined
  if (diffFrom !== undefined && !/^[0-9A-Fa-f]{64}$/.test(diffFrom)) return shortAnswer(404, "Couldn't parse request")
  const known = [diffFrom ?? '', ...(request.headers.get('X-Or-Diff-From-Consensus') ?? '').split(/\s+/)].filter(hash => hash !== '')
  if (document && known.some(hash => hash.toUpperCase() === document.sha3Digest)) return shortAnswer(304, 'Not modified')
  // No diffs are kept. Who asks by header gets the whole document, who asks for nothing but a diff gets none.
  if (diffFrom !== undefined) return shortAnswer(404, 'No such diff available')
  if (!document) return NOT_FOUND
  if (now < document.validAfter - REASONABLY_LIVE_MS) return shortAnswer(404, 'Consensus is too new')
  if (now > document.validUntil + REASONABLY_LIVE_MS) return shortAnswer(404, 'Consensus is too old')
  if (wanted !== '' && !isSignedBy(document, wanted)) {
    return shortAnswer(404, 'Consensus not signed by sufficient number of requested authorities')
  }
  if (document.validAfter < modifiedSince(request)) return shortAnswer(304, 'Not modified')
  return {
    status: 200,
    reason: 'OK',
    headers: new HttpHeaders({ Vary: 'X-Or-Diff-From-Consensus' }),
    body: document.text,
    lifetimeSeconds: Math.max(0, Math.floor((document.freshUntil - now) / 1000)),
    cacheKey: `${document.flavor} ${document.digest.toString('hex')} ${document.signatures.length}`,
  }
}

/** More than half of the authorities in "<fingerprint prefix>+…" signed it. */
function isSignedBy(document: Consensus, wanted: string): boolean {
  const prefixes = wanted.toUpperCase().split('+')
  const signers = document.signatures.map(signature => signature.identity)
  const have = prefixes.filter(prefix => signers.some(signer => signer.startsWith(prefix))).length
  return have >= Math.floor(prefixes.length / 2) + 1
}

/** Milliseconds; 0 when the header is missing or malformed. */
function modifiedSince(request: DirectoryRequest): number {
  const value = request.headers.get('If-Modified-Since')
  return (value && Date.parse(value)) || 0
}

function documents(found: readonly (string | undefined)[], lifetimeSeconds: number, none: string): DirectoryAnswer {
  const body = found.filter(text => text !== undefined)
  return body.length > 0 ? { status: 200, reason: 'OK', body, lifetimeSeconds } : shortAnswer(404, none)
}

function microdescriptors(directory: DirectoryView, rest: string): DirectoryAnswer {
  const digests = parseBase64Digests(rest)
  return documents(
    digests.map(digest => directory.microdescriptor(digest)),
    BY_DIGEST_LIFETIME,
    'Not found',
  )
}

/** Our own descriptor with the names it goes by. */
function named(text: string | undefined): { text: string; digest: string; fingerprint: string } | undefined {
  if (text === undefined) return undefined
  const fingerprint = /^(?:fingerprint|extra-info \S+) ([0-9A-F ]+)$/m.exec(text)?.[1]?.replaceAll(' ', '') ?? ''
  return {
    text,
    digest: signedPartDigest(text) ?? '',
    fingerprint,
  }
}

function serverDescriptors(source: AnswerSource, rest: string): DirectoryAnswer {
  const { directory } = source
  const unavailable = 'Servers unavailable'
  if (rest === 'all') return documents([...directory.descriptorTexts()], ALL_LIFETIME, unavailable)
  if (rest === 'authority') return documents([source.ownDescriptor()], BY_DIGEST_LIFETIME, unavailable)
  const own = named(source.ownDescriptor())
  if (rest.startsWith('fp/')) {
    const wanted = parseHexDigests(rest.slice(3))
    const texts = wanted.map(fp => (fp === own?.fingerprint ? own.text : directory.descriptorByFingerprint(fp)))
    return documents(texts, wanted.length === 1 ? BY_DIGEST_LIFETIME : 0, unavailable)
  }
  if (rest.startsWith('d/')) {
    const wanted = parseHexDigests(rest.slice(2))
    const texts = wanted.map(digest => (digest === own?.digest ? own.text : directory.descriptorByDigest(digest)))
    return documents(texts, wanted.length === 1 ? BY_DIGEST_LIFETIME : 0, unavailable)
  }
  return NOT_FOUND
}

function extraInfos(source: AnswerSource, rest: string): DirectoryAnswer {
  const { directory } = source
  const unavailable = 'Servers unavailable'
  const own = named(source.ownExtraInfo())
  if (rest === 'authority' || rest === 'all') return documents([own?.text], ALL_LIFETIME, unavailable)
  if (rest.startsWith('fp/')) {
    const wanted = parseHexDigests(rest.slice(3))
    const texts = wanted.map(fp => (fp === own?.fingerprint ? own.text : directory.extraInfoByFingerprint?.(fp)))
    return documents(texts, wanted.length === 1 ? BY_DIGEST_LIFETIME : 0, unavailable)
  }
  if (rest.startsWith('d/')) {
    const wanted = parseHexDigests(rest.slice(2))
    const texts = wanted.map(digest => (digest === own?.digest ? own.text : directory.extraInfoByDigest?.(digest)))
    return documents(texts, wanted.length === 1 ? BY_DIGEST_LIFETIME : 0, unavailable)
  }
  return NOT_FOUND
}

/** `rest`: all | authority | fp/<identity>+… | sk/<signing key>+… | fp-sk/<identity>-<signing key>+… */
function keyCertificates(directory: DirectoryView, rest: string, request: DirectoryRequest): DirectoryAnswer {
  const all = directory.certificates
  let found: (KeyCertificate | undefined)[]
  if (rest === 'all') found = [...all]
  else if (rest === 'authority') found = []
  else if (rest.startsWith('fp/')) {
    found = parseHexDigests(rest.slice(3)).map(fp => newest(all.filter(certificate => certificate.identity === fp)))
  } else if (rest.startsWith('sk/')) {
    found = parseHexDigests(rest.slice(3)).map(sk => all.find(certificate => certificate.signingKeyDigest === sk))
  } else if (rest.startsWith('fp-sk/')) {
    found = parseDigestPairs(rest.slice(6)).map(pair =>
      all.find(certificate => certificate.identity === pair.identity && certificate.signingKeyDigest === pair.signingKeyDigest),
    )
  } else return shortAnswer(400, 'Bad request')
  const have = found.filter(certificate => certificate !== undefined)
  if (have.length === 0) return NOT_FOUND
  const since = modifiedSince(request)
  const fresh = have.filter(certificate => certificate.published >= since)
  if (fresh.length === 0) return shortAnswer(304, 'Not modified')
  return { status: 200, reason: 'OK', body: fresh.map(certificate => certificate.text), lifetimeSeconds: CERTIFICATES_LIFETIME }
}

function newest(certificates: readonly KeyCertificate[]): KeyCertificate | undefined {
  return certificates.reduce<KeyCertificate | undefined>((best, one) => (best && best.published >= one.published ? best : one), undefined)
}
