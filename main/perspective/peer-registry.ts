import type { Channel } from '../channel/channel.ts'
import type { ScopedLog } from '../lib/log.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { AdmissionDirectory, ListedPeer } from './admission.ts'
import type { BlockBook } from './block-book.ts'
import type { BlockEntry } from './block-entry.ts'
import { ExitGuard, MISUSE_REASONS, type Misuse } from './exit-guard.ts'
import { type PeerAccount, PeerAccounts } from './peer-accounts.ts'
import { type GroupSources, groupsOf } from './peer-groups.ts'
import type { PerspectiveLimits } from './perspective-limits.ts'
import { quotaFactor, type UsefulnessBook } from './usefulness.ts'

/** Something that the owner should know: a stolen key, or a peer that was blocked for what it did. */
export interface PeerAlarm {
  readonly kind: 'two-sources' | Misuse
  readonly fingerprint: string
}

export interface PeerRegistryOptions {
  readonly directory: AdmissionDirectory
  readonly blocks: BlockBook
  readonly usefulness: UsefulnessBook
  readonly groups: Pick<GroupSources, 'countryOf' | 'systemOf'>
  limits(): PerspectiveLimits
  onAlarm(alarm: PeerAlarm): void
  readonly log: ScopedLog
}

/** Peers that are remembered for what they did without having a link. */
const MAX_REMEMBERED = 2000

/** What the server remembers of its peers beyond their links: quotas, conduct, and doubts about who they are. */
export class PeerRegistry {
  readonly #o: PeerRegistryOptions
  readonly #accounts: PeerAccounts
  readonly #guards = new Map<string, ExitGuard>()
  /** Identities that were alive in two places, and until when they are kept out. */
  readonly #doubted = new Map<string, number>()

  constructor(options: PeerRegistryOptions) {
    this.#o = options
    this.#accounts = new PeerAccounts(() => options.limits())
  }

  /** The entry of the block list that keeps this peer out. */
  blockOf(channel: Channel, { fingerprint, descriptor, status }: ListedPeer): BlockEntry | undefined {
    const addresses = [...new Set([channel.remoteAddress, status.address, descriptor.address])]
    return this.#o.blocks.match({
      fingerprint,
      ed25519Identity: descriptor.ed25519Identity,
      family: [...descriptor.family],
      addresses,
      countries: addresses.map(address => this.#o.groups.countryOf(address)),
    })
  }

  /** Its account, as its usefulness and the owner's settings make it now. */
  accountOf({ fingerprint, status, descriptor }: ListedPeer): PeerAccount {
    const { usefulness, limits, directory, groups } = this.#o
    usefulness.note(fingerprint)
    const factor = quotaFactor({ ...usefulness.of(fingerprint), flags: status.flags }, limits())
    const { family, familyIds } = descriptor
    const of = groupsOf(
      { fingerprint, address: status.address, family, familyIds },
      { ...groups, descriptor: other => directory.descriptor(other) },
    )
    return this.#accounts.of(fingerprint, of, factor, Date.now())
  }

  /** One for all links of a peer, also those to come: hanging up forgets nothing. */
  guardOf(fingerprint: string): ExitGuard {
    let guard = this.#guards.get(fingerprint)
    if (!guard) {
      guard = new ExitGuard({ limits: () => this.#o.limits().guard, onMisuse: misuse => this.#onMisuse(fingerprint, misuse) })
      if (this.#guards.size >= MAX_REMEMBERED) this.#guards.delete(this.#guards.keys().next().value!)
      this.#guards.set(fingerprint, guard)
    }
    return guard
  }

  #onMisuse(fingerprint: string, misuse: Misuse): void {
    const { blocks, limits, log, onAlarm } = this.#o
    log.warn(`a peer was blocked (${misuse})`)
    this.#guards.delete(fingerprint)
    onAlarm({ kind: misuse, fingerprint })
    // Saving may fail; the block is in force all the same, and the book says so in the log.
    blocks
      .add({ target: { kind: 'fingerprint', fingerprint }, expires: Date.now() + limits().guard.blockMs, reason: MISUSE_REASONS[misuse] })
      .catch(() => {})
  }

  isDoubted(fingerprint: string): boolean {
    const until = this.#doubted.get(fingerprint)
    if (until !== undefined && until > steadyNow()) return true
    this.#doubted.delete(fingerprint)
    return false
  }

  /** Keeps an identity out for a while that was alive in two places. */
  doubt(fingerprint: string): void {
    this.#doubted.set(fingerprint, steadyNow() + this.#o.limits().doubtMs)
    if (this.#doubted.size > MAX_REMEMBERED) this.#doubted.delete(this.#doubted.keys().next().value!)
    this.#o.onAlarm({ kind: 'two-sources', fingerprint })
  }
}
