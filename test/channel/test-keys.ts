import { createLinkKeys, type LinkKeys } from '../../main/channel/link-keys.ts'
import { type Ed25519KeyPair, ed25519Signer, generateEd25519 } from '../../main/crypto/ed25519.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { encodeTorCert, TorCertKeyType, TorCertType } from '../../main/crypto/tor-cert.ts'

export interface TestKeys extends LinkKeys {
  /** The Ed25519 master key pair. */
  readonly identity: Ed25519KeyPair
}

/** A relay's link keys with fresh identities; the signing certificate is good for 30 days from `now`. */
export async function makeLinkKeys(now = Date.now()): Promise<TestKeys> {
  const rsa = await RsaPrivateKey.generate()
  const identity = generateEd25519()
  const signingKey = generateEd25519()
  const signingCert = encodeTorCert(
    {
      type: TorCertType.ED25519_SIGNING,
      expires: now + 30 * 24 * 3_600_000,
      keyType: TorCertKeyType.ED25519,
      key: signingKey.public,
      includeSigner: true,
    },
    ed25519Signer(identity),
  )
  return { ...createLinkKeys({ rsa, ed25519Identity: identity.public, signingKey, signingCert }, now), identity }
}
