import { request } from 'node:http'
import { type DirAuthority, formatDirAuthorityLine } from '../../main/directory/authorities.ts'
import { DirPort } from '../../main/directory/dir-port.ts'
import { type DirectoryAnswer, DirectoryServer, type DirectoryView } from '../../main/directory/server.ts'
import { type Consensus, parseConsensus } from '../../main/document/consensus.ts'
import { assembleConsensus, type ConsensusFields, formatConsensus, signConsensus } from '../../main/document/consensus-format.ts'
import { Protocols } from '../../main/document/protocols.ts'
import { splitDescriptors } from '../../main/document/server-descriptor.ts'
import { formatVote, parseVote } from '../../main/document/vote.ts'
import { type AuthorityKeys, generateAuthorityKeys } from '../../main/practice/authority-keys.ts'
import type { SizedRelay } from './public-sized.ts'

const FLAGS = ['Authority', 'BadExit', 'Exit', 'Fast', 'Guard', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid']
const PROTOCOLS = 'Cons=2 Desc=2 DirCache=2 FlowCtrl=1 Link=4 LinkAuth=3 Microdesc=2 Relay=2'
const HOST = '127.0.0.1'
const MAX_POST = 100_000
const NOT_FOUND: DirectoryAnswer = { status: 404, reason: 'Not found' }

interface Authority {
  readonly keys: AuthorityKeys
  readonly identity: DirAuthority
}

/** The documents of one consensus period. */
interface Period {
  readonly view: DirectoryView
  /** By v3ident. */
  readonly votes: ReadonlyMap<string, string>
}

/**
 * Nine directory authorities, as many as the public network has, that do not vote but serve whatever documents the bench gives them. Descriptors that
 * are uploaded to them are kept, served, and passed on to other (stock) authorities.
 */
export class SizedAuthorities {
  readonly #authorities: Authority[] = []
  readonly #ports: DirPort[] = []
  /** DirPorts of stock authorities. */
  readonly #forwardTo: readonly number[]
  /** The newest upload of each relay, by fingerprint. */
  readonly uploads = new Map<string, string>()
  /** Descriptor and microdescriptor requests answered, votes given out. */
  readonly served = { documents: 0, votes: 0 }
  #period: Period | undefined

  private constructor(forwardTo: readonly number[]) {
    this.#forwardTo = forwardTo
  }

  static async start(count: number, forwardTo: readonly number[]): Promise<SizedAuthorities> {
    const network = new SizedAuthorities(forwardTo)
    for (let i = 0; i < count; i++) await network.#startOne(i)
    return network
  }

  async #startOne(index: number): Promise<void> {
    const keys = await generateAuthorityKeys({ now: Date.now() })
    const v3ident = keys.certificate.identity
    const get = <T>(pick: (view: DirectoryView) => T) => this.#period && pick(this.#period.view)
    const directory: DirectoryView = {
      get consensus() {
        return get(view => view.consensus)
      },
      get microdescConsensus() {
        return get(view => view.microdescConsensus)
      },
      get certificates() {
        return get(view => view.certificates) ?? []
      },
      descriptorByDigest: digest => get(view => view.descriptorByDigest(digest)),
      descriptorByFingerprint: fingerprint => this.uploads.get(fingerprint),
      descriptorTexts: () => [],
      microdescriptor: digest => get(view => view.microdescriptor(digest)),
    }
    const server = new DirectoryServer({
      directory,
      ownDescriptor: () => undefined,
      ownExtraInfo: () => undefined,
      maxPostBytes: MAX_POST,
      extra: (path, { method, body }) => {
        if (method === 'POST') return this.#upload(body)
        if (/^\/tor\/(server|micro)\/d\//.test(path)) this.served.documents++
        return path === '/tor/status-vote/current/authority' ? this.#vote(v3ident) : undefined
      },
    })
    const port = await DirPort.open({ server, host: HOST, port: 0 })
    this.#ports.push(port)
    const identity = {
      nickname: `auth${index}`,
      v3ident,
      fingerprint: index.toString(16).toUpperCase().padStart(40, '0'),
      address: HOST,
      dirPort: port.port,
      orPort: 1,
    }
    this.#authorities.push({ keys, identity })
  }

  get lines(): string[] {
    return this.#authorities.map(({ identity }) => formatDirAuthorityLine(identity))
  }

  #vote(v3ident: string): DirectoryAnswer {
    const period = this.#period
    const body = period?.votes.get(v3ident)
    if (!period || body === undefined) return NOT_FOUND
    this.served.votes++
    return { status: 200, reason: 'OK', body, lifetimeSeconds: 0, cacheKey: `${v3ident} ${period.view.consensus!.validAfter}` }
  }

  #upload(body: Buffer): DirectoryAnswer {
    for (const text of splitDescriptors(body.toString('latin1'))) {
      const fingerprint = /^fingerprint (.*)$/m.exec(text)?.[1]?.replaceAll(' ', '')
      if (fingerprint) this.uploads.set(fingerprint, text)
    }
    for (const port of this.#forwardTo) {
      const post = request({ host: HOST, port, method: 'POST', path: '/tor/' }, answer => answer.resume())
      // Uploaded again and again by every one of us: what one loses another brings.
      post.on('error', () => {})
      post.end(body)
    }
    return { status: 200, reason: 'Descriptor accepted' }
  }

  /**
   * Signs and serves a consensus of these relays, valid after `validAfter` (whole seconds, ms) and fresh for `freshMs`, with a vote of each authority
   * if they are wanted. Gives the sizes of what is served, in bytes.
   */
  serve(
    relays: readonly SizedRelay[],
    times: { validAfter: number; freshMs: number },
    options: { votes: boolean },
  ): { ns: number; microdesc: number; vote: number } {
    const validAfter = Math.floor(times.validAfter / 1000) * 1000
    const shared = {
      validAfter,
      freshUntil: validAfter + times.freshMs,
      validUntil: validAfter + 3 * 3_600_000,
      voteSeconds: 300,
      distSeconds: 300,
      clientVersions: ['0.4.8.21', '0.4.9.11'],
      serverVersions: ['0.4.8.21', '0.4.9.11'],
      knownFlags: FLAGS,
      params: new Map([['cc_alg', 0]]),
    }
    const fields: ConsensusFields = {
      ...shared,
      consensusMethod: 33,
      recommendedClientProtocols: Protocols.parse(PROTOCOLS),
      recommendedRelayProtocols: Protocols.parse(PROTOCOLS),
      requiredClientProtocols: Protocols.parse(PROTOCOLS),
      requiredRelayProtocols: Protocols.parse(PROTOCOLS),
      bandwidthWeights: new Map(),
      authorities: this.#authorities.map(({ identity }) => ({
        ...identity,
        identity: identity.v3ident,
        hostname: HOST,
        contact: 'bench',
        voteDigest: identity.v3ident,
      })),
      routers: relays.map(({ router }) => ({ ...router, microdescriptorDigest: router.microdescriptorDigests.get(33) })),
    }
    const make = (flavor: 'ns' | 'microdesc'): Consensus => {
      const body = formatConsensus(flavor, fields)
      const signers = this.#authorities.map(({ identity, keys }) => ({ identity: identity.v3ident, key: keys.signing }))
      return parseConsensus(
        assembleConsensus(
          flavor,
          body,
          signers.map(signer => signConsensus(flavor, body, signer)),
        ),
      )
    }
    const [ns, microdesc] = [make('ns'), make('microdesc')]
    const descriptors = new Map(relays.map(({ router, descriptor }) => [router.descriptorDigest, descriptor]))
    const microdescriptors = new Map(relays.map(({ router, microdescriptor }) => [router.microdescriptorDigests.get(33)!, microdescriptor]))
    const votes = new Map<string, string>()
    if (options.votes) {
      for (const { identity, keys } of this.#authorities) {
        const text = formatVote(
          {
            ...shared,
            published: validAfter,
            consensusMethods: [32, 33, 34, 35],
            recommendedClientProtocols: PROTOCOLS,
            recommendedRelayProtocols: PROTOCOLS,
            requiredClientProtocols: PROTOCOLS,
            requiredRelayProtocols: PROTOCOLS,
            flagThresholds: new Map([
              ['stable-uptime', 900_000],
              ['stable-mtbf', 2_000_000],
            ]),
            authority: { ...identity, identity: identity.v3ident, hostname: HOST, contact: 'bench' },
            certificate: keys.certificate,
            routers: relays.map(({ router }) => router),
          },
          keys.signing,
        )
        if (votes.size === 0) parseVote(text)
        votes.set(identity.v3ident, text)
      }
    }
    this.#period = {
      votes,
      view: {
        consensus: ns,
        microdescConsensus: microdesc,
        certificates: this.#authorities.map(({ keys }) => keys.certificate),
        descriptorByDigest: digest => descriptors.get(digest),
        descriptorByFingerprint: () => undefined,
        descriptorTexts: () => [],
        microdescriptor: digest => microdescriptors.get(digest),
      },
    }
    const [vote = ''] = votes.values()
    return { ns: ns.text.length, microdesc: microdesc.text.length, vote: vote.length }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ports.map(port => port.close()))
  }
}
