import type { RsaPrivateKey } from '../crypto/rsa.ts'
import { type Consensus, type ConsensusSignature, type Flavor, parseConsensus } from '../document/consensus.ts'
import { assembleConsensus, signConsensus } from '../document/consensus-format.ts'
import { computeConsensus } from '../document/consensus-from-votes.ts'
import { isSignatureGood, verifyConsensus } from '../document/consensus-signature.ts'
import { formatDetachedSignatures, parseDetachedSignatures } from '../document/detached-signature.ts'
import type { KeyCertificate } from '../document/key-certificate.ts'
import { parseVote, type Vote } from '../document/vote.ts'
import { MalformedError } from '../lib/bytes.ts'

const FLAVORS: readonly Flavor[] = ['ns', 'microdesc']
/** Signature documents that came before our own consensus was made; the others' clocks may be a little ahead. */
const MAX_WAITING_SIGNATURES = 16

/** What a post to a voting authority is answered. */
export interface VotingAnswer {
  readonly status: 200 | 400
  readonly reason: string
}

const ok = (reason: string): VotingAnswer => ({ status: 200, reason })
const refused = (reason: string): VotingAnswer => ({ status: 400, reason })

interface Pending {
  readonly body: string
  readonly digest: Buffer
  readonly signatures: Map<string, ConsensusSignature>
}

/** Both flavours of a consensus that more than half of the authorities signed. */
export interface SignedConsensus {
  readonly ns: Consensus
  readonly microdesc: Consensus
}

/**
 * One authority's part in one round of voting (dir-spec 3.4, 3.8, 3.10), without any I/O: votes and signatures go in, a consensus and our
 * signatures come out.
 */
export class VotingRound {
  /** valid-after of the consensus to be made. */
  readonly validAfter: number
  readonly #authorities: readonly string[]
  readonly #signer: { readonly identity: string; readonly key: RsaPrivateKey }
  readonly #votes = new Map<string, Vote>()
  readonly #waiting: string[] = []
  #pending: ReadonlyMap<Flavor, Pending> | undefined

  /** @param options.authorities v3idents of all authorities of the network. */
  constructor(options: { validAfter: number; authorities: readonly string[]; signer: { identity: string; key: RsaPrivateKey } }) {
    this.validAfter = options.validAfter
    this.#authorities = options.authorities
    this.#signer = options.signer
  }

  /** Votes by v3ident. */
  get votes(): ReadonlyMap<string, Vote> {
    return this.#votes
  }

  get missingVotes(): string[] {
    return this.#authorities.filter(identity => !this.#votes.has(identity))
  }

  /** Authorities that voted but whose signatures have not come. */
  get missingSignatures(): string[] {
    return [...this.#votes.keys()].filter(identity => !FLAVORS.every(flavor => this.#pending?.get(flavor)?.signatures.has(identity)))
  }

  addVote(text: string): VotingAnswer {
    let vote: Vote
    try {
      vote = parseVote(text)
    } catch (error) {
      if (error instanceof MalformedError) return refused('Unable to parse vote')
      throw error
    }
    const identity = vote.authority.identity
    if (!this.#authorities.includes(identity)) return refused('Vote not from a recognized v3 authority')
    if (vote.validAfter !== this.validAfter) return refused('Bad valid-after time')
    const known = this.#votes.get(identity)
    if (known?.digest === vote.digest) return ok('Duplicate discarded')
    if (known && known.published >= vote.published) return refused('Already have a newer pending vote')
    if (this.#pending) return refused('Posted vote received too late, would be dangerous to count it')
    this.#votes.set(identity, vote)
    return ok('Vote stored')
  }

  /** Makes our consensus of the votes there are, signs it, and takes the signatures that came early. Throws MalformedError when they are too few. */
  compute(): void {
    const votes = [...this.#votes.values()]
    const pending = new Map<Flavor, Pending>()
    for (const flavor of FLAVORS) {
      const body = computeConsensus(votes, flavor, { authorities: this.#authorities.length })
      const signature = signConsensus(flavor, body, this.#signer)
      const { digest } = parseConsensus(assembleConsensus(flavor, body, [signature]))
      pending.set(flavor, { body, digest, signatures: new Map([[this.#signer.identity, signature]]) })
    }
    this.#pending = pending
    for (const text of this.#waiting.splice(0)) this.addSignatures(text)
  }

  /** Our consensus' signatures, as they are posted to and fetched by the other authorities. */
  detachedSignatures(): string | undefined {
    const pending = this.#pending
    if (!pending) return undefined
    const { validAfter, freshUntil, validUntil } = this.#assemble('ns')
    return formatDetachedSignatures({
      validAfter,
      freshUntil,
      validUntil,
      digests: new Map(FLAVORS.map(flavor => [flavor, pending.get(flavor)!.digest.toString('hex').toUpperCase()])),
      signatures: new Map(FLAVORS.map(flavor => [flavor, [...pending.get(flavor)!.signatures.values()]])),
    })
  }

  addSignatures(text: string): VotingAnswer {
    const pending = this.#pending
    if (!pending) {
      if (this.#waiting.length >= MAX_WAITING_SIGNATURES) return refused('Too many signatures queued')
      this.#waiting.push(text)
      return ok('Signatures queued')
    }
    let added = 0
    try {
      const detached = parseDetachedSignatures(text)
      if (detached.validAfter !== this.validAfter) return refused('Valid-after times do not match when trying to add detached signatures')
      for (const flavor of FLAVORS) {
        const mine = pending.get(flavor)!
        if (detached.digests.get(flavor) !== mine.digest.toString('hex').toUpperCase()) return refused('Mismatched digest.')
        for (const signature of detached.signatures.get(flavor) ?? []) {
          const certificate = this.#votes.get(signature.identity)?.certificate
          if (!certificate || mine.signatures.has(signature.identity) || !isSignatureGood(mine.digest, signature, certificate)) continue
          mine.signatures.set(signature.identity, signature)
          added++
        }
      }
    } catch (error) {
      if (error instanceof MalformedError) return refused("Couldn't parse detached signatures.")
      throw error
    }
    return ok(added > 0 ? 'Signatures added' : 'Signatures ignored')
  }

  #assemble(flavor: Flavor): Consensus {
    const { body, signatures } = this.#pending!.get(flavor)!
    const sorted = [...signatures.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1))
    return parseConsensus(assembleConsensus(flavor, body, sorted))
  }

  /** Text of our consensus with the signatures there are so far. */
  text(flavor: Flavor): string | undefined {
    return this.#pending ? this.#assemble(flavor).text : undefined
  }

  /** The consensus, once more than half of the authorities have signed it. */
  result(): SignedConsensus | undefined {
    if (!this.#pending) return undefined
    const certificates: KeyCertificate[] = [...this.#votes.values()].map(vote => vote.certificate)
    const ns = this.#assemble('ns')
    const microdesc = this.#assemble('microdesc')
    const accepted = [ns, microdesc].every(consensus => verifyConsensus(consensus, certificates, this.#authorities).accepted)
    return accepted ? { ns, microdesc } : undefined
  }
}
