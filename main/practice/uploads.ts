import { type ExtraInfo, MAX_EXTRA_INFO_LENGTH, parseExtraInfo, splitExtraInfos } from '../document/extra-info.ts'
import { MAX_DESCRIPTOR_LENGTH, parseServerDescriptor, type ServerDescriptor, splitDescriptors } from '../document/server-descriptor.ts'
import { MalformedError } from '../lib/bytes.ts'
import { isSpecialAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'
import { differencesAreCosmetic } from './cosmetic.ts'
import { KeyPins } from './key-pins.ts'
import { rejectedPlatform } from './platform.ts'

/** Largest body of POST /tor/ that is read: a few descriptors with their extra-infos. */
export const MAX_UPLOAD_LENGTH = 512 * 1024
/** No more relays than this are kept; uploads of further ones are refused. */
const MAX_RELAYS = 2000
/** Replaced descriptors of one relay that are still served by digest: a consensus may go on naming them for a while. */
const KEPT_OLD = 3

const HOUR = 3_600_000
const MAX_FUTURE = 12 * HOUR
const MAX_AGE = 24 * HOUR

/** What POST /tor/ is answered. */
export interface UploadAnswer {
  readonly status: 200 | 400
  readonly reason: string
  /** Nothing was taken because nothing was new: the header X-Descriptor-Not-New is sent. */
  readonly notNew: boolean
}

/** What became of one document, worst first; the numbers order them (C tor was_router_added_t). */
const Outcome = { rejected: -5, notNew: -2, badExtraInfo: -1, taken: 1 } as const
interface Verdict {
  readonly outcome: (typeof Outcome)[keyof typeof Outcome]
  readonly message: string
}
const TAKEN: Verdict = { outcome: Outcome.taken, message: '[None]' }
const rejected = (message: string): Verdict => ({ outcome: Outcome.rejected, message })
const notNew = (message: string): Verdict => ({ outcome: Outcome.notNew, message })
const badExtraInfo = (message: string): Verdict => ({ outcome: Outcome.badExtraInfo, message })

/**
 * The server descriptors and extra-infos that an authority has accepted (dir-spec 3.2). Answers are worded as C tor words them, for relays
 * whose operators know those; documents that do not parse or whose signatures are bad are dropped without a word, as C tor does.
 */
export class DescriptorRegistry {
  /** A descriptor was taken; `previous` is the one it replaces. */
  readonly onAccepted = new Listeners<[descriptor: ServerDescriptor, previous: ServerDescriptor | undefined]>()
  readonly #now: () => number
  readonly #allowPrivate: boolean
  readonly #ownFingerprint: string
  readonly #pins = new KeyPins()
  readonly #relays = new Map<string, ServerDescriptor>()
  readonly #byDigest = new Map<string, ServerDescriptor>()
  /** Digests of replaced descriptors by fingerprint, oldest first. */
  readonly #replaced = new Map<string, string[]>()
  readonly #extraInfos = new Map<string, ExtraInfo>()

  /** @param options.ownFingerprint the authority's own relay: its descriptor is taken even when it differs little. */
  constructor(options: { now: () => number; allowPrivate: boolean; ownFingerprint: string }) {
    this.#now = options.now
    this.#allowPrivate = options.allowPrivate
    this.#ownFingerprint = options.ownFingerprint
  }

  /** The newest descriptor of every relay. */
  get relays(): IterableIterator<ServerDescriptor> {
    return this.#relays.values()
  }
  get size(): number {
    return this.#relays.size
  }
  get(fingerprint: string): ServerDescriptor | undefined {
    return this.#relays.get(fingerprint)
  }
  byDigest(digest: string): ServerDescriptor | undefined {
    return this.#byDigest.get(digest)
  }
  /** The extra-info with this SHA-1 digest (upper-case hex), when it belongs to a relay's newest descriptor. */
  extraInfo(digest: string): ExtraInfo | undefined {
    return this.#extraInfos.get(digest)
  }

  /** Takes what is good of the body of a POST to /tor/ and says what to answer. */
  upload(body: Uint8Array): UploadAnswer {
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    } catch {
      text = '\ufeff'
    }
    if (text.startsWith('\ufeff')) return answer(rejected('descriptor(s) or extrainfo(s) not valid UTF-8 or had BOM.'))
    let worst = TAKEN
    const note = (verdict: Verdict | undefined) => {
      if (verdict && verdict.outcome < worst.outcome) worst = verdict
    }
    for (const part of splitDescriptors(text)) note(this.#add(part))
    for (const part of splitExtraInfos(text)) note(this.#addExtraInfo(part))
    return answer(worst)
  }

  /** `undefined`: not a descriptor we can read. */
  #add(text: string): Verdict | undefined {
    if (Buffer.byteLength(text) > MAX_DESCRIPTOR_LENGTH) return rejected('Router descriptor was too large.')
    const descriptor = orUndefined(() => parseServerDescriptor(text))
    if (!descriptor) return undefined
    if (!descriptor.tapOnionKey) return rejected('Missing TAP key in descriptor.')
    const previous = this.#relays.get(descriptor.fingerprint)
    if (
      previous &&
      previous.published < descriptor.published &&
      differencesAreCosmetic(previous, descriptor) &&
      descriptor.fingerprint !== this.#ownFingerprint
    )
      return notNew('Not replacing router descriptor; no information has changed since the last one with this identity.')
    if (!this.#pins.fits(descriptor.fingerprint, descriptor.ed25519Identity)) return rejected(PIN_MISMATCH)
    return this.#refusal(descriptor, previous) ?? this.#take(descriptor, previous)
  }

  #refusal(descriptor: ServerDescriptor, previous: ServerDescriptor | undefined): Verdict | undefined {
    const now = this.#now()
    if (descriptor.certificatesExpire < now) return notNew('Some certs on this router are expired.')
    if (this.#byDigest.has(descriptor.digest)) return notNew('Router descriptor was not new.')
    const platform = rejectedPlatform(descriptor.platform)
    if (platform !== undefined) return rejected(platform)
    if (descriptor.published > now + MAX_FUTURE)
      return rejected('Rejected: Your clock is set too far in the future, or your timezone is not correct.')
    if (descriptor.published < now - MAX_AGE)
      return rejected('Rejected: Server is expired, or your clock is too far in the past, or your timezone is not correct.')
    const addresses = [descriptor.address, ...(descriptor.orAddress6 ? [descriptor.orAddress6.address] : [])]
    if (!this.#allowPrivate && addresses.some(isSpecialAddress)) return rejected('Rejected: Address is a private address.')
    if (previous && descriptor.published <= previous.published) return notNew('Router descriptor was not new.')
    if (!previous && this.#relays.size >= MAX_RELAYS) return rejected('Too many relays.')
    return undefined
  }

  #take(descriptor: ServerDescriptor, previous: ServerDescriptor | undefined): Verdict {
    const { fingerprint } = descriptor
    this.#pins.add(fingerprint, descriptor.ed25519Identity)
    this.#relays.set(fingerprint, descriptor)
    this.#byDigest.set(descriptor.digest, descriptor)
    if (previous) {
      if (previous.extraInfoDigest) this.#extraInfos.delete(previous.extraInfoDigest.sha1)
      const old = this.#replaced.get(fingerprint) ?? []
      old.push(previous.digest)
      if (old.length > KEPT_OLD) this.#byDigest.delete(old.shift()!)
      this.#replaced.set(fingerprint, old)
    }
    this.onAccepted.emit(descriptor, previous)
    return TAKEN
  }

  #addExtraInfo(text: string): Verdict | undefined {
    if (Buffer.byteLength(text) > MAX_EXTRA_INFO_LENGTH) return badExtraInfo('Extrainfo document was too large')
    const extraInfo = orUndefined(() => parseExtraInfo(text))
    if (!extraInfo) return undefined
    const owner = this.#relays.get(extraInfo.fingerprint)
    if (!owner) return badExtraInfo('No corresponding router descriptor for extra-info descriptor')
    if (!extraInfo.ed25519Identity.equals(owner.ed25519Identity)) return badExtraInfo("Extrainfo signing key cert didn't match routerinfo")
    if (!orUndefined(() => parseExtraInfo(text, { owner }))) return badExtraInfo('Extrainfo signature bad, or signed with wrong key')
    // Of a descriptor that was too like the last one to be taken: no fault of the relay's.
    if (extraInfo.published > owner.published) return notNew('Extrainfo published time did not match routerdesc')
    if (extraInfo.published < owner.published) return badExtraInfo('Extrainfo published time did not match routerdesc')
    const named = owner.extraInfoDigest
    if (named?.sha1 !== extraInfo.digest) return badExtraInfo('Extrainfo digest did not match value from routerdesc')
    if (named.sha256 !== undefined && named.sha256 !== extraInfo.sha256)
      return badExtraInfo('Extrainfo digest did not match digest256 from routerdesc')
    this.#extraInfos.set(extraInfo.digest, extraInfo)
    return TAKEN
  }
}

const PIN_MISMATCH =
  'Looks like your keypair has changed? This authority previously recorded a different RSA identity for this Ed25519 identity (or vice ' +
  'versa.) Did you replace or copy some of your key files, but not the others? You should either restore the expected keypair, or delete ' +
  'your keys and restart Tor to start your relay with a new identity.'

function answer(verdict: Verdict): UploadAnswer {
  switch (verdict.outcome) {
    case Outcome.taken:
      return { status: 200, reason: verdict.message, notNew: false }
    case Outcome.notNew:
      return { status: 200, reason: 'OK', notNew: true }
    case Outcome.badExtraInfo:
    case Outcome.rejected:
      return { status: 400, reason: verdict.message, notNew: false }
    default:
      return verdict.outcome satisfies never
  }
}

function orUndefined<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}
