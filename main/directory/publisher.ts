import type { ScopedLog } from '../lib/log.ts'
import type { DirAuthority } from './authorities.ts'
import type { DirectoryClient } from './client.ts'

/** What one authority made of our descriptor. */
export interface PublishResult {
  readonly authority: DirAuthority
  /** accepted: taken · not-new: it keeps the one it has (cosmetic change or the same again) · rejected · unreachable. */
  readonly outcome: 'accepted' | 'not-new' | 'rejected' | 'unreachable'
  /** What it said (reason phrase or our words), at most 200 printable characters. */
  readonly answer: string
  /** It serves our descriptor back byte for byte. A 200 without this means it dropped the descriptor silently. */
  readonly confirmed: boolean
}

export interface Publication {
  readonly fingerprint: string
  readonly descriptor: string
  readonly extraInfo?: string
  /** Sent as X-Desc-Gen-Reason. */
  readonly reason: string
}

/** Uploads our descriptor to every authority (dir-spec 4.1) and reads it back. */
export class Publisher {
  constructor(_options: {
    authorities: readonly DirAuthority[]
    client: DirectoryClient
    log?: ScopedLog
    retryDelayMs?: number
    attempts?: number
  }) {}
  /** Resolves when every authority answered or was given up; one result an authority, in their order. */
  publish(
    _publication: Publication,
    _options?: { signal?: AbortSignal; onResult?(result: PublishResult): void },
  ): Promise<PublishResult[]> {
    throw new Error('not built yet')
  }
}
