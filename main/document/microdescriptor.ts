import { sha256 } from '../crypto/digest.ts'
import { rsaPublicPem } from '../crypto/rsa.ts'
import { MalformedError } from '../lib/bytes.ts'
import type { IpAddress } from '../lib/ip.ts'
import { PortSummary } from './port-summary.ts'
import { parseIPv6Port, type ServerDescriptor } from './server-descriptor.ts'
import { argumentsOf, base64NoPad, checkLength, decodeBase64, Items, tokenize } from './tokens.ts'

/** Far more than authorities make. */
const MAX_MICRODESCRIPTOR_LENGTH = 20_000
/** From this consensus method on, microdescriptors say which families a relay proved to be of. */
const METHOD_FAMILY_IDS = 35

/** A microdescriptor (dir-spec 3.3): what clients need of a relay, unsigned, named by its digest in the microdesc consensus. */
export interface Microdescriptor {
  readonly ntorKey: Buffer
  readonly ed25519Identity?: Buffer
  readonly family: readonly string[]
  readonly familyIds: readonly string[]
  readonly portSummary?: PortSummary
  readonly portSummary6?: PortSummary
  readonly orAddresses6: readonly { readonly address: IpAddress; readonly port: number }[]
  /** SHA-256 of the text, base64 without '='. */
  readonly digest: string
  readonly text: string
}

/** Family members as authorities write them: hex in upper case without names, nicknames in lower case, the relay itself, sorted, each once. */
function canonicalFamily(members: readonly string[], own: string): string {
  const canonical = members.map(member => (member.startsWith('$') ? member.slice(0, 41).toUpperCase() : member.toLowerCase()))
  return [...new Set([...canonical, `$${own}`])].sort().join(' ')
}

/**
 * The microdescriptor of a relay, byte for byte what C tor makes for that consensus method (32 to 35).
 * @throws MalformedError for a relay without a TAP onion key, for which there can be none
 */
export function makeMicrodescriptor(descriptor: ServerDescriptor, method = 33): string {
  if (!descriptor.tapOnionKey) throw new MalformedError('no microdescriptor without an onion-key')
  const summary = descriptor.exitPolicy.summary()
  const { ipv6Policy, familyIds } = descriptor
  return [
    `onion-key\n${rsaPublicPem(descriptor.tapOnionKey)}`,
    `ntor-onion-key ${base64NoPad(descriptor.ntorKey)}\n`,
    descriptor.family.length > 0 ? `family ${canonicalFamily(descriptor.family, descriptor.fingerprint)}\n` : '',
    method >= METHOD_FAMILY_IDS && familyIds.length > 0 ? `family-ids ${familyIds.join(' ')}\n` : '',
    summary.rejectsAll ? '' : `p ${summary}\n`,
    ipv6Policy && !ipv6Policy.rejectsAll ? `p6 ${ipv6Policy}\n` : '',
    `id ed25519 ${base64NoPad(descriptor.ed25519Identity)}\n`,
  ].join('')
}

/** SHA-256, base64 without '='. */
export function microdescriptorDigest(text: string): string {
  return base64NoPad(sha256(Buffer.from(text)))
}

/** Nothing in it is signed: compare `digest` with the consensus. @throws MalformedError */
export function parseMicrodescriptor(source: string): Microdescriptor {
  checkLength(source, MAX_MICRODESCRIPTOR_LENGTH, 'microdescriptor')
  const bytes = Buffer.from(source)
  const text = bytes.toString()
  const items = new Items(tokenize(text))
  items.first('onion-key')
  const ids = items
    .all('id')
    .map(item => argumentsOf(item, 2))
    .filter(([type]) => type === 'ed25519')
  if (ids.length > 1) throw new MalformedError('several Ed25519 identities')
  const words = (keyword: string) =>
    items
      .optional(keyword)
      ?.rest.split(/[ \t]+/)
      .filter(word => word !== '') ?? []
  const summary = (keyword: string) => {
    const item = items.optional(keyword)
    return item && PortSummary.parse(item.rest)
  }
  return {
    ntorKey: decodeBase64(argumentsOf(items.one('ntor-onion-key'), 1)[0]!, 32),
    ed25519Identity: ids[0] && decodeBase64(ids[0][1]!, 32),
    family: words('family'),
    familyIds: words('family-ids'),
    portSummary: summary('p'),
    portSummary6: summary('p6'),
    orAddresses6: items.all('a').flatMap(item => parseIPv6Port(argumentsOf(item, 1)[0]!) ?? []),
    digest: base64NoPad(sha256(bytes)),
    text,
  }
}

/** Cuts a reply of several microdescriptors into the text of each, which begins at "onion-key". */
export function splitMicrodescriptors(text: string): string[] {
  const found: string[] = []
  const next = (from: number) =>
    from === 0 && text.startsWith('onion-key') ? 0 : text.indexOf('\nonion-key', Math.max(from - 1, 0)) + 1 || -1
  for (let at = next(0); at >= 0; ) {
    // The first line of one microdescriptor cannot begin the next, so look behind it.
    const end = next(at + 10)
    found.push(Buffer.from(text.slice(at, end < 0 ? undefined : end)).toString())
    at = end
  }
  return found
}
