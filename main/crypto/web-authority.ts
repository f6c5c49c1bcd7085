import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { ipToBytes } from '../lib/ip.ts'
import { DerTag, der, derBitString, derInteger, derOid, derTime } from './der.ts'
import { randomBytes } from './random.ts'
import type { LinkCertificate } from './x509.ts'

const DAY_MS = 86_400_000
const ECDSA_WITH_SHA256 = der(DerTag.SEQUENCE, derOid('1.2.840.10045.4.3.2'))
const BOOLEAN = 0x01
const OCTET_STRING = 0x04
const TRUE = der(BOOLEAN, Buffer.of(0xff))

const attribute = (oid: string, text: string) =>
  der(DerTag.SET, der(DerTag.SEQUENCE, derOid(oid), der(DerTag.UTF8_STRING, Buffer.from(text))))
/** Organisation, common name. */
const distinguishedName = (organisation: string, commonName: string) =>
  der(DerTag.SEQUENCE, attribute('2.5.4.10', organisation), attribute('2.5.4.3', commonName))

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return der(DerTag.SEQUENCE, derOid(oid), ...(critical ? [TRUE] : []), der(OCTET_STRING, value))
}
const basicConstraints = (isAuthority: boolean) => extension('2.5.29.19', true, der(DerTag.SEQUENCE, ...(isAuthority ? [TRUE] : [])))
/** digitalSignature, or keyCertSign and cRLSign. */
const keyUsage = (isAuthority: boolean) =>
  extension('2.5.29.15', true, der(DerTag.BIT_STRING, isAuthority ? Buffer.of(1, 0x06) : Buffer.of(7, 0x80)))
const serverAuth = extension('2.5.29.37', false, der(DerTag.SEQUENCE, derOid('1.3.6.1.5.5.7.3.1')))
/** dNSName [2] and iPAddress [7]. */
const alternativeNames = (names: readonly string[]) =>
  extension(
    '2.5.29.17',
    false,
    der(
      DerTag.SEQUENCE,
      ...names.map(name => {
        const address = ipToBytes(name)
        return address ? der(0x87, address) : der(0x82, Buffer.from(name))
      }),
    ),
  )

const keyIdentifier = (key: KeyObject) =>
  createHash('sha1')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest()

const pem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END CERTIFICATE-----\n`

/**
 * A small certificate authority for web sites of the practice network: P-256 throughout, RFC 5280 version 3 with the extensions that browsers
 * want. Its key lives in memory only.
 */
export class WebAuthority {
  readonly #name: Buffer
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  /** To be trusted by whoever is to accept its certificates. */
  readonly certPem: string

  constructor(organisation: string, commonName: string, now: number) {
    this.#name = distinguishedName(organisation, commonName)
    this.certPem = pem(this.#make({ subject: this.#name, key: this.#key.publicKey, now, days: 30, isAuthority: true, names: [] }))
  }

  /** A key and certificate for host names and addresses, good for two weeks around `now` unless other days are given. */
  issue(organisation: string, names: readonly string[], now: number, days = 14): LinkCertificate {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const subject = distinguishedName(organisation, names[0]!)
    const certDer = this.#make({ subject, key: publicKey, now, days, isAuthority: false, names })
    return { keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), certPem: pem(certDer), certDer }
  }

  #make(of: { subject: Buffer; key: KeyObject; now: number; days: number; isAuthority: boolean; names: readonly string[] }): Buffer {
    const { subject, key, now, days, isAuthority, names } = of
    const extensions = [
      basicConstraints(isAuthority),
      keyUsage(isAuthority),
      extension('2.5.29.14', false, der(OCTET_STRING, keyIdentifier(key))),
      extension('2.5.29.35', false, der(DerTag.SEQUENCE, der(0x80, keyIdentifier(this.#key.publicKey)))),
      ...(isAuthority ? [] : [serverAuth, alternativeNames(names)]),
    ]
    const tbs = der(
      DerTag.SEQUENCE,
      der(0xa0, derInteger(Buffer.of(2))),
      derInteger(randomBytes(12)),
      ECDSA_WITH_SHA256,
      this.#name,
      der(DerTag.SEQUENCE, derTime(now - DAY_MS), derTime(now - DAY_MS + days * DAY_MS)),
      subject,
      key.export({ format: 'der', type: 'spki' }),
      der(0xa3, der(DerTag.SEQUENCE, ...extensions)),
    )
    return der(DerTag.SEQUENCE, tbs, ECDSA_WITH_SHA256, derBitString(sign('sha256', tbs, this.#key.privateKey)))
  }
}
