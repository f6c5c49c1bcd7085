import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign,
} from 'node:crypto'
import { promisify } from 'node:util'
import { MalformedError } from '../lib/bytes.ts'
import { DerReader, DerTag } from './der.ts'
import { constantTimeEqual, sha1 } from './digest.ts'

/** Directory authorities use 3072-bit identity keys; anything far beyond would only cost us time to check. */
const MAX_MODULUS_BITS = 8192
const MIN_MODULUS_BITS = 512
const PADDING = constants.RSA_PKCS1_PADDING

/** An RSA public key in the only form Tor hashes and prints: PKCS#1 RSAPublicKey. tor-spec 0.3. */
export class RsaPublicKey {
  /** PKCS#1 RSAPublicKey DER. */
  readonly der: Buffer
  /** Size of the modulus. */
  readonly bits: number
  readonly exponent: number
  #key: KeyObject | undefined
  #fingerprint: Buffer | undefined

  private constructor(der: Buffer, bits: number, exponent: number) {
    this.der = der
    this.bits = bits
    this.exponent = exponent
  }

  /** RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }, exact. Throws {@link MalformedError}. */
  static fromDer(der: Uint8Array): RsaPublicKey {
    const outer = new DerReader(der)
    const inner = new DerReader(outer.element(DerTag.SEQUENCE))
    outer.end()
    const modulus = inner.positiveInteger()
    const exponentBytes = inner.positiveInteger()
    inner.end()
    const bits = modulus.length * 8 - Math.clz32(modulus[0]!) + 24
    if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS || !(modulus.at(-1)! & 1)) throw new MalformedError('no usable RSA modulus')
    if (exponentBytes.length > 4) throw new MalformedError('a huge RSA exponent')
    const exponent = exponentBytes.readUIntBE(0, exponentBytes.length)
    if (exponent < 3 || exponent % 2 === 0) throw new MalformedError('no usable RSA exponent')
    return new RsaPublicKey(Buffer.from(der), bits, exponent)
  }

  /** The key for node's own functions. Throws {@link MalformedError} when the crypto library refuses it. */
  get keyObject(): KeyObject {
    if (!this.#key) {
      try {
        this.#key = createPublicKey({ key: this.der, format: 'der', type: 'pkcs1' })
      } catch {
        throw new MalformedError('an RSA key that cannot be used')
      }
    }
    return this.#key
  }

  /** SHA1 of {@link der}, 20 bytes: for an identity key, the relay's fingerprint. */
  get fingerprint(): Buffer {
    this.#fingerprint ??= sha1(this.der)
    return this.#fingerprint
  }

  /** What was signed: the signature's contents under PKCS#1 v1.5 type 1 padding. Throws {@link MalformedError} when there is no such. */
  recoverRaw(signature: Uint8Array): Buffer {
    const key = this.keyObject
    try {
      return publicDecrypt({ key, padding: PADDING }, signature)
    } catch {
      throw new MalformedError('a signature by another RSA key, or none')
    }
  }

  /** Whether the signature recovers to exactly this digest. */
  verifyRaw(digest: Uint8Array, signature: Uint8Array): boolean {
    try {
      return constantTimeEqual(this.recoverRaw(signature), digest)
    } catch (error) {
      if (error instanceof MalformedError) return false
      throw error
    }
  }
}

/** A relay's identity key, its unused TAP onion key, or an authority's keys. */
export class RsaPrivateKey {
  readonly publicKey: RsaPublicKey
  readonly #key: KeyObject

  private constructor(key: KeyObject) {
    this.#key = key
    this.publicKey = RsaPublicKey.fromDer(createPublicKey(key).export({ format: 'der', type: 'pkcs1' }))
  }

  /** A new key with exponent 65537, made in the background. A relay's identity has exactly 1024 bits. */
  static async generate(bits = 1024): Promise<RsaPrivateKey> {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits, publicExponent: 65537 })
    return new RsaPrivateKey(privateKey)
  }

  /** Reads PEM (PKCS#1 "RSA PRIVATE KEY" or PKCS#8). Throws {@link MalformedError}. */
  static fromPem(pem: string): RsaPrivateKey {
    let key: KeyObject
    try {
      key = createPrivateKey({ key: pem, format: 'pem' })
    } catch {
      throw new MalformedError('no private key in PEM')
    }
    if (key.asymmetricKeyType !== 'rsa') throw new MalformedError('not an RSA key')
    return new RsaPrivateKey(key)
  }

  /** PKCS#1 PEM, "RSA PRIVATE KEY". */
  toPem(): string {
    return this.#key.export({ format: 'pem', type: 'pkcs1' }).toString()
  }

  /** PKCS#1 RSAPublicKey DER of the public half. */
  get publicDer(): Buffer {
    return this.publicKey.der
  }

  /** SHA1 of {@link publicDer}, 20 bytes. */
  get fingerprint(): Buffer {
    return this.publicKey.fingerprint
  }

  /** Signs a digest (or other short bytes) as Tor documents do: PKCS#1 v1.5 type 1 padding, no DigestInfo. dir-spec 1.3. */
  signRaw(digest: Uint8Array): Buffer {
    return privateEncrypt({ key: this.#key, padding: PADDING }, digest)
  }

  /** Signs a message with sha256WithRSAEncryption, as X.509 certificates are. */
  signSha256(message: Uint8Array): Buffer {
    return sign('sha256', message, this.#key)
  }
}

const PEM = /^-----BEGIN RSA PUBLIC KEY-----\n((?:[A-Za-z0-9+/]{1,64}={0,2}\n)+)-----END RSA PUBLIC KEY-----\n?$/

/** PEM "RSA PUBLIC KEY" with a newline at the end. */
export function rsaPublicPem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!
  return `-----BEGIN RSA PUBLIC KEY-----\n${lines.join('\n')}\n-----END RSA PUBLIC KEY-----\n`
}

/** Reads what {@link rsaPublicPem} writes. Throws {@link MalformedError}. */
export function parseRsaPublicPem(pem: string): RsaPublicKey {
  const body = pem.length <= 4096 ? PEM.exec(pem)?.[1] : undefined
  if (body === undefined) throw new MalformedError('no RSA PUBLIC KEY in PEM')
  return RsaPublicKey.fromDer(Buffer.from(body, 'base64'))
}
