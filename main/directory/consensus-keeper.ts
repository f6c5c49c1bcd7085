import { type Consensus, type Flavor, parseConsensusSliced } from '../document/consensus.ts'
import { verifyConsensus } from '../document/consensus-signature.ts'
import { type KeyCertificate, parseKeyCertificate, splitKeyCertificates } from '../document/key-certificate.ts'
import { MalformedError } from '../lib/bytes.ts'
import type { NewestSeen } from './store.ts'

/** Names a key certificate. */
export interface CertificateName {
  readonly identity: string
  readonly signingKeyDigest: string
}

/** What became of a consensus that was offered. */
export type ConsensusOffer =
  | { readonly kind: 'taken'; readonly consensus: Consensus }
  /** We have it already. */
  | { readonly kind: 'same' }
  /** It is older than one that we have seen. */
  | { readonly kind: 'older'; readonly detail: string }
  /** Not enough good signatures; with `missing`, certificates might still change that, and it is kept for {@link ConsensusKeeper.recheck}. */
  | { readonly kind: 'unverified'; readonly detail: string; readonly missing: readonly CertificateName[] }
  /** It says it becomes valid only far in our future: our clock is wrong, or theirs. */
  | { readonly kind: 'early'; readonly detail: string; readonly aheadMs: number }
  | { readonly kind: 'malformed'; readonly detail: string }

const CERTIFICATES_PER_AUTHORITY = 8
const MAX_NAMES_MISSING = 48
/** A consensus may be this much ahead of our clock, or one interval, whichever is more. */
const CLOCK_TOLERANCE_MS = 60 * 60_000

/** Takes consensuses only if more than half of the known authorities signed them, and never an older one after a newer one. */
export class ConsensusKeeper {
  readonly #idents: readonly string[]
  readonly #current: Partial<Record<Flavor, Consensus>> = {}
  readonly #waiting: Partial<Record<Flavor, Consensus>> = {}
  readonly #certificates = new Map<string, KeyCertificate>()
  newest: NewestSeen = { ns: 0, microdesc: 0 }

  /** `idents`: v3idents of the authorities, 40 upper-case hex digits. */
  constructor(idents: readonly string[]) {
    this.#idents = idents
  }

  current(flavor: Flavor): Consensus | undefined {
    return this.#current[flavor]
  }

  get certificates(): readonly KeyCertificate[] {
    return [...this.#certificates.values()]
  }

  /** Keeps the well-formed, unexpired certificates of known authorities among these; gives how many were new. */
  addCertificates(text: string, now: number): number {
    let added = 0
    for (const one of splitKeyCertificates(text)) {
      try {
        const certificate = parseKeyCertificate(one)
        const name = `${certificate.identity}-${certificate.signingKeyDigest}`
        if (!this.#idents.includes(certificate.identity) || certificate.expires <= now || this.#certificates.has(name)) continue
        this.#certificates.set(name, certificate)
        added++
        this.#trim(certificate.identity)
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error
      }
    }
    return added
  }

  /** One authority cannot fill our memory: its oldest certificates go. */
  #trim(identity: string): void {
    const theirs = [...this.#certificates].filter(([, certificate]) => certificate.identity === identity)
    theirs.sort(([, a], [, b]) => b.published - a.published)
    for (const [name] of theirs.slice(CERTIFICATES_PER_AUTHORITY)) this.#certificates.delete(name)
  }

  /** Parses (giving the event loop back now and then) and judges; rejects only when aborted. */
  async offer(flavor: Flavor, text: string, now: number, signal: AbortSignal): Promise<ConsensusOffer> {
    let consensus: Consensus
    try {
      consensus = await parseConsensusSliced(text, signal)
    } catch (error) {
      if (error instanceof MalformedError) return { kind: 'malformed', detail: error.message }
      throw error
    }
    if (consensus.flavor !== flavor) return { kind: 'malformed', detail: `a consensus of flavour ${consensus.flavor}` }
    return this.#judge(flavor, consensus, now)
  }

  /** Judges again what lacked certificates; `undefined` when nothing waits. */
  recheck(flavor: Flavor, now: number): ConsensusOffer | undefined {
    const waiting = this.#waiting[flavor]
    return waiting && this.#judge(flavor, waiting, now)
  }

  /** Certificates that signatures of the newest and of the waiting consensuses name and that we lack; bounded, for one URL. */
  missingCertificates(now: number): CertificateName[] {
    const names = new Map<string, CertificateName>()
    for (const consensus of [...Object.values(this.#waiting), ...Object.values(this.#current)]) {
      for (const name of verifyConsensus(consensus, this.#usable(consensus, now), this.#idents).missing) {
        names.set(`${name.identity}-${name.signingKeyDigest}`, name)
      }
    }
    return [...names.values()].slice(0, MAX_NAMES_MISSING)
  }

  /** A certificate counts for a consensus made while it was valid. */
  #usable(consensus: Consensus, now: number): KeyCertificate[] {
    const time = Math.min(consensus.validAfter, now)
    return this.certificates.filter(certificate => certificate.expires > time)
  }

  #judge(flavor: Flavor, consensus: Consensus, now: number): ConsensusOffer {
    const interval = consensus.freshUntil - consensus.validAfter
    const ahead = consensus.validAfter - now
    if (consensus.validAfter < this.newest[flavor]) {
      return { kind: 'older', detail: `valid after ${iso(consensus.validAfter)}, but one of ${iso(this.newest[flavor])} was seen` }
    }
    if (consensus.validAfter === this.#current[flavor]?.validAfter) return { kind: 'same' }
    if (ahead > Math.max(CLOCK_TOLERANCE_MS, interval)) {
      return { kind: 'early', detail: `valid only after ${iso(consensus.validAfter)}`, aheadMs: ahead }
    }
    const verdict = verifyConsensus(consensus, this.#usable(consensus, now), this.#idents)
    if (!verdict.accepted) {
      if (verdict.missing.length > 0) this.#waiting[flavor] = consensus
      const detail = `${verdict.good.length} of ${this.#idents.length} authorities signed it, ${verdict.bad.length} signatures are bad`
      return { kind: 'unverified', detail, missing: verdict.missing }
    }
    this.#current[flavor] = consensus
    this.newest = { ...this.newest, [flavor]: consensus.validAfter }
    delete this.#waiting[flavor]
    return { kind: 'taken', consensus }
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
