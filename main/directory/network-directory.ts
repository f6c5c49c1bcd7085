import type { Consensus, RouterStatus } from '../document/consensus.ts'
import type { KeyCertificate } from '../document/key-certificate.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { Vote } from '../document/vote.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import type { DirAuthority } from './authorities.ts'
import type { DirectoryClient, DirectorySource } from './client.ts'
import type { DirectoryView } from './server.ts'

export type Liveness = 'none' | 'live' | 'expired'

/** Why the newest attempt to fetch a consensus gave none; for the words the app shows. */
export type DirectoryProblem =
  | { readonly code: 'unreachable'; readonly detail: string }
  | { readonly code: 'unverified'; readonly detail: string }
  | { readonly code: 'rolled-back'; readonly detail: string }
  | { readonly code: 'clock'; readonly skewMs: number; readonly detail: string }

export interface NetworkDirectoryOptions {
  readonly authorities: readonly DirAuthority[]
  /** Cache on disk; made when it is missing. */
  readonly folder: string
  readonly client: DirectoryClient
  readonly now?: () => number
  readonly log?: ScopedLog
  /** Compressed networks (intervals of seconds): fetch at once after fresh-until, retry in seconds. Default: what the consensus' interval says. */
  readonly schedule?: { readonly compressed: boolean }
  /** More places to ask once there are any, e.g. caches by BEGIN_DIR. Asked after the authorities failed. */
  readonly extraSources?: () => readonly DirectorySource[]
  /** Fetch microdescriptors too (needed to serve them). Default true. */
  readonly microdescriptors?: boolean
  /** 0 ≤ x < 1, for jitter. */
  readonly random?: () => number
}

/** A consensus entry with the descriptor it names, when we have that. */
export interface Router {
  readonly status: RouterStatus
  readonly descriptor: ServerDescriptor | undefined
}

/** What is still missing of the newest consensus. */
export interface NeededDocuments {
  readonly certificates: readonly { identity: string; signingKeyDigest: string }[]
  /** SHA-1 digests, upper-case hex. */
  readonly descriptors: readonly string[]
  /** SHA-256 digests, base64 without '='. */
  readonly microdescriptors: readonly string[]
}

/** Our verified view of the network: fetched, checked, kept on disk and kept fresh as a directory cache does (dir-spec 5). */
export class NetworkDirectory implements Service, DirectoryView {
  /** Emitted after a newer ns consensus was verified and taken. */
  readonly onConsensus = new Listeners<[Consensus]>()
  /** Emitted when more descriptors or microdescriptors arrived. */
  readonly onDescriptors = new Listeners<[]>()
  readonly onProblem = new Listeners<[DirectoryProblem]>()
  constructor(_options: NetworkDirectoryOptions) {}
  /** The newest verified ns consensus; it may have expired, see {@link liveness}. */
  get consensus(): Consensus | undefined {
    throw new Error('not built yet')
  }
  get microdescConsensus(): Consensus | undefined {
    throw new Error('not built yet')
  }
  get problem(): DirectoryProblem | undefined {
    throw new Error('not built yet')
  }
  get certificates(): readonly KeyCertificate[] {
    throw new Error('not built yet')
  }
  liveness(_now?: number): Liveness {
    throw new Error('not built yet')
  }
  /** The descriptor that the consensus names for this relay (40 upper-case hex digits). Parsed when first asked for. */
  descriptor(_fingerprint: string): ServerDescriptor | undefined {
    throw new Error('not built yet')
  }
  /** The same by Ed25519 identity; parses descriptors, so use it only where the fingerprint is unknown. */
  findByEd25519(_identity: Uint8Array): Router | undefined {
    throw new Error('not built yet')
  }
  router(_fingerprint: string): Router | undefined {
    throw new Error('not built yet')
  }
  routers(): IterableIterator<Router> {
    throw new Error('not built yet')
  }
  needed(): NeededDocuments {
    throw new Error('not built yet')
  }
  descriptorByDigest(_digest: string): string | undefined {
    throw new Error('not built yet')
  }
  descriptorByFingerprint(_fingerprint: string): string | undefined {
    throw new Error('not built yet')
  }
  descriptorTexts(): Iterable<string> {
    throw new Error('not built yet')
  }
  microdescriptor(_digest: string): string | undefined {
    throw new Error('not built yet')
  }
  /** Reads the cache, then fetches in the background; resolves when the cache was read. */
  start(_signal?: AbortSignal): Promise<void> {
    throw new Error('not built yet')
  }
  stop(): Promise<void> {
    throw new Error('not built yet')
  }
  /** Fetches now what is due or missing; resolves when that round is over, whether or not it brought anything. */
  refreshNow(): Promise<void> {
    throw new Error('not built yet')
  }
  /** The authority's current vote, its signature checked. Rejects with DirectoryError or MalformedError. */
  fetchVote(_authority: DirAuthority, _signal?: AbortSignal): Promise<Vote> {
    throw new Error('not built yet')
  }
}
