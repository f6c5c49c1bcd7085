import { type Duplex, pipeline } from 'node:stream'
import { canonicalIp, type IpAddress } from '../lib/ip.ts'
import type { PerspectiveChoice } from './choice-name.ts'

/** What a program asked the local SOCKS5 or HTTP proxy for. */
export interface ProxyRequest {
  /** An IP address in canonical form, or a host name in lower case: see {@link proxyHost}. */
  readonly host: string
  /** 1–65535. */
  readonly port: number
  /**
   * The user name as sent, or the window's; `undefined` without credentials. Requests of different users never share a Tor circuit. In one hop they
   * share the link to a relay, which knows anyway that all of it is ours.
   */
  readonly user: string | undefined
  /** What the user name asks for; `undefined` without credentials: the choice made in the UI. */
  readonly choice: PerspectiveChoice | undefined
}

/** An open way to the destination, until `splice` or `abort`. */
export interface ProxyConnection {
  /** The address that the exit connected to, where it said so. */
  readonly address?: IpAddress
  /** Fingerprint of the relay that it leaves from. */
  readonly through?: string
  /**
   * Carries bytes between the client's socket (or any stream) and the destination; called once, after the success was written. `early` is what the
   * client has sent already (often empty). Owns both ends from then on: each end's slowness holds the other back, and when the far
   * end is over the socket is ended.
   */
  splice(client: Duplex, early: Buffer): void
  /** Closes it unused (the client went away meanwhile). */
  abort(): void
}

/** Opens what proxy clients ask for; the perspective client is one. */
export interface ProxyHandler {
  /** Rejects with {@link ProxyRefused}; any other error counts as `general`. Aborted when the client goes away or time is up. */
  open(request: ProxyRequest, signal: AbortSignal): Promise<ProxyConnection>
  /** Resolves a name at the far end (Tor's SOCKS extension RESOLVE); absent: the command is refused. `request.port` means nothing. */
  resolve?(request: ProxyRequest, signal: AbortSignal): Promise<IpAddress>
}

/** Why nothing was opened: the SOCKS5 reply (RFC 1928 section 6) and the HTTP status (RFC 9110 section 15) that say it best. */
const REFUSALS = {
  general: { socks: 1, http: 502 },
  'not-allowed': { socks: 2, http: 403 },
  locked: { socks: 2, http: 403 },
  'no-relay': { socks: 3, http: 503 },
  'network-unreachable': { socks: 3, http: 502 },
  'host-unreachable': { socks: 4, http: 502 },
  'name-unknown': { socks: 4, http: 502 },
  'connection-refused': { socks: 5, http: 502 },
  timeout: { socks: 6, http: 504 },
  'command-unsupported': { socks: 7, http: 501 },
} as const
export type ProxyRefusal = keyof typeof REFUSALS

export class ProxyRefused extends Error {
  override name = 'ProxyRefused'
  readonly code: ProxyRefusal
  /** SOCKS5 REP field. */
  readonly socks: number
  /** HTTP status. */
  readonly http: number

  constructor(code: ProxyRefusal, options?: ErrorOptions) {
    super(code, options)
    this.code = code
    this.socks = REFUSALS[code].socks
    this.http = REFUSALS[code].http
  }

  /** The refusal that an error means. */
  static of(error: unknown): ProxyRefused {
    return error instanceof ProxyRefused ? error : new ProxyRefused('general', { cause: error })
  }
}

/** What holds for the clients of one proxy port. */
export interface ProxyClientRules {
  /** For a port that serves one perspective only (a window's): used in place of user names, which are then ignored. */
  readonly fixed?: { readonly choice: PerspectiveChoice; readonly user: string }
  /** The password that clients must give. */
  readonly secret?: string
  /** The HTTP proxy's own page: by which Host it is asked for, and the file; see pac.ts. */
  readonly pac?: { readonly hosts: readonly string[]; readonly text: string }
}

/** Where the conversation with a proxy client stands. */
export type ProxyStep =
  | { readonly step: 'reading' }
  | { readonly step: 'asked'; readonly command: 'connect' | 'resolve'; readonly request: ProxyRequest }
  | { readonly step: 'accepted' }
  /** Nothing more is read; the socket is ended after the output. */
  | { readonly step: 'failed'; readonly reason: string }

/** One proxy protocol without sockets: bytes in, `output` and `state` out. */
export interface ProxyProtocol {
  readonly state: ProxyStep
  /** Only while `reading`; answers with the state after it. Hostile bytes end in `failed`, never in an exception. */
  receive(chunk: Buffer): ProxyStep
  /** What is to be sent, in order; taken by the caller. */
  takeOutput(): Buffer
  /** What came behind the request and belongs to the destination; taken by the caller. */
  takeRest(): Buffer
  /** Answers what was asked: the way is open (or `address` is the name's). */
  accept(address?: IpAddress): void
  refuse(refusal: ProxyRefused): void
}

/**
 * The host of a proxy request: an address in any of its proper spellings becomes canonical, a name becomes lower case without its
 * final dot. `undefined` for everything that is no host name (RFC 1123 plus `_`): empty, over 253 characters, labels over 63, other
 * characters. Numbers that some resolvers take for addresses ("0x7f.1", "2130706433") are names here; the exit refuses what they mean.
 */
export function proxyHost(text: string): string | undefined {
  const ip = canonicalIp(text)
  if (ip !== undefined) return ip
  if (text.length > 254) return undefined
  const name = text.toLowerCase().replace(/\.$/, '')
  return name.length <= 253 && name.split('.').every(label => /^[a-z0-9_-]{1,63}$/.test(label)) ? name : undefined
}

/** A {@link ProxyConnection} over any Node stream. An end in one direction is passed on as that, a failure of one end ends both. */
export function duplexConnection(duplex: Duplex, address?: IpAddress): ProxyConnection {
  return {
    address,
    splice(client, early) {
      if (early.length > 0) duplex.write(early)
      pipeline(client, duplex, () => {})
      pipeline(duplex, client, () => {})
    },
    abort() {
      duplex.on('error', () => {})
      duplex.destroy()
    },
  }
}
