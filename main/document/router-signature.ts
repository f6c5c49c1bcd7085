import { sha1, sha256 } from '../crypto/digest.ts'
import { type Ed25519KeyPair, signEd25519, verifyEd25519 } from '../crypto/ed25519.ts'
import type { RsaPrivateKey, RsaPublicKey } from '../crypto/rsa.ts'
import { parseTorCert, type TorCert, TorCertType, verifyTorCert } from '../crypto/tor-cert.ts'
import { MalformedError } from '../lib/bytes.ts'
import { argumentsOf, base64NoPad, decodeBase64, encodeObject, type Items, objectOf, signedEnd } from './tokens.ts'

/**
 * What server descriptors and extra-info documents share (dir-spec 2.1.1, 2.1.2): the certificate of the signing key as second item,
 * and the two signatures that end the document:
 *
 *     router-sig-ed25519 <base64>      over SHA256(prefix | document through "router-sig-ed25519 ")
 *     router-signature / SIGNATURE     RSA, over SHA1(document through "router-signature\n")
 */
const ED25519_PREFIX = Buffer.from('Tor router descriptor signature v1')

/** The keys that sign a relay's documents. */
export interface RouterSigningKeys {
  /** RSA identity, 1024 bits. */
  readonly rsa: RsaPrivateKey
  /** Medium-term signing key with its certificate (type 4, naming the master identity). */
  readonly signing: { readonly key: Ed25519KeyPair; readonly cert: Buffer }
}

/** The item "identity-ed25519" with a certificate. */
export function formatIdentityItem(cert: Uint8Array): string {
  return `identity-ed25519\n${encodeObject('ED25519 CERT', cert)}`
}

/** Adds both signatures to a document, which ends in a newline. */
export function signRouterDocument(body: string, keys: RouterSigningKeys): string {
  const withEd = `${body}router-sig-ed25519 `
  const edSignature = signEd25519(keys.signing.key, sha256(ED25519_PREFIX, Buffer.from(withEd)))
  const withBoth = `${withEd}${base64NoPad(edSignature)}\nrouter-signature\n`
  return withBoth + encodeObject('SIGNATURE', keys.rsa.signRaw(sha1(Buffer.from(withBoth))))
}

/** A document whose certificate and Ed25519 signature are good. */
export interface SignedRouterDocument {
  /** Master identity, 32 bytes. */
  readonly ed25519Identity: Buffer
  readonly cert: TorCert
  /** SHA-1 of what the RSA key signs, 20 bytes: names the document. */
  readonly digest: Buffer
  /** Whether the RSA signature is by this identity key. */
  isSignedBy(key: RsaPublicKey): boolean
}

/**
 * Checks the places of the items, the certificate and the Ed25519 signature; the RSA key is the caller's to know.
 * @throws MalformedError
 */
export function verifyRouterDocument(text: string, bytes: Uint8Array, items: Items): SignedRouterDocument {
  const [identity, edItem, rsaItem] = ['identity-ed25519', 'router-sig-ed25519', 'router-signature'].map(keyword => items.one(keyword))
  if (items.list[1] !== identity) throw new MalformedError('identity-ed25519 is not the second item')
  if (items.list.at(-2) !== edItem || items.list.at(-1) !== rsaItem) throw new MalformedError('signatures are not at the end')
  const cert = parseTorCert(objectOf(identity!, 'ED25519 CERT'))
  if (cert.type !== TorCertType.ED25519_SIGNING || !cert.signedWith || !verifyTorCert(cert, 0))
    throw new MalformedError('bad signing key certificate')
  const edEnd = signedEnd(text, edItem!, ' ')
  const edSignature = decodeBase64(argumentsOf(edItem!, 1)[0]!, 64)
  // Offsets are in characters; only a document that is all ASCII has its bytes at the same places.
  const part = (end: number) => (bytes.length === text.length ? bytes.subarray(0, end) : Buffer.from(text.slice(0, end)))
  if (!verifyEd25519(cert.key, sha256(ED25519_PREFIX, part(edEnd)), edSignature)) throw new MalformedError('bad Ed25519 signature')
  const digest = sha1(part(signedEnd(text, rsaItem!, '\n')))
  const rsaSignature = objectOf(rsaItem!, 'SIGNATURE')
  return { ed25519Identity: cert.signedWith, cert, digest, isSignedBy: key => key.verifyRaw(digest, rsaSignature) }
}

/**
 * Cuts a text of several documents that end in "router-signature" and its object; each begins with `keyword`. What lies between is
 * dropped. The pieces do not keep the whole text alive.
 */
export function splitRouterDocuments(text: string, keyword: 'router' | 'extra-info'): string[] {
  const found: string[] = []
  const endLine = '\n-----END SIGNATURE-----\n'
  const next = (from: number) =>
    from === 0 && text.startsWith(`${keyword} `) ? 0 : text.indexOf(`\n${keyword} `, Math.max(from - 1, 0)) + 1 || -1
  for (let at = next(0); at >= 0; ) {
    const signature = text.indexOf('\nrouter-signature\n', at)
    const last = signature < 0 ? -1 : text.indexOf(endLine, signature)
    if (last < 0) break
    const end = last + endLine.length
    found.push(Buffer.from(text.slice(at, end)).toString())
    at = next(end)
  }
  return found
}
