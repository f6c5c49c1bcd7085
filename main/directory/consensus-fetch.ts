import type { Flavor } from '../document/consensus.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { DirectorySource } from './client.ts'
import type { ConsensusKeeper, ConsensusOffer } from './consensus-keeper.ts'
import type { Fetched, Fetcher } from './fetcher.ts'

/** Why the newest attempt to fetch a consensus gave none; for the words the app shows. */
export type DirectoryProblem =
  | { readonly code: 'unreachable'; readonly detail: string }
  /** Servers answer, but have no consensus that our authorities signed. */
  | { readonly code: 'no-consensus'; readonly detail: string }
  | { readonly code: 'unverified'; readonly detail: string }
  | { readonly code: 'rolled-back'; readonly detail: string }
  /** `skewMs`: how far their clock is ahead of ours. */
  | { readonly code: 'clock'; readonly skewMs: number; readonly detail: string }

/** A larger difference between our clock and a server's Date is told to the user. */
const SKEW_TOLD_FROM_MS = 30 * 60_000
/** Which of several problems is told: what explains most comes first. */
const GRAVITY = ['clock', 'unverified', 'rolled-back', 'no-consensus', 'unreachable'] as const

export function graver(a: DirectoryProblem | undefined, b: DirectoryProblem | undefined): DirectoryProblem | undefined {
  if (!a || !b) return a ?? b
  return GRAVITY.indexOf(b.code) < GRAVITY.indexOf(a.code) ? b : a
}

export interface ConsensusFetchOptions {
  readonly fetcher: Fetcher
  readonly keeper: ConsensusKeeper
  readonly now: () => number
  readonly log: ScopedLog
  /** Called after certificates were added. */
  onCertificates(): void
}

/** What asking around for a newer consensus came to. */
export interface ConsensusFetchOutcome {
  readonly taken: boolean
  readonly problem: DirectoryProblem | undefined
}

/** Asks one source after the other until one has a newer consensus that verifies; fetches the certificates that this needs. */
export async function fetchConsensus(
  options: ConsensusFetchOptions,
  flavor: Flavor,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ConsensusFetchOutcome> {
  const { fetcher, keeper, now, log } = options
  const have = keeper.current(flavor)
  let problem: DirectoryProblem | undefined
  const note = (found: DirectoryProblem | undefined): void => {
    problem = graver(problem, found)
  }
  let newestAlready = false
  for (const source of fetcher.sources()) {
    const fetched = await fetcher.consensus(source, flavor, have?.validAfter, timeoutMs, signal)
    if (signal.aborted) break
    note(skewOf(fetched, now()))
    if (fetched.response?.status === 304 && have) newestAlready = true
    else if (fetched.response?.status !== 200) note(silence(fetched))
    else {
      const offer = await consider(options, source, flavor, fetched.response.body.toString('utf8'), timeoutMs, signal)
      if (offer.kind === 'taken') {
        // It verified, but our clients may want the certificates of the other signers too.
        await fetchCertificates(options, source, timeoutMs, signal)
        return { taken: true, problem: problem?.code === 'clock' ? problem : undefined }
      }
      if (offer.kind === 'same') newestAlready = true
      else {
        log.warn(`a ${flavor} consensus is refused (${offer.kind}): ${offer.detail}`)
        note(problemOf(offer))
      }
    }
  }
  // One that is merely unreachable, or lags behind, is no problem while another says that we have the newest.
  return { taken: false, problem: newestAlready && problem?.code !== 'clock' ? undefined : problem }
}

async function consider(
  options: ConsensusFetchOptions,
  source: DirectorySource,
  flavor: Flavor,
  text: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ConsensusOffer> {
  const { keeper, now } = options
  const offer = await keeper.offer(flavor, text, now(), signal)
  if (offer.kind !== 'unverified' || offer.missing.length === 0) return offer
  await fetchCertificates(options, source, timeoutMs, signal)
  return keeper.recheck(flavor, now()) ?? offer
}

/** Fetches the certificates that signatures name and that we lack, from the source of the consensus first. */
async function fetchCertificates(
  options: ConsensusFetchOptions,
  first: DirectorySource,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { fetcher, keeper, now } = options
  for (const source of [first, ...fetcher.sources()]) {
    const missing = keeper.missingCertificates(now())
    if (missing.length === 0 || signal.aborted) return
    const { response } = await fetcher.certificates(source, missing, timeoutMs, signal)
    if (response?.status === 200 && keeper.addCertificates(response.body.toString('utf8'), now()) > 0) options.onCertificates()
  }
}

function skewOf({ response }: Fetched, now: number): DirectoryProblem | undefined {
  const date = Date.parse(response?.headers.get('Date') ?? '')
  if (Number.isNaN(date) || Math.abs(date - now) <= SKEW_TOLD_FROM_MS) return undefined
  return { code: 'clock', skewMs: date - now, detail: `a server's clock differs from ours by ${Math.round((date - now) / 1000)} s` }
}

function silence({ response, error }: Fetched): DirectoryProblem {
  if (!response) return { code: 'unreachable', detail: error?.message ?? 'no answer' }
  const code = response.status === 404 ? 'no-consensus' : 'unreachable'
  return { code, detail: `a server said ${response.status} ${response.reason.slice(0, 80)}` }
}

function problemOf(offer: Exclude<ConsensusOffer, { kind: 'taken' | 'same' }>): DirectoryProblem {
  switch (offer.kind) {
    case 'older':
      return { code: 'rolled-back', detail: offer.detail }
    case 'early':
      return { code: 'clock', skewMs: offer.aheadMs, detail: offer.detail }
    case 'unverified':
    case 'malformed':
      return { code: 'unverified', detail: offer.detail }
    default:
      return offer satisfies never
  }
}
