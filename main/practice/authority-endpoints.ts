import { type DirectoryRequest, HttpHeaders } from '../directory/http.ts'
import type { DirectoryAnswer } from '../directory/server.ts'
import type { Vote } from '../document/vote.ts'
import type { DirectoryAuthority } from './authority.ts'
import { MAX_VOTING_DOCUMENT } from './peer-authorities.ts'
import { MAX_UPLOAD_LENGTH } from './uploads.ts'

/** What the directory server of an authority's relay must let through in a POST. */
export const MAX_AUTHORITY_POST = Math.max(MAX_UPLOAD_LENGTH, MAX_VOTING_DOCUMENT)

const NOT_FOUND: DirectoryAnswer = { status: 404, reason: 'Not found' }

function document(text: string | undefined): DirectoryAnswer {
  return text === undefined ? NOT_FOUND : { status: 200, reason: 'OK', body: text, lifetimeSeconds: 0 }
}

/**
 * The requests that only an authority answers (dir-spec 3.2, 3.4, 3.10, 3.11): uploads, votes, signatures, and the consensus being made.
 * Everything else is for the ordinary directory server.
 */
export class AuthorityEndpoints {
  readonly #authority: DirectoryAuthority

  constructor(authority: DirectoryAuthority) {
    this.#authority = authority
  }

  answer(path: string, request: DirectoryRequest): DirectoryAnswer | undefined {
    if (request.method === 'POST') return this.#post(path, request.body)
    if (request.method !== 'GET') return undefined
    if (path === '/tor/keys/authority') return document(this.#authority.certificates[0]?.text)
    const match = /^\/tor\/status-vote\/(current|next)\/(.+)$/.exec(path)
    if (!match) return undefined
    return match[1] === 'next' ? this.#next(match[2]!) : this.#current(match[2]!)
  }

  #post(path: string, body: Buffer): DirectoryAnswer | undefined {
    const authority = this.#authority
    switch (path) {
      case '/tor/': {
        if (body.length > MAX_UPLOAD_LENGTH) return { status: 400, reason: 'Upload was too large.' }
        const { status, reason, notNew } = authority.registry.upload(body)
        return { status, reason, headers: notNew ? new HttpHeaders({ 'X-Descriptor-Not-New': 'Yes' }) : undefined }
      }
      case '/tor/post/vote':
        return authority.receiveVote(body.toString('utf8'))
      case '/tor/post/consensus-signature':
        return authority.receiveSignatures(body.toString('utf8'))
      default:
        return undefined
    }
  }

  #next(name: string): DirectoryAnswer {
    const round = this.#authority.nextRound
    if (name === 'consensus') return document(round?.text('ns'))
    if (name === 'consensus-microdesc') return document(round?.text('microdesc'))
    if (name === 'consensus-signatures') return document(round?.detachedSignatures())
    return this.#vote(name, round?.votes)
  }

  /** `undefined` for the consensus itself: the directory server knows diffs and the rest. */
  #current(name: string): DirectoryAnswer | undefined {
    return name.startsWith('consensus') ? undefined : this.#vote(name, this.#authority.currentVotes)
  }

  /** "authority", a v3ident, or "d/" and the digest of a vote. */
  #vote(name: string, votes: ReadonlyMap<string, Vote> | undefined): DirectoryAnswer {
    if (!votes) return NOT_FOUND
    if (name === 'authority') return document(votes.get(this.#authority.identity.v3ident)?.text)
    if (!name.startsWith('d/')) return document(votes.get(name.toUpperCase())?.text)
    const digest = name.slice(2).toUpperCase()
    return document([...votes.values()].find(vote => vote.digest === digest)?.text)
  }
}
