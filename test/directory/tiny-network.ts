import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import type { DirAuthority } from '../../main/directory/authorities.ts'
import { DirPort } from '../../main/directory/dir-port.ts'
import type { DirectoryRequest } from '../../main/directory/http.ts'
import { type DirectoryAnswer, DirectoryServer, type DirectoryView } from '../../main/directory/server.ts'
import { type Flavor, parseConsensus, type RouterStatus } from '../../main/document/consensus.ts'
import { assembleConsensus, formatConsensus, signConsensus } from '../../main/document/consensus-format.ts'
import { buildKeyCertificate, type KeyCertificate, parseKeyCertificate } from '../../main/document/key-certificate.ts'
import { makeMicrodescriptor, microdescriptorDigest } from '../../main/document/microdescriptor.ts'
import { PortSummary } from '../../main/document/port-summary.ts'
import { Protocols } from '../../main/document/protocols.ts'
import { parseServerDescriptor, type ServerDescriptor, splitDescriptors } from '../../main/document/server-descriptor.ts'

const VECTORS = resolve(import.meta.dirname, '../vectors/stock-tor')

/** Server descriptors that stock tor made, with the microdescriptors that follow from them. */
export const RELAYS: readonly ServerDescriptor[] = splitDescriptors(readFileSync(`${VECTORS}/server-descriptors`, 'utf8')).map(text =>
  parseServerDescriptor(text),
)
export const MICRODESCRIPTORS: readonly string[] = RELAYS.map(relay => makeMicrodescriptor(relay))

export interface TinyAuthority {
  readonly identity: string
  readonly signing: RsaPrivateKey
  readonly certificate: KeyCertificate
}

export async function makeAuthority(now: number): Promise<TinyAuthority> {
  const [identity, signing] = await Promise.all([RsaPrivateKey.generate(), RsaPrivateKey.generate()])
  const text = buildKeyCertificate({ identity, signing, published: now - 3_600_000, expires: now + 30 * 86_400_000 })
  const certificate = parseKeyCertificate(text)
  return { identity: certificate.identity, signing, certificate }
}

export interface ConsensusTimes {
  readonly validAfter: number
  /** Default 10 s. */
  readonly intervalMs?: number
  /** Default 3 intervals. */
  readonly validMs?: number
}

function entryOf(relay: ServerDescriptor, flavor: Flavor): RouterStatus {
  return {
    nickname: relay.nickname,
    fingerprint: relay.fingerprint,
    descriptorDigest: flavor === 'ns' ? relay.digest : undefined,
    microdescriptorDigest: flavor === 'microdesc' ? microdescriptorDigest(makeMicrodescriptor(relay)) : undefined,
    published: relay.published,
    address: relay.address,
    orPort: relay.orPort,
    dirPort: relay.dirPort,
    orAddresses6: [],
    flags: new Set(['Running', 'Valid', 'Fast', 'Stable']),
    protocols: relay.protocols,
    bandwidth: 100,
    unmeasured: false,
    portSummary: PortSummary.parse('reject 1-65535'),
  }
}

/** A consensus about `relays`, signed by `signers`. */
export function makeConsensus(
  flavor: Flavor,
  times: ConsensusTimes,
  signers: readonly TinyAuthority[],
  options: { relays?: readonly ServerDescriptor[]; authorities?: readonly TinyAuthority[] } = {},
): string {
  const { relays = RELAYS, authorities = signers } = options
  const { validAfter, intervalMs = 10_000, validMs = intervalMs * 3 } = times
  const none = Protocols.parse('')
  const body = formatConsensus(flavor, {
    validAfter,
    freshUntil: validAfter + intervalMs,
    validUntil: validAfter + validMs,
    voteSeconds: 2,
    distSeconds: 2,
    consensusMethod: 33,
    clientVersions: [],
    serverVersions: [],
    knownFlags: ['Fast', 'Running', 'Stable', 'Valid'],
    recommendedRelayProtocols: none,
    requiredRelayProtocols: none,
    recommendedClientProtocols: none,
    requiredClientProtocols: none,
    params: new Map(),
    bandwidthWeights: new Map(),
    authorities: authorities.map((authority, i) => ({
      nickname: `auth${i}`,
      identity: authority.identity,
      hostname: '127.0.0.1',
      address: '127.0.0.1',
      dirPort: 80,
      orPort: 443,
      contact: 'none',
      voteDigest: '0'.repeat(40),
    })),
    routers: relays.map(relay => entryOf(relay, flavor)),
  })
  return assembleConsensus(
    flavor,
    body,
    signers.map(signer => signConsensus(flavor, body, { identity: signer.identity, key: signer.signing })),
  )
}

/** What a fake authority serves; change it at will. */
export class FakeView implements DirectoryView {
  texts: Partial<Record<Flavor, string>> = {}
  certificates: KeyCertificate[] = []
  relays: readonly ServerDescriptor[] = RELAYS

  get consensus() {
    return this.texts.ns === undefined ? undefined : parseConsensus(this.texts.ns)
  }
  get microdescConsensus() {
    return this.texts.microdesc === undefined ? undefined : parseConsensus(this.texts.microdesc)
  }
  descriptorByDigest(digest: string) {
    return this.relays.find(relay => relay.digest === digest)?.text
  }
  descriptorByFingerprint(fingerprint: string) {
    return this.relays.find(relay => relay.fingerprint === fingerprint)?.text
  }
  descriptorTexts() {
    return this.relays.map(relay => relay.text)
  }
  microdescriptor(digest: string) {
    return MICRODESCRIPTORS.find(text => microdescriptorDigest(text) === digest)
  }
}

/** A DirPort that serves a {@link FakeView} and notes what it was asked. */
export class FakeAuthority {
  readonly view = new FakeView()
  readonly requests: string[] = []
  /** Answers before the view does. */
  intercept: ((path: string, request: DirectoryRequest) => DirectoryAnswer | undefined) | undefined
  readonly keys: TinyAuthority
  readonly #server: DirectoryServer
  #port: DirPort | undefined

  constructor(keys: TinyAuthority, now: () => number) {
    this.keys = keys
    this.#server = new DirectoryServer({
      directory: this.view,
      ownDescriptor: () => undefined,
      ownExtraInfo: () => undefined,
      maxPostBytes: 100_000,
      now,
      extra: (path, request) => {
        this.requests.push(`${request.method} ${path}`)
        return this.intercept?.(path, request)
      },
    })
  }

  async start(port = 0): Promise<this> {
    this.#port = await DirPort.open({ server: this.#server, host: '127.0.0.1', port })
    return this
  }

  get dirAuthority(): DirAuthority {
    return {
      nickname: 'fake',
      v3ident: this.keys.identity,
      fingerprint: '0'.repeat(40),
      address: '127.0.0.1',
      dirPort: this.#port!.port,
      orPort: 1,
    }
  }

  async stop(): Promise<void> {
    await this.#port?.close()
    this.#server.close()
  }
}
