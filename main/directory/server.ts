import type { Duplex } from 'node:stream'
import type { Consensus } from '../document/consensus.ts'
import type { KeyCertificate } from '../document/key-certificate.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { DirectoryRequest, HttpHeaders } from './http.ts'

/** The documents a directory server serves. NetworkDirectory is one; an authority has its own. */
export interface DirectoryView {
  readonly consensus: Consensus | undefined
  readonly microdescConsensus: Consensus | undefined
  readonly certificates: readonly KeyCertificate[]
  /** Text of a server descriptor; SHA-1 digest or relay fingerprint as 40 upper-case hex digits. */
  descriptorByDigest(digest: string): string | undefined
  descriptorByFingerprint(fingerprint: string): string | undefined
  descriptorTexts(): Iterable<string>
  /** Text of a microdescriptor; SHA-256 digest in base64 without '='. */
  microdescriptor(digest: string): string | undefined
  /** Extra-info documents, where they are kept (an authority keeps them). */
  extraInfoByDigest?(digest: string): string | undefined
  extraInfoByFingerprint?(fingerprint: string): string | undefined
}

/** Where a request came from. */
export interface RequestContext {
  readonly remoteAddress: IpAddress | undefined
  /** It came through BEGIN_DIR, not the DirPort. */
  readonly tunnelled: boolean
}

/** An answer before compression: the server adds Date, Content-Encoding and the like. */
export interface DirectoryAnswer {
  readonly status: number
  readonly reason: string
  readonly headers?: HttpHeaders
  /** Default text/plain when there is a body. */
  readonly contentType?: string
  readonly body?: string | Buffer
  /** Seconds the answer may be cached; 0 = Pragma: no-cache; undefined = neither header. */
  readonly lifetimeSeconds?: number
  /** May be compressed when the client takes that. Default true. */
  readonly compressible?: boolean
}

export interface DirectoryServerOptions {
  readonly directory: DirectoryView
  ownDescriptor(): string | undefined
  ownExtraInfo(): string | undefined
  /** HTML or plain text served at `/`. */
  frontPage?(): string | undefined
  /**
   * Asked before anything else, GET and POST alike; `path` begins with "/tor/" and has lost its ".z". `undefined`: not mine.
   * Perspective access (nonces) and authorities (votes, uploads) hang in here.
   */
  extra?(path: string, request: DirectoryRequest, context: RequestContext): DirectoryAnswer | undefined
  /** Largest body of a POST; default 0 (refused before it is read). Authorities set more. */
  readonly maxPostBytes?: number
  readonly now?: () => number
  readonly log?: ScopedLog
}

/** Serves directory documents over any duplex: DirPort sockets and BEGIN_DIR streams (dir-spec 4). */
export class DirectoryServer {
  constructor(_options: DirectoryServerOptions) {}
  /** What to say to a request; no I/O. */
  answer(_request: DirectoryRequest, _context: RequestContext): DirectoryAnswer {
    throw new Error('not built yet')
  }
  /** Reads one request from the duplex, answers it and ends it; never throws. Takes the duplex over. */
  serve(_duplex: Duplex, _context: RequestContext): void {
    throw new Error('not built yet')
  }
  /** Ends what is being served. */
  close(): void {
    throw new Error('not built yet')
  }
}
