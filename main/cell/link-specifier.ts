import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'
import { bytesToIp, type IpAddress, ipToBytes, isIPv4 } from '../lib/ip.ts'

/** Kinds of link specifier. tor-spec 5.1.2. */
export const LinkSpecifierType = {
  /** address 4 | port 2 */
  IPV4: 0,
  /** address 16 | port 2 */
  IPV6: 1,
  RSA_IDENTITY: 2,
  ED25519_IDENTITY: 3,
} as const

const LENGTHS: readonly number[] = [6, 18, 20, 32]

export interface LinkSpecifier {
  readonly type: number
  readonly data: Buffer
}

/** The relay that link specifiers name. */
export interface LinkTarget {
  /** 20 bytes */
  readonly rsaIdentity: Buffer
  /** 32 bytes; `undefined` when not said */
  readonly ed25519Identity?: Buffer | undefined
  /** at most one IPv4 and one IPv6 address, in this order; never empty when decoded */
  readonly addresses: readonly { readonly address: IpAddress; readonly port: number }[]
}

/** NSPEC 1 | (LSTYPE 1 | LSLEN 1 | LSPEC) …. tor-spec 5.1.2. */
export function encodeLinkSpecifiers(specifiers: readonly LinkSpecifier[]): Buffer {
  const writer = new ByteWriter().u8(specifiers.length)
  for (const { type, data } of specifiers) writer.u8(type).u8(data.length).bytes(data)
  return writer.finish()
}

/** Reads NSPEC and its specifiers from a reader. Throws {@link MalformedError}, also for a known type with a wrong length. */
export function readLinkSpecifiers(reader: ByteReader): LinkSpecifier[] {
  const specifiers: LinkSpecifier[] = []
  for (let left = reader.u8(); left > 0; left--) {
    const type = reader.u8()
    const data = reader.bytes(reader.u8())
    if ((LENGTHS[type] ?? data.length) !== data.length) throw new MalformedError('a link specifier of the wrong length')
    specifiers.push({ type, data })
  }
  return specifiers
}

/** Reads NSPEC and its specifiers from the front of `bytes`; `length` is how many bytes they take. Throws {@link MalformedError}. */
export function decodeLinkSpecifiers(bytes: Uint8Array): { specifiers: LinkSpecifier[]; length: number } {
  const reader = new ByteReader(bytes)
  return { specifiers: readLinkSpecifiers(reader), length: reader.offset }
}

function addressSpecifier({ address, port }: { address: IpAddress; port: number }): LinkSpecifier {
  const bytes = ipToBytes(address)
  if (!bytes) throw new RangeError('not an address')
  const data = new ByteWriter().bytes(bytes).u16(port).finish()
  return { type: bytes.length === 4 ? LinkSpecifierType.IPV4 : LinkSpecifierType.IPV6, data }
}

/** The specifiers of a relay in the order C tor sends them: IPv4, RSA identity, Ed25519 identity, IPv6. */
export function specifiersOfTarget(target: LinkTarget): LinkSpecifier[] {
  const specifiers = target.addresses.filter(({ address }) => isIPv4(address)).map(addressSpecifier)
  specifiers.push({ type: LinkSpecifierType.RSA_IDENTITY, data: target.rsaIdentity })
  if (target.ed25519Identity) specifiers.push({ type: LinkSpecifierType.ED25519_IDENTITY, data: target.ed25519Identity })
  specifiers.push(...target.addresses.filter(({ address }) => !isIPv4(address)).map(addressSpecifier))
  return specifiers
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0)
}

/**
 * The relay that specifiers name, by the rules of an extending relay: an RSA identity that is not zero, one address at least, no identity
 * twice; of two addresses of a family the first counts; unknown types, addresses that are all zero and port 0 are passed over, and an
 * Ed25519 identity of zeros is none. Everything is copied. Throws {@link MalformedError}.
 */
export function targetOfSpecifiers(specifiers: readonly LinkSpecifier[]): LinkTarget {
  const found: (Buffer | undefined)[] = []
  for (const { type, data } of specifiers) {
    if (type >= LENGTHS.length) continue
    if (found[type] && type >= LinkSpecifierType.RSA_IDENTITY) throw new MalformedError('an identity twice among link specifiers')
    found[type] ??= Buffer.from(data)
  }
  const rsaIdentity = found[LinkSpecifierType.RSA_IDENTITY]
  if (!rsaIdentity || isZero(rsaIdentity)) throw new MalformedError('link specifiers without an RSA identity')
  const addresses: { address: IpAddress; port: number }[] = []
  for (const data of [found[LinkSpecifierType.IPV4], found[LinkSpecifierType.IPV6]]) {
    const port = data?.readUInt16BE(data.length - 2)
    if (data && port && !isZero(data.subarray(0, -2))) addresses.push({ address: bytesToIp(data.subarray(0, -2)), port })
  }
  if (addresses.length === 0) throw new MalformedError('link specifiers without an address')
  const ed25519Identity = found[LinkSpecifierType.ED25519_IDENTITY]
  return { rsaIdentity, ed25519Identity: ed25519Identity && !isZero(ed25519Identity) ? ed25519Identity : undefined, addresses }
}
