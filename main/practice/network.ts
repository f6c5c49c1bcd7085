import type { DirAuthority } from '../directory/authorities.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import { PracticeGeography } from './geography.ts'
import type { PracticeTiming } from './timing.ts'

/** How far the start of the practice network is. */
export interface PracticeProgress {
  readonly step: 'keys' | 'relays' | 'descriptors' | 'voting' | 'ready'
  readonly done: number
  readonly total: number
}

/** A whole small Tor network on this machine's loopback addresses, inside this program: authorities, relays in several countries, a web site. */
export class PracticeNetwork implements Service {
  readonly geography = new PracticeGeography()
  readonly onProgress = new Listeners<[PracticeProgress]>()

  constructor(_options: { log?: ScopedLog; timing?: PracticeTiming; now?: () => number } = {}) {}

  /** torrc lines ("TestingTorNetwork 1", "DirAuthority …") that stock tor accepts too. Set by start. */
  get dirAuthorityLines(): string {
    throw new Error('not yet')
  }
  get authorities(): readonly DirAuthority[] {
    throw new Error('not yet')
  }
  /** "http://127.44.0.80:12345/". Set by start. */
  get siteUrl(): string {
    throw new Error('not yet')
  }
  /** The address the user's own relay should have in the practice world, with its own country. */
  get homeAddress(): IpAddress {
    throw new Error('not yet')
  }
  /** True when aliases of 127.0.0.1 cannot be bound on this machine, so that all relays share it. */
  get singleAddress(): boolean {
    throw new Error('not yet')
  }
  /** The only private destinations that may be dialled in the practice network: its site, and its relays' own ports. */
  allowPrivate(_address: IpAddress, _port: number): boolean {
    throw new Error('not yet')
  }
  start(_signal?: AbortSignal): Promise<void> {
    throw new Error('not yet')
  }
  stop(): Promise<void> {
    throw new Error('not yet')
  }
}
