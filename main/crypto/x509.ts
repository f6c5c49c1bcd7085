import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { MalformedError } from '../lib/bytes.ts'
import { DerReader, DerTag, der, derBitString, derInteger, derOid, derTime } from './der.ts'
import { randomBytes, randomInt } from './random.ts'
import { type RsaPrivateKey, RsaPublicKey } from './rsa.ts'

const DAY_MS = 86_400_000
/** How far clocks may be off when an identity certificate seems expired, and when it seems to come from the future. As C tor allows. */
const PAST_SLOP_MS = 2 * DAY_MS
const FUTURE_SLOP_MS = 30 * DAY_MS
const MAX_CERTIFICATE = 16_384

const OID_COMMON_NAME = derOid('2.5.4.3')
const SHA256_WITH_RSA = der(DerTag.SEQUENCE, derOid('1.2.840.113549.1.1.11'), der(DerTag.NULL))
const ECDSA_WITH_SHA256 = der(DerTag.SEQUENCE, derOid('1.2.840.10045.4.3.2'))
const RSA_ENCRYPTION = der(DerTag.SEQUENCE, derOid('1.2.840.113549.1.1.1'), der(DerTag.NULL))

/** A fresh TLS key and its certificate. */
export interface LinkCertificate {
  readonly keyPem: string
  readonly certPem: string
  /** What CERTS type 5 and AUTHENTICATE hash. */
  readonly certDer: Buffer
}

/** What matters of an X.509 certificate that holds an RSA key. */
export interface RsaCertificate {
  readonly publicKey: RsaPublicKey
  /** ms */
  readonly notBefore: number
  /** ms */
  readonly notAfter: number
  isSignedBy(key: RsaPublicKey): boolean
}

function randomHostName(suffix: string): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return `www.${Array.from({ length: randomInt(8, 21) }, () => alphabet[randomInt(0, 32)]).join('')}${suffix}`
}

function name(commonName: string): Buffer {
  return der(DerTag.SEQUENCE, der(DerTag.SET, der(DerTag.SEQUENCE, OID_COMMON_NAME, der(DerTag.UTF8_STRING, Buffer.from(commonName)))))
}

interface Template {
  readonly issuer: string
  readonly subject: string
  readonly subjectPublicKeyInfo: Uint8Array
  readonly lifetimeMs: number
  readonly algorithm: Uint8Array
  readonly sign: (tbs: Buffer) => Uint8Array
}

/**
 * Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }, version 3, no extensions (RFC 5280 4.1). The validity began
 * some whole days ago, and at least a day of it is left, so that it does not tell when the relay started.
 */
function makeCertificate(template: Template, now: number): Buffer {
  const earlier = Math.max(template.lifetimeMs - 2 * DAY_MS, 1000)
  const notBefore = Math.floor((now - randomInt(0, Math.floor(earlier / 1000)) * 1000) / DAY_MS) * DAY_MS
  const tbs = der(
    DerTag.SEQUENCE,
    der(0xa0, derInteger(Buffer.of(2))),
    derInteger(randomBytes(8)),
    template.algorithm,
    name(template.issuer),
    der(DerTag.SEQUENCE, derTime(notBefore), derTime(notBefore + template.lifetimeMs)),
    name(template.subject),
    template.subjectPublicKeyInfo,
  )
  return der(DerTag.SEQUENCE, tbs, template.algorithm, derBitString(template.sign(tbs)))
}

/** A new P-256 key with a certificate in random names, for TLS. Nobody checks it as such: the link is proved in CERTS. tor-spec 2, 4.2. */
export function makeLinkCertificate(now: number): LinkCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certDer = makeCertificate(
    {
      issuer: randomHostName('.com'),
      subject: randomHostName('.net'),
      subjectPublicKeyInfo: publicKey.export({ format: 'der', type: 'spki' }),
      lifetimeMs: randomInt(5, 366) * DAY_MS,
      algorithm: ECDSA_WITH_SHA256,
      sign: tbs => sign('sha256', tbs, privateKey),
    },
    now,
  )
  const lines = certDer.toString('base64').match(/.{1,64}/g)!
  return {
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certPem: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    certDer,
  }
}

/** The self-signed certificate of a relay's RSA identity that CERTS type 2 carries, good for a year. */
export function makeIdentityCertificate(key: RsaPrivateKey, now: number): Buffer {
  const commonName = randomHostName('.com')
  return makeCertificate(
    {
      issuer: commonName,
      subject: commonName,
      subjectPublicKeyInfo: der(DerTag.SEQUENCE, RSA_ENCRYPTION, derBitString(key.publicDer)),
      lifetimeMs: 365 * DAY_MS,
      algorithm: SHA256_WITH_RSA,
      sign: tbs => key.signSha256(tbs),
    },
    now,
  )
}

/** Reads one DER certificate with an RSA key, nothing before or after it. Throws {@link MalformedError}. */
export function parseRsaCertificate(bytes: Uint8Array): RsaCertificate {
  if (bytes.length > MAX_CERTIFICATE) throw new MalformedError('a huge certificate')
  const outer = new DerReader(bytes)
  outer.element(DerTag.SEQUENCE)
  outer.end()
  let certificate: X509Certificate
  let publicKey: RsaPublicKey
  try {
    certificate = new X509Certificate(bytes)
    publicKey = RsaPublicKey.fromDer(certificate.publicKey.export({ format: 'der', type: 'pkcs1' }))
  } catch {
    throw new MalformedError('no certificate with an RSA key')
  }
  const notBefore = certificate.validFromDate.getTime()
  const notAfter = certificate.validToDate.getTime()
  if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter)) throw new MalformedError('a certificate with bad dates')
  return {
    publicKey,
    notBefore,
    notAfter,
    isSignedBy(key) {
      try {
        return certificate.verify(key.keyObject)
      } catch {
        return false
      }
    },
  }
}

/**
 * The RSA identity that a CERTS type 2 certificate proves: self-signed, exactly 1024 bits, and valid at `now`, give or take 2 days after its
 * end and 30 days before its start, as C tor has it. Throws {@link MalformedError}. tor-spec 4.2.
 */
export function readIdentityCertificate(bytes: Uint8Array, now: number): RsaPublicKey {
  const certificate = parseRsaCertificate(bytes)
  const key = certificate.publicKey
  if (key.bits !== 1024) throw new MalformedError('an identity certificate whose key has not 1024 bits')
  if (!certificate.isSignedBy(key)) throw new MalformedError('an identity certificate that is not self-signed')
  if (now > certificate.notAfter + PAST_SLOP_MS) throw new MalformedError('an identity certificate that has expired')
  if (now < certificate.notBefore - FUTURE_SLOP_MS) throw new MalformedError('an identity certificate from the future')
  return key
}
