import type { PublishResult } from '../directory/publisher.ts'
import type { ExitPolicy, PortSummary } from '../document/exit-policy.ts'
import { buildExtraInfo } from '../document/extra-info.ts'
import { buildServerDescriptor, parseServerDescriptor } from '../document/server-descriptor.ts'
import { MalformedError } from '../lib/bytes.ts'
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

/**
 * What this program implements and nothing else. HSDir, HSIntro, HSRend, Padding and Conflux are left out: authorities list a relay
 * without them all the same, and nobody then counts on us for them. X-Perspective is added when perspective access is on.
 */
export const PROTOCOLS = 'Cons=1-2 Desc=1-2 DirCache=2 FlowCtrl=1-2 Link=4-5 LinkAuth=3 Microdesc=1-2 Relay=2-4'

/** What was left out knowingly, so that authorities who ask every relay for it (as they did in 2026) are no news. */
export const LEFT_OUT_PROTOCOLS = 'Conflux=1 HSDir=2 HSIntro=4-5 HSRend=2 Padding=2'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** C tor: FORCE_REGENERATE_DESCRIPTOR_INTERVAL, FAST_RETRY_DESCRIPTOR_INTERVAL, MAX_BANDWIDTH_CHANGE_FREQ, MAX_UPTIME_BANDWIDTH_CHANGE. */
const ALWAYS_AFTER_MS = 18 * HOUR_MS
const UNLISTED_AFTER_MS = 90 * MINUTE_MS
const BANDWIDTH_CHANGE_AFTER_MS = 3 * HOUR_MS
const BANDWIDTH_CHANGE_WITHIN_MS = 24 * HOUR_MS
/** Changes that come quickly one after the other are published together. */
const MIN_INTERVAL_MS = MINUTE_MS
/** The same on test networks, where intervals are seconds. */
const TESTING = { unlistedAfter: 20_000, bandwidthChangeAfter: 10_000, minInterval: 1000 }
/** Corrections of the system's clock are smaller. */
const SET_BACK_MS = MINUTE_MS
const CROSS_CERTIFICATE_LIFETIME_MS = 28 * 24 * HOUR_MS
const MAX_NUDGE = 256

/** Builds our server descriptor and extra-info, and knows when new ones are due (dir-spec 2.1, tor-facts 3.5). */
export class OwnDescriptor {
  readonly #keys: RelayKeys
  readonly #now: () => number
  readonly #times: { unlistedAfter: number; bandwidthChangeAfter: number; minInterval: number }
  #current: BuiltDescriptor | undefined
  #said: Record<string, string> = {}
  #observed = 0
  /**
   * Added to the bandwidth burst, another value for each descriptor. Authorities keep the old descriptor for two hours when nothing changed
   * that they compare (`router_differences_are_cosmetic`), and they compare neither our own lines nor keys; but the burst they do compare.
   */
  #nudge = Math.floor(Math.random() * MAX_NUDGE)
  #refused = false

  constructor(options: { keys: RelayKeys; now?: () => number; testing?: boolean }) {
    this.#keys = options.keys
    this.#now = options.now ?? Date.now
    this.#times = options.testing
      ? TESTING
      : { unlistedAfter: UNLISTED_AFTER_MS, bandwidthChangeAfter: BANDWIDTH_CHANGE_AFTER_MS, minInterval: MIN_INTERVAL_MS }
  }

  get current(): BuiltDescriptor | undefined {
    return this.#current
  }

