import { ed25519Signer, generateEd25519 } from '../../main/crypto/ed25519.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { encodeTorCert, TorCertKeyType, TorCertType } from '../../main/crypto/tor-cert.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { buildExtraInfo } from '../../main/document/extra-info.ts'
import { buildServerDescriptor, type ServerDescriptorFields, type ServerDescriptorKeys } from '../../main/document/server-descriptor.ts'

/** A whole second, so that what is published and read back is the same. */
export const NOW = 1_760_000_000_000
const DAY = 24 * 3_600_000

export const PROTOCOLS =
  'Cons=1-2 Desc=1-2 DirCache=2 FlowCtrl=1-2 HSDir=2 HSIntro=4-5 HSRend=1-2 Link=4-5 LinkAuth=3 Microdesc=1-2 Relay=2-4'

export async function relayKeys(now = NOW): Promise<ServerDescriptorKeys> {
  const [rsa, tapOnion] = await Promise.all([RsaPrivateKey.generate(), RsaPrivateKey.generate()])
  const edIdentity = generateEd25519()
  return { rsa, tapOnion, edIdentity, signing: signingKey(edIdentity, now + 30 * DAY), ntor: generateX25519() }
}

export function signingKey(edIdentity: ServerDescriptorKeys['edIdentity'], expires: number): ServerDescriptorKeys['signing'] {
  const key = generateEd25519()
  const fields = { type: TorCertType.ED25519_SIGNING, expires, keyType: TorCertKeyType.ED25519, key: key.public, includeSigner: true }
  return { key, cert: encodeTorCert(fields, ed25519Signer(edIdentity)) }
}

export function fingerprintOf(keys: ServerDescriptorKeys): string {
  return keys.rsa.fingerprint.toString('hex').toUpperCase()
}

/** A descriptor and its extra-info as a relay would upload them. */
export function documents(
  keys: ServerDescriptorKeys,
  fields: Partial<ServerDescriptorFields> = {},
  lines: readonly string[] = [],
): { descriptor: string; extraInfo: string } {
  const nickname = fields.nickname ?? 'Linnaeus'
  const published = fields.published ?? NOW
  const extraInfo = buildExtraInfo({ nickname, published, lines }, keys)
  const descriptor = buildServerDescriptor(
    {
      nickname,
      address: '127.46.0.10',
      orPort: 9001,
      dirPort: 9030,
      platform: 'Vantage practice on Linux',
      protocols: PROTOCOLS,
      published,
      uptimeSeconds: 600,
      bandwidth: { rate: 10_000_000, burst: 10_000_000, observed: 1_000_000 },
      exitPolicy: ExitPolicy.parse('accept *:80, accept *:443, reject *:*'),
      hiddenServiceDir: true,
      tunnelledDirServer: true,
      extraInfoDigest: extraInfo,
      crossCertificateExpires: published + 28 * DAY,
      ...fields,
    },
    keys,
  )
  return { descriptor, extraInfo: extraInfo.text }
}
