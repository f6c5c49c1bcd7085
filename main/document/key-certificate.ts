import { sha1 } from '../crypto/digest.ts'
import { type RsaPrivateKey, RsaPublicKey, rsaPublicPem } from '../crypto/rsa.ts'
import { MalformedError } from '../lib/bytes.ts'
import { argumentsOf, checkLength, encodeObject, formatTime, hexDigest, Items, objectOf, parseTime, signedEnd, tokenize } from './tokens.ts'

/** C tor's limit, in bytes. */
const MAX_CERTIFICATE_LENGTH = 128 * 1024
const END = '\n-----END SIGNATURE-----\n'

/** An authority's certificate for the key it signs votes and consensuses with (dir-spec 3.1), verified. */
export interface KeyCertificate {
  /** v3ident: SHA-1 of the identity key, 40 upper-case hex. */
  readonly identity: string
  readonly identityKey: RsaPublicKey
  readonly signingKey: RsaPublicKey
  /** SHA-1 of the signing key, 40 upper-case hex. */
  readonly signingKeyDigest: string
  readonly published: number
  readonly expires: number
  /** "address:port" as written, if given. */
  readonly dirAddress?: string
  /** The whole certificate, newline at its end. */
  readonly text: string
}

/**
 * Parses one certificate and verifies that the identity key signed it and that the signing key vouches for the identity. Expiry is the caller's.
 * @throws MalformedError
 */
export function parseKeyCertificate(source: string): KeyCertificate {
  checkLength(source, MAX_CERTIFICATE_LENGTH, 'key certificate')
  const text = Buffer.from(source).toString()
  const items = new Items(tokenize(text))
  const version = items.first('dir-key-certificate-version')
  if (argumentsOf(version, 1)[0] !== '3') throw new MalformedError('unknown version of a key certificate')
  if (version.start !== 0) throw new MalformedError('text before a key certificate')
  const identityKey = RsaPublicKey.fromDer(objectOf(items.one('dir-identity-key'), 'RSA PUBLIC KEY'))
  const signingKey = RsaPublicKey.fromDer(objectOf(items.one('dir-signing-key'), 'RSA PUBLIC KEY'))
  const identity = identityKey.fingerprint.toString('hex').toUpperCase()
  if (hexDigest(items.one('fingerprint').rest) !== identity) throw new MalformedError('other fingerprint')
  const certification = items.one('dir-key-certification')
  if (items.list.at(-1) !== certification) throw new MalformedError('certificate does not end with its signature')
  const digest = sha1(Buffer.from(text.slice(0, signedEnd(text, certification, '\n'))))
  if (!identityKey.verifyRaw(digest, objectOf(certification, 'SIGNATURE'))) throw new MalformedError('bad signature of a key certificate')
  const cross = items.one('dir-key-crosscert').object
  if (!cross || !signingKey.verifyRaw(identityKey.fingerprint, cross.bytes)) throw new MalformedError('bad dir-key-crosscert')
  const dirAddress = items.optional('dir-address')
  return {
    identity,
    identityKey,
    signingKey,
    signingKeyDigest: signingKey.fingerprint.toString('hex').toUpperCase(),
    published: parseTime(items.one('dir-key-published').rest),
    expires: parseTime(items.one('dir-key-expires').rest),
    dirAddress: dirAddress && argumentsOf(dirAddress, 1)[0],
    text,
  }
}

/** Cuts a reply of several certificates into the text of each. */
export function splitKeyCertificates(text: string): string[] {
  const found: string[] = []
  for (let at = 0; ; ) {
    const start = text.indexOf('dir-key-certificate-version', at)
    const signature = start < 0 ? -1 : text.indexOf('\ndir-key-certification\n', start)
    const last = signature < 0 ? -1 : text.indexOf(END, signature)
    if (last < 0) return found
    at = last + END.length
    found.push(text.slice(start, at))
  }
}

/** Makes a certificate: the identity key (often kept offline) certifies the signing key. `dirAddress` is "address:port". */
export function buildKeyCertificate(fields: {
  readonly identity: RsaPrivateKey
  readonly signing: RsaPrivateKey
  readonly published: number
  readonly expires: number
  readonly dirAddress?: string
}): string {
  const { identity, signing } = fields
  const body = [
    'dir-key-certificate-version 3\n',
    fields.dirAddress ? `dir-address ${fields.dirAddress}\n` : '',
    `fingerprint ${identity.fingerprint.toString('hex').toUpperCase()}\n`,
    `dir-key-published ${formatTime(fields.published)}\n`,
    `dir-key-expires ${formatTime(fields.expires)}\n`,
    `dir-identity-key\n${rsaPublicPem(identity.publicDer)}`,
    `dir-signing-key\n${rsaPublicPem(signing.publicDer)}`,
    `dir-key-crosscert\n${encodeObject('ID SIGNATURE', signing.signRaw(identity.fingerprint))}`,
    'dir-key-certification\n',
  ].join('')
  return body + encodeObject('SIGNATURE', identity.signRaw(sha1(Buffer.from(body))))
}
