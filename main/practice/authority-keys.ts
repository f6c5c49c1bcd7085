import { RsaPrivateKey } from '../crypto/rsa.ts'
import { buildKeyCertificate, type KeyCertificate, parseKeyCertificate } from '../document/key-certificate.ts'

/** Key length: these keys live for one run of the practice network and guard nothing but it. */
const BITS = 1024
const LIFETIME = 30 * 24 * 3_600_000
/** The certificate is dated back a little, for clients whose clocks are behind. */
const BACKDATE = 3_600_000

/** What makes an authority: its v3 identity, the key that signs its votes and consensuses, and the certificate that joins them. */
export interface AuthorityKeys {
  readonly signing: RsaPrivateKey
  readonly certificate: KeyCertificate
}

/** New authority keys, in memory only (dir-spec 3.1). `dirAddress`: "address:port". */
export async function generateAuthorityKeys(options: { now: number; dirAddress?: string }): Promise<AuthorityKeys> {
  const [identity, signing] = await Promise.all([RsaPrivateKey.generate(BITS), RsaPrivateKey.generate(BITS)])
  const published = Math.floor(options.now / 1000) * 1000 - BACKDATE
  const text = buildKeyCertificate({ identity, signing, published, expires: published + LIFETIME, dirAddress: options.dirAddress })
  return { signing, certificate: parseKeyCertificate(text) }
}
