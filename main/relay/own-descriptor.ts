import type { ExitPolicy, PortSummary } from '../document/exit-policy.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { RelayKeys } from './keys.ts'

/** What our descriptor says besides keys. */
export interface RelayFacts {
  readonly nickname: string
  readonly address: IpAddress
  readonly orPort: number
  readonly dirPort: number
  readonly orAddress6?: { readonly address: IpAddress; readonly port: number }
  /** Of the product, e.g. "0.1.0". */
  readonly version: string
  /** As people call it, e.g. "Linux". */
  readonly system: string
  readonly startedAt: number
  /** Bytes a second. */
  readonly bandwidth: { readonly rate: number; readonly burst: number; readonly observed: number }
  readonly exitPolicy: ExitPolicy
  readonly ipv6Policy?: PortSummary
  readonly contact?: string
  readonly family?: readonly string[]
  readonly hibernating?: boolean
  /** Perspective access offered: PAPort or 'virtual', whom it admits, and where it exits to. */
  readonly perspective?: { readonly port: number | 'virtual'; readonly admits: 'running' | 'stable'; readonly policy: PortSummary }
  /** Statistics lines for the extra-info document, each without its newline. */
  readonly statistics?: readonly string[]
}

export interface BuiltDescriptor {
  readonly descriptor: string
  readonly extraInfo: string
  readonly fingerprint: string
  /** SHA-1 of the signed part, upper-case hex: what the consensus will name. */
  readonly digest: string
  readonly published: number
  readonly reason: string
}

/** How the network sees us, for the question whether to publish again. */
export interface ListedState {
  /** There is a live consensus. */
  readonly live: boolean
  readonly listed: boolean
  /** It carries the flag StaleDesc. */
  readonly stale: boolean
  readonly validAfter: number
}

/** Builds our server descriptor and extra-info, and knows when new ones are due (dir-spec 2.1, tor-facts 3.5). */
export class OwnDescriptor {
  constructor(_options: { keys: RelayKeys; now?: () => number; testing?: boolean }) {}
  get current(): BuiltDescriptor | undefined {
    throw new Error('not built yet')
  }
  /** Why a new descriptor should be built and published now; `undefined` when none is due. */
  due(_facts: RelayFacts, _listed?: ListedState): string | undefined {
    throw new Error('not built yet')
  }
  /** Builds, checks and keeps a new pair; throws MalformedError when the facts cannot be said in a descriptor. */
  build(_facts: RelayFacts, _reason: string): BuiltDescriptor {
    throw new Error('not built yet')
  }
}
