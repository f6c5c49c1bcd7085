import { parseVoteSliced, type Vote } from '../document/vote.ts'
import { MalformedError } from '../lib/bytes.ts'
import type { DirAuthority } from './authorities.ts'
import { type DirectoryClient, DirectoryError } from './client.ts'
import { Fetcher } from './fetcher.ts'

const MAX_VOTE_BYTES = 32 * 1024 * 1024

/**
 * The authority's current vote, its signature checked: our own entry and the flag thresholds, before we are listed. `only`: the relay (40 upper-case hex)
 * that it is asked about; others are left out.
 * Rejects with DirectoryError, or MalformedError when the document is not this authority's vote.
 */
export async function fetchVote(
  client: DirectoryClient,
  authority: DirAuthority,
  { only, signal }: { only?: string | undefined; signal: AbortSignal },
): Promise<Vote> {
  const source = Fetcher.dirPortOf(authority)
  const response = await client.get(source, '/tor/status-vote/current/authority', { maxBytes: MAX_VOTE_BYTES, signal })
  if (response.status !== 200) throw new DirectoryError('unreachable', `the authority said ${response.status}`)
  const vote = await parseVoteSliced(response.body.toString('utf8'), signal, only)
  if (vote.authority.identity !== authority.v3ident) throw new MalformedError('the vote of another authority')
  return vote
}
