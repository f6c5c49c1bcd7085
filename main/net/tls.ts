import type { LinkCertificate } from '../crypto/x509.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { Listener, ListenerLimits } from './listener.ts'

/** An established TLS connection as channels use it. */
export class TlsLink {
  declare readonly initiated: boolean
  declare readonly remoteAddress: IpAddress
  declare readonly remotePort: number
  declare readonly localAddress: IpAddress
  /** DER of the responder's certificate: ours if we accepted, the peer's if we connected. */
  declare readonly certificate: Buffer
  /** RFC 5705. */
  exportKeyingMaterial(length: number, label: string, context: Buffer): Buffer {
    throw new Error(`soon ${length} ${label} ${context}`)
  }
  destroy(): void {
    throw new Error('soon')
  }
}

export interface ListenTlsOptions {
  readonly host: IpAddress
  readonly port: number
  /** Asked for at every connection: the link certificate of now. */
  readonly certificate: () => LinkCertificate
  readonly onConnection: (link: TlsLink) => void
  readonly limits?: Partial<ListenerLimits>
}
export function listenTls(options: ListenTlsOptions): Promise<Listener> {
  throw new Error(`soon ${options}`)
}

export interface ConnectOptions {
  /** An IP address; names are refused. */
  readonly host: IpAddress
  readonly port: number
  readonly localAddress?: IpAddress
  readonly signal: AbortSignal
  readonly timeoutMs?: number
}
export function connectTls(options: ConnectOptions): Promise<TlsLink> {
  throw new Error(`soon ${options}`)
}

/** The link certificate of now: a new one every two hours. */
export class LinkCertificates {
  current(now: number): LinkCertificate {
    throw new Error(`soon ${now}`)
  }
}
