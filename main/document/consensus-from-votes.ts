import type { Flavor } from './consensus.ts'
import type { Vote } from './vote.ts'
/**
 * The unsigned consensus (for signConsensus, assembleConsensus) that follows from the votes: the same bytes at every authority.
 * `authorities`: how many authorities the network has; throws MalformedError when votes are of fewer than half + 1.
 */
export function computeConsensus(_votes: readonly Vote[], _flavor: Flavor, _options: { authorities: number }): string {
  throw new Error('not yet')
}
