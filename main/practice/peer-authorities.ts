import type { DirAuthority } from '../directory/authorities.ts'
import type { DirectoryClient, DirectorySource } from '../directory/client.ts'
import type { Flavor } from '../document/consensus.ts'
import type { ScopedLog } from '../lib/log.ts'

/** Largest vote or signature document taken from another authority of a practice network. */
export const MAX_VOTING_DOCUMENT = 8 * 1024 * 1024

/** The other authorities, as one of them talks to them in a round of voting. Nothing here rejects: who does not answer is left out. */
export class PeerAuthorities {
  readonly #peers: readonly DirAuthority[]
  readonly #client: DirectoryClient
  readonly #timeoutMs: number
  readonly #log: ScopedLog

  constructor(options: { peers: readonly DirAuthority[]; client: DirectoryClient; timeoutMs: number; log: ScopedLog }) {
    this.#peers = options.peers
    this.#client = options.client
    this.#timeoutMs = options.timeoutMs
    this.#log = options.log
  }

  postVote(text: string): Promise<void> {
    return this.#post('/tor/post/vote', text)
  }

  postSignatures(text: string): Promise<void> {
    return this.#post('/tor/post/consensus-signature', text)
  }

  /** The votes of these authorities (v3idents), from whoever has them (dir-spec 3.4). */
  async fetchVotes(missing: readonly string[]): Promise<string[]> {
    const found = await Promise.all(
      missing.flatMap(identity => this.#peers.map(peer => this.#get(peer, `/tor/status-vote/next/${identity}`))),
    )
    return found.filter(text => text !== undefined)
  }

  async fetchSignatures(): Promise<string[]> {
    const found = await Promise.all(this.#peers.map(peer => this.#get(peer, '/tor/status-vote/next/consensus-signatures')))
    return found.filter(text => text !== undefined)
  }

  async fetchConsensus(flavor: Flavor): Promise<string[]> {
    const path = `/tor/status-vote/current/consensus${flavor === 'ns' ? '' : `-${flavor}`}`
    const found = await Promise.all(this.#peers.map(peer => this.#get(peer, path)))
    return found.filter(text => text !== undefined)
  }

  async #post(path: string, text: string): Promise<void> {
    await Promise.all(
      this.#peers.map(async peer => {
        try {
          const answer = await this.#client.post(source(peer), path, text, { timeoutMs: this.#timeoutMs })
          if (answer.status !== 200) this.#log.info(`${peer.nickname} refused ${path}: ${answer.status} ${answer.reason}`)
        } catch (error) {
          this.#log.info(`${peer.nickname} did not take ${path}: ${error instanceof Error ? error.message : error}`)
        }
      }),
    )
  }

  async #get(peer: DirAuthority, path: string): Promise<string | undefined> {
    try {
      const answer = await this.#client.get(source(peer), path, { timeoutMs: this.#timeoutMs, maxBytes: MAX_VOTING_DOCUMENT })
      return answer.status === 200 ? answer.body.toString('utf8') : undefined
    } catch {
      return undefined
    }
  }
}

function source(peer: DirAuthority): DirectorySource {
  return { kind: 'dirport', address: peer.address, port: peer.dirPort }
}
