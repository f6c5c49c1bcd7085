import type { Consensus, Flavor, RouterStatus } from '../document/consensus.ts'
import { PERSPECTIVE_PROTOCOL, PERSPECTIVE_VERSION } from '../document/perspective-lines.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { DescriptorCache } from './descriptor-cache.ts'

/** A consensus entry with the descriptor it names, when we have that. */
export interface Router {
  readonly status: RouterStatus
  /** Parsed when first asked for (about a millisecond). */
  readonly descriptor: ServerDescriptor | undefined
}

/** Joins the entries of the newest consensus with their documents, and tells the cache which documents to want and to keep. */
export class RouterList {
  readonly #cache: DescriptorCache
  readonly #wantMicrodescriptors: boolean
  #consensus: Consensus | undefined
  #digests: ReadonlyMap<string, string> = new Map()
  /** Fingerprint → digest of the consensus before: for relays whose newest descriptor has not arrived, and for clients that still ask. */
  #previousDigests: ReadonlyMap<string, string> = new Map()
  #microdescriptors: ReadonlySet<string> = new Set()
  #previousMicrodescriptors: ReadonlySet<string> = new Set()
  #byEd25519: Map<string, string> | undefined

  constructor(cache: DescriptorCache, wantMicrodescriptors: boolean) {
    this.#cache = cache
    this.#wantMicrodescriptors = wantMicrodescriptors
  }

  /** A newer consensus names other documents. Those of the one before stay a while longer. */
  take(flavor: Flavor, consensus: Consensus): void {
    if (flavor === 'ns') {
      this.#consensus = consensus
      this.#previousDigests = this.#digests
      this.#digests = new Map(
        consensus.routers.flatMap(router => (router.descriptorDigest ? [[router.fingerprint, router.descriptorDigest]] : [])),
      )
      this.#byEd25519 = undefined
    } else if (this.#wantMicrodescriptors) {
      this.#previousMicrodescriptors = this.#microdescriptors
      this.#microdescriptors = new Set(consensus.routers.map(router => router.microdescriptorDigest).filter(digest => digest !== undefined))
    }
    this.#cache.want({
      descriptors: new Set(this.#digests.values()),
      first: flavor === 'ns' ? offering(consensus) : undefined,
      microdescriptors: this.#microdescriptors,
    })
    this.#cache.prune({
      descriptors: new Set([...this.#digests.values(), ...this.#previousDigests.values()]),
      microdescriptors: new Set([...this.#microdescriptors, ...this.#previousMicrodescriptors]),
    })
  }

  /** More documents have arrived. */
  changed(): void {
    this.#byEd25519 = undefined
  }

  /** The digest of the descriptor to use for a listed relay (40 upper-case hex digits). */
  digestOf(fingerprint: string): string | undefined {
    const digest = this.#digests.get(fingerprint)
    if (digest === undefined || this.#cache.descriptorText(digest) !== undefined) return digest
    return this.#previousDigests.get(fingerprint)
  }

  descriptor(fingerprint: string): ServerDescriptor | undefined {
    const digest = this.digestOf(fingerprint)
    return digest === undefined ? undefined : this.#cache.descriptor(digest)
  }

  /** As {@link descriptor}, but only if it has been parsed already. */
  parsedDescriptor(fingerprint: string): ServerDescriptor | undefined {
    const digest = this.digestOf(fingerprint)
    return digest === undefined ? undefined : this.#cache.parsedDescriptor(digest)
  }

  text(fingerprint: string): string | undefined {
    const digest = this.digestOf(fingerprint)
    return digest === undefined ? undefined : this.#cache.descriptorText(digest)
  }

  router(fingerprint: string): Router | undefined {
    const status = this.#consensus?.byFingerprint.get(fingerprint)
    return status && this.#join(status)
  }

  *routers(): IterableIterator<Router> {
    for (const status of this.#consensus?.routers ?? []) yield this.#join(status)
  }

  /** By the line that the descriptor's digest vouches for; nothing is parsed. */
  findByEd25519(identity: Uint8Array): Router | undefined {
    if (!this.#byEd25519) {
      this.#byEd25519 = new Map()
      for (const fingerprint of this.#digests.keys()) {
        const key = /^master-key-ed25519 (\S{43})/m.exec(this.text(fingerprint) ?? '')?.[1]
        if (key !== undefined) this.#byEd25519.set(key, fingerprint)
      }
    }
    const fingerprint = this.#byEd25519.get(Buffer.from(identity).toString('base64').replace(/=+$/, ''))
    return fingerprint === undefined ? undefined : this.router(fingerprint)
  }

  #join(status: RouterStatus): Router {
    const find = (): ServerDescriptor | undefined => this.descriptor(status.fingerprint)
    return {
      status,
      get descriptor() {
        return find()
      },
    }
  }
}

/** Digests of the descriptors of relays that offer perspective access: somebody will look through all of them. */
function offering({ routers }: Consensus): Set<string> {
  const digests = new Set<string>()
  for (const { descriptorDigest, protocols } of routers)
    if (descriptorDigest !== undefined && protocols.supports(PERSPECTIVE_PROTOCOL, PERSPECTIVE_VERSION)) digests.add(descriptorDigest)
  return digests
}
