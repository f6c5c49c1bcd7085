import { sha1, sha256 } from '../crypto/digest.ts'
import { MalformedError } from '../lib/bytes.ts'
import { formatIdentityItem, signRouterDocument, splitRouterDocuments, verifyRouterDocument } from './router-signature.ts'
import type { ServerDescriptor, ServerDescriptorKeys } from './server-descriptor.ts'
import { argumentsOf, base64NoPad, checkLength, formatTime, hexDigest, Items, parseNickname, parseTime, tokenize } from './tokens.ts'

/** What authorities take at most, in bytes. */
export const MAX_EXTRA_INFO_LENGTH = 50_000

/** An extra-info document (dir-spec 2.1.2): what is known of a relay and not needed to use it. */
export interface ExtraInfo {
  readonly nickname: string
  /** 40 upper-case hex. */
  readonly fingerprint: string
  readonly published: number
  readonly ed25519Identity: Buffer
  /** Keyword → rest of its first line, signatures and certificate left out. */
  readonly lines: ReadonlyMap<string, string>
  /** SHA-1 of the signed part, 40 upper-case hex: "extra-info-digest" of the descriptor. */
  readonly digest: string
  /** SHA-256 of the whole, base64 without '='. */
  readonly sha256: string
  readonly text: string
}

const NOT_LINES = new Set(['extra-info', 'identity-ed25519', 'published', 'router-sig-ed25519', 'router-signature'])

/**
 * Parses and verifies the Ed25519 signature; with `owner`, the descriptor of the relay, also the RSA signature and that both identities are
 * the relay's. That the descriptor names this document's digest is the caller's to check, and so is expiry (the descriptor's certificate is the same).
 * @throws MalformedError
 */
export function parseExtraInfo(source: string, options: { owner?: ServerDescriptor } = {}): ExtraInfo {
  checkLength(source, MAX_EXTRA_INFO_LENGTH, 'extra-info')
  const bytes = Buffer.from(source)
  const text = bytes.toString()
  const items = new Items(tokenize(text))
  const [nickname, fingerprint] = argumentsOf(items.first('extra-info'), 2) as [string, string]
  const signed = verifyRouterDocument(text, bytes, items)
  const result: ExtraInfo = {
    nickname: parseNickname(nickname),
    fingerprint: hexDigest(fingerprint),
    published: parseTime(items.one('published').rest),
    ed25519Identity: signed.ed25519Identity,
    lines: new Map(
      items.list
        .filter(({ keyword }) => !NOT_LINES.has(keyword))
        .map(({ keyword, rest }) => [keyword, rest] as const)
        .reverse(),
    ),
    digest: signed.digest.toString('hex').toUpperCase(),
    sha256: base64NoPad(sha256(bytes)),
    text,
  }
  const { owner } = options
  if (owner) {
    if (owner.fingerprint !== result.fingerprint || !owner.ed25519Identity.equals(result.ed25519Identity))
      throw new MalformedError('extra-info of another relay')
    if (!signed.isSignedBy(owner.identityKey)) throw new MalformedError('bad RSA signature')
  }
  return result
}

/** Cuts a reply of several documents into the text of each. */
export function splitExtraInfos(text: string): string[] {
  return splitRouterDocuments(text, 'extra-info')
}

/**
 * Makes and signs a document. `lines` are whole lines without their newline ("write-history 2024-01-01 00:00:00 (86400 s) 1,2,3"), in the order
 * they shall have; the last ones are left out when the document would become too long.
 */
export function buildExtraInfo(
  fields: { readonly nickname: string; readonly published: number; readonly lines: readonly string[] },
  keys: Pick<ServerDescriptorKeys, 'rsa' | 'signing'>,
): { text: string; sha1: string; sha256: string } {
  const fingerprint = keys.rsa.fingerprint.toString('hex').toUpperCase()
  const head = `extra-info ${fields.nickname} ${fingerprint}\n${formatIdentityItem(keys.signing.cert)}published ${formatTime(fields.published)}\n`
  let room = MAX_EXTRA_INFO_LENGTH - Buffer.byteLength(head) - SIGNATURES_LENGTH
  const lines = fields.lines.filter(line => {
    room -= room < 0 ? 0 : Buffer.byteLength(line) + 1
    return room >= 0
  })
  const text = signRouterDocument(head + lines.map(line => `${line}\n`).join(''), keys)
  const signedPart = text.slice(0, text.indexOf('\nrouter-signature\n') + '\nrouter-signature\n'.length)
  return {
    text,
    sha1: sha1(Buffer.from(signedPart)).toString('hex').toUpperCase(),
    sha256: base64NoPad(sha256(Buffer.from(text))),
  }
}

/** Enough for both signatures, in bytes. */
const SIGNATURES_LENGTH = 400
