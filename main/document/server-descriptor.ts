import type { Ed25519KeyPair } from '../crypto/ed25519.ts'
import type { RsaPrivateKey } from '../crypto/rsa.ts'
import type { X25519KeyPair } from '../crypto/x25519.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ExitPolicy, PortSummary } from './exit-policy.ts'
import type { Protocols } from './protocols.ts'

export interface PerspectiveOffer {
  readonly version: number
  readonly port: number | 'virtual'
  readonly admits: 'running' | 'stable'
}
export interface ServerDescriptor {
  readonly nickname: string
  readonly address: IpAddress
  readonly orPort: number
  readonly dirPort: number
  readonly orAddress6?: { readonly address: IpAddress; readonly port: number }
  readonly platform?: string
  readonly protocols: Protocols
  readonly published: number
  /** 40 upper-case hex. */
  readonly fingerprint: string
  readonly ed25519Identity: Buffer
  readonly uptimeSeconds: number
  /** bytes/s */
  readonly bandwidth: { readonly rate: number; readonly burst: number; readonly observed: number }
  readonly ntorKey: Buffer
  /** PKCS#1 DER of the TAP onion key. */
  readonly tapOnionKey: Buffer
  readonly exitPolicy: ExitPolicy
  readonly ipv6Policy?: PortSummary
  readonly contact?: string
  /** Members as written ("$HEX" or nickname). */
  readonly family: readonly string[]
  readonly hibernating: boolean
  readonly tunnelledDirServer: boolean
  readonly hiddenServiceDir: boolean
  readonly perspective?: PerspectiveOffer
  readonly perspectivePolicy?: PortSummary
  readonly extraInfoDigest?: { readonly sha1: string; readonly sha256?: string }
  /** Earliest expiry of its certificates (ms). */
  readonly certificatesExpire: number
  /** SHA-1 of the signed part, 40 upper-case hex. */
  readonly digest: string
  readonly text: string
}
export const MAX_DESCRIPTOR_LENGTH = 20_000
export interface ServerDescriptorFields {
  readonly nickname: string
  readonly address: IpAddress
  readonly orPort: number
  readonly dirPort: number
  readonly orAddress6?: { readonly address: IpAddress; readonly port: number }
  readonly platform: string
  /** Without X-Perspective; added when `perspective` is given. */
  readonly protocols: string
  readonly published: number
  readonly uptimeSeconds: number
  readonly bandwidth: { readonly rate: number; readonly burst: number; readonly observed: number }
  readonly exitPolicy: ExitPolicy
  readonly ipv6Policy?: PortSummary
  readonly contact?: string
  readonly family?: readonly string[]
  readonly hibernating?: boolean
  readonly hiddenServiceDir?: boolean
  readonly tunnelledDirServer?: boolean
  readonly perspective?: PerspectiveOffer & { readonly policy: PortSummary }
  /** From {@link buildExtraInfo}. */
  readonly extraInfoDigest?: { readonly sha1: string; readonly sha256: string }
  /** When the ntor cross-certificate expires (ms). */
  readonly crossCertificateExpires: number
}
export interface ServerDescriptorKeys {
  readonly rsa: RsaPrivateKey
  readonly edIdentity: Ed25519KeyPair
  /** Medium-term signing key and its encoded certificate (type 4, with signed-with extension). */
  readonly signing: { readonly key: Ed25519KeyPair; readonly cert: Buffer }
  readonly ntor: X25519KeyPair
  readonly tapOnion: RsaPrivateKey
}
/** Parses and verifies every signature, certificate and cross-certificate; expiry is checked when `now` is given. */
export function parseServerDescriptor(_text: string, _options?: { now?: number }): ServerDescriptor {
  throw new Error('not yet')
}
/** Cuts a reply of several descriptors into the text of each. */
export function splitDescriptors(_text: string): string[] {
  throw new Error('not yet')
}
export function buildServerDescriptor(_fields: ServerDescriptorFields, _keys: ServerDescriptorKeys): string {
  throw new Error('not yet')
}
