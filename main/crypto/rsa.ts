export class RsaPrivateKey {
  readonly publicKey: RsaPublicKey
  readonly publicDer: Buffer
  readonly fingerprint: Buffer
  private constructor() {
    throw new Error('soon')
  }
  static async generate(bits = 1024): Promise<RsaPrivateKey> {
    throw new Error('soon')
  }
  /** PKCS#1 or PKCS#8 PEM; throws MalformedError. */
  static fromPem(pem: string): RsaPrivateKey {
    throw new Error('soon')
  }
  toPem(): string {
    throw new Error('soon')
  }
  /** PKCS#1 v1.5 type 1, no DigestInfo. */
  signRaw(digest: Uint8Array): Buffer {
    throw new Error('soon')
  }
  /** PKCS#1 v1.5 with SHA-256 DigestInfo (X.509). */
  signSha256(message: Uint8Array): Buffer {
    throw new Error('soon')
  }
}
export class RsaPublicKey {
  readonly der: Buffer
  readonly bits: number
  readonly exponent: number
  private constructor() {
    throw new Error('soon')
  }
  /** Strict PKCS#1 RSAPublicKey DER; throws MalformedError. */
  static fromDer(der: Uint8Array): RsaPublicKey {
    throw new Error('soon')
  }
  /** SHA1 of der, 20 bytes. */
  get fingerprint(): Buffer {
    throw new Error('soon')
  }
  /** What was signed with PKCS#1 v1.5 type 1 padding; throws MalformedError. */
  recoverRaw(signature: Uint8Array): Buffer {
    throw new Error('soon')
  }
  verifyRaw(digest: Uint8Array, signature: Uint8Array): boolean {
    throw new Error('soon')
  }
}
/** PEM "RSA PUBLIC KEY" with a final newline. */
export function rsaPublicPem(der: Uint8Array): string {
  throw new Error('soon')
}
/** Throws MalformedError. */
export function parseRsaPublicPem(pem: string): RsaPublicKey {
  throw new Error('soon')
}