  /** Why a new descriptor should be built and published now; `undefined` when none is due. */
  due(facts: RelayFacts, listed?: ListedState): string | undefined {
    const current = this.#current
    if (!current) return 'first descriptor'
    const now = this.#now()
    const age = now - current.published
    // To authorities with the right time it was one of the future.
    if (age <= -SET_BACK_MS) return 'the clock was set back'
    if (age < this.#times.minInterval) return undefined
    const saying = this.#statements(facts)
    const changed = Object.keys(saying).filter(name => saying[name] !== this.#said[name])
    if (changed.length > 0) return `changed: ${changed.join(', ')}`
    if (this.#refused) return 'the authorities kept the one before'
    if (age >= ALWAYS_AFTER_MS) return 'time for a new descriptor'
    if (listed?.live && age >= this.#times.unlistedAfter) {
      if (!listed.listed) return 'not listed in the consensus'
      if (listed.stale && listed.validAfter > current.published) return 'listed as stale in the consensus'
    }
    const { observed } = facts.bandwidth
    const factor = Math.max(observed, 1) / Math.max(this.#observed, 1)
    const young = now - facts.startedAt < BANDWIDTH_CHANGE_WITHIN_MS
    if (young && age >= this.#times.bandwidthChangeAfter && (factor > 2 || factor < 0.5)) return 'the bandwidth has changed'
    return undefined
  }

  /** Tells what became of an upload: one that every authority that answered took for nothing new must be made again, differently. */
  note(results: readonly PublishResult[]): void {
    const answered = results.filter(result => result.outcome !== 'unreachable')
    this.#refused = answered.length > 0 && answered.every(result => result.outcome === 'not-new' && !result.confirmed)
  }

  /**
   * Builds, checks and keeps a new pair; throws MalformedError when the facts cannot be said in a descriptor (what authorities would drop
   * silently must not leave the house), and then keeps the one before.
   */
  build(facts: RelayFacts, reason: string): BuiltDescriptor {
    const keys = this.#keys
    const { nickname, address, orPort, dirPort, orAddress6, bandwidth, exitPolicy, ipv6Policy, contact, family, hibernating } = facts
    const second = Math.floor(this.#now() / 1000) * 1000
    // Authorities want every descriptor to be newer than the one before, unless that is one of the future.
    const after = (this.#current?.published ?? 0) + 1000
    const published = after - second < SET_BACK_MS ? Math.max(second, after) : second
    const nudge = (this.#nudge + 1) % MAX_NUDGE
    const signers = { rsa: keys.rsa, edIdentity: keys.edIdentity, signing: keys.signing }
    const extraInfo = buildExtraInfo({ nickname, published, lines: facts.statistics ?? [] }, signers)
    const descriptor = buildServerDescriptor(
      {
        nickname,
        address,
        orPort,
        dirPort,
        orAddress6,
        platform: platformOf(facts),
        protocols: PROTOCOLS,
        published,
        uptimeSeconds: Math.max(0, (published - facts.startedAt) / 1000),
        bandwidth: { ...bandwidth, burst: Math.max(bandwidth.burst, bandwidth.rate) + nudge },
        exitPolicy,
        ipv6Policy,
        contact,
        family,
        hibernating,
        tunnelledDirServer: true,
        perspective: facts.perspective && { version: 1, ...facts.perspective },
        extraInfoDigest: { sha1: extraInfo.sha1, sha256: extraInfo.sha256 },
        crossCertificateExpires: published + CROSS_CERTIFICATE_LIFETIME_MS,
      },
      { ...signers, ntor: keys.ntor.key, tapOnion: keys.tapOnion },
    )
    const { fingerprint, digest, perspective, perspectivePolicy } = parseServerDescriptor(descriptor, { now: this.#now() })
    // Readers pass over a malformed offer without a word.
    if (facts.perspective && !(perspective && perspectivePolicy)) throw new MalformedError('no well-formed offer of perspective access')
    this.#current = { descriptor, extraInfo: extraInfo.text, fingerprint, digest, published, reason }
    this.#said = this.#statements(facts)
    this.#observed = bandwidth.observed
    this.#nudge = nudge
    this.#refused = false
    return this.#current
  }

  /** Everything whose change is worth a new descriptor at once, by name. */
  #statements(facts: RelayFacts): Record<string, string> {
    const { perspective } = facts
    return {
      nickname: facts.nickname,
      address: facts.address,
      ports: `${facts.orPort} ${facts.dirPort}`,
      'IPv6 address': facts.orAddress6 ? `${facts.orAddress6.address} ${facts.orAddress6.port}` : '',
      platform: platformOf(facts),
      contact: facts.contact ?? '',
      family: (facts.family ?? []).join(' '),
      hibernating: String(facts.hibernating ?? false),
      bandwidth: `${facts.bandwidth.rate} ${facts.bandwidth.burst}`,
      'exit policy': facts.exitPolicy.toDescriptorLines().join('\n'),
      'IPv6 policy': facts.ipv6Policy?.toString() ?? '',
      'perspective access': perspective ? `${perspective.port} ${perspective.admits} ${perspective.policy}` : '',
      keys: `${this.#keys.ntor.key.public.toString('hex')} ${this.#keys.signing.cert.toString('hex')}`,
    }
  }
}

/** Not "Tor …": that name is for C tor's versions, by which authorities judge. A relay that exits for its peers says so here too. */
function platformOf(facts: RelayFacts): string {
  return `Vantage ${facts.version} on ${facts.system}${facts.perspective ? ' with perspective access' : ''}`
}
