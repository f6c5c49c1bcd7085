import { join } from 'node:path'
import { createLinkKeys, type LinkKeys } from '../channel/link-keys.ts'
import type { OnionKeys } from '../circuit/hop-role.ts'
import { type Ed25519KeyPair, generateEd25519 } from '../crypto/ed25519.ts'
import { RsaPrivateKey } from '../crypto/rsa.ts'
import { ensurePrivateFolder, writeFileAtomically } from '../lib/files.ts'
import { type ScopedLog, silentLog } from '../lib/log.ts'
import {
  type DatedOnionKey,
  ED25519_IDENTITY_FILE,
  formatEd25519Identity,
  formatOnionKeys,
  formatSigningKey,
  KeyFileError,
  makeOnionKeys,
  makeSigningKey,
  ONION_FILE,
  type OnionKeySet,
  RSA_IDENTITY_FILE,
  readEd25519Identity,
  readOnionKeys,
  readRsaIdentity,
  readSigningKey,
  SIGNING_FILE,
  type SigningKey,
} from './keys-files.ts'

export { type DatedOnionKey, KeyFileError, type SigningKey } from './keys-files.ts'

const DAY_MS = 24 * 3_600_000
/** As C tor: SigningKeyLifetime. */
const SIGNING_LIFETIME_MS = 30 * DAY_MS
/** Early enough that a descriptor signed just before is still good when the next one is due. */
const SIGNING_RENEWED_BEFORE_MS = 5 * DAY_MS
/** Consensus parameters onion-key-rotation-days and onion-key-grace-period-days, at their defaults. */
const ONION_ROTATION_MS = 28 * DAY_MS
const ONION_GRACE_MS = 7 * DAY_MS
/** A key from the future was made under a wrong clock. */
const FUTURE_TOLERANCE_MS = DAY_MS

export interface RelayKeysOptions {
  readonly now?: () => number
  /** Whether what is due is renewed at once; default: yes. Not where a relay that runs has these keys already, and renews them itself. */
  readonly renew?: boolean
  readonly log?: ScopedLog
}

interface Identities {
  readonly rsa: RsaPrivateKey
  readonly ed25519: Ed25519KeyPair
}

/** All keys of a relay, kept in one folder (tor-spec 1.1; dir-spec 2.1.1). */
export class RelayKeys {
  readonly #folder: string
  readonly #now: () => number
  readonly #log: ScopedLog
  readonly #identities: Identities
  #signing: SigningKey
  #onion: OnionKeySet
  #link: LinkKeys
  #rotating: Promise<boolean> | undefined

  private constructor(folder: string, identities: Identities, signing: SigningKey, onion: OnionKeySet, now: () => number, log: ScopedLog) {
    this.#folder = folder
    this.#identities = identities
    this.#signing = signing
    this.#onion = onion
    this.#now = now
    this.#log = log
    this.#link = this.#makeLinkKeys(now())
  }

  /**
   * Reads the keys and makes those that are missing. Rejects with {@link KeyFileError} when a file is damaged, unreadable or does not fit the
   * others; nothing is written then. One identity without the other is such a case, since authorities remember for ever which two belong
   * together; only a lone RSA identity with nothing else beside it is what an interrupted first start leaves, and is completed.
   */
  static async load(folder: string, options: RelayKeysOptions = {}): Promise<RelayKeys> {
    const { now = Date.now, renew = true, log = silentLog } = options
    const at = (name: string): string => join(folder, name)
    const rsaBefore = await readRsaIdentity(at(RSA_IDENTITY_FILE))
    const ed25519Before = await readEd25519Identity(at(ED25519_IDENTITY_FILE), rsaBefore && fingerprintOf(rsaBefore))
    const ed25519 = ed25519Before ?? generateEd25519()
    const signingBefore = await readSigningKey(at(SIGNING_FILE), ed25519Before)
    const onionBefore = await readOnionKeys(at(ONION_FILE))
    const missing = (name: string): never => {
      throw new KeyFileError(at(name), 'is missing although other keys of this relay are there')
    }
    if (!rsaBefore && (ed25519Before || signingBefore || onionBefore)) missing(RSA_IDENTITY_FILE)
    if (!ed25519Before && (signingBefore || onionBefore)) missing(ED25519_IDENTITY_FILE)

    const rsa = rsaBefore ?? (await RsaPrivateKey.generate())
    const signing = signingBefore ?? makeSigningKey(ed25519, now() + SIGNING_LIFETIME_MS)
    const onion = onionBefore ?? (await makeOnionKeys(now()))
    await ensurePrivateFolder(folder)
    if (!rsaBefore) await writeFileAtomically(at(RSA_IDENTITY_FILE), rsa.toPem())
    if (!ed25519Before) {
      await writeFileAtomically(at(ED25519_IDENTITY_FILE), formatEd25519Identity(ed25519, fingerprintOf(rsa)))
      log.info('made a new relay identity')
    }
    if (!signingBefore) await writeFileAtomically(at(SIGNING_FILE), formatSigningKey(signing))
    if (!onionBefore) await writeFileAtomically(at(ONION_FILE), formatOnionKeys(onion))
    const keys = new RelayKeys(folder, { rsa, ed25519 }, signing, onion, now, log)
    if (renew) await keys.rotate()
    return keys
  }

  get rsa(): RsaPrivateKey {
    return this.#identities.rsa
  }
  get edIdentity(): Ed25519KeyPair {
    return this.#identities.ed25519
  }
  /** 40 upper-case hex digits. */
  get fingerprint(): string {
    return fingerprintOf(this.rsa)
  }
  get signing(): SigningKey {
    return this.#signing
  }
  get ntor(): DatedOnionKey {
    return this.#onion.ntor
  }
  /** The one before, for as long as clients may still use it (7 days). */
  get previousNtor(): DatedOnionKey | undefined {
    return this.#now() - this.ntor.since < ONION_GRACE_MS ? this.#onion.previousNtor : undefined
  }
  /** Replaced together with the ntor key; authorities want it in descriptors, nobody uses it. */
  get tapOnion(): RsaPrivateKey {
    return this.#onion.tap
  }

  linkKeys(): LinkKeys {
    return this.#link
  }

  onionKeys(): OnionKeys {
    return {
      rsaIdentity: this.rsa.fingerprint,
      ed25519Identity: this.edIdentity.public,
      findNtor: onionKey => [this.ntor, this.previousNtor].find(candidate => candidate?.key.public.equals(onionKey))?.key,
    }
  }

  /**
   * Renews what the clock says is due; true when something that the descriptor carries changed. Rejects when the new keys cannot be written:
   * the old ones stay in use then.
   */
  rotate(now: number = this.#now()): Promise<boolean> {
    this.#rotating ??= this.#rotate(now).finally(() => {
      this.#rotating = undefined
    })
    return this.#rotating
  }

  async #rotate(now: number): Promise<boolean> {
    let changed = false
    const isFromFuture = (since: number): boolean => since > now + FUTURE_TOLERANCE_MS
    if (this.#signing.expires - now < SIGNING_RENEWED_BEFORE_MS || isFromFuture(this.#signing.expires - SIGNING_LIFETIME_MS)) {
      const signing = makeSigningKey(this.edIdentity, now + SIGNING_LIFETIME_MS)
      await writeFileAtomically(join(this.#folder, SIGNING_FILE), formatSigningKey(signing))
      this.#signing = signing
      this.#link = this.#makeLinkKeys(now)
      this.#log.info('renewed the signing key')
      changed = true
    }
    if (now - this.ntor.since >= ONION_ROTATION_MS || isFromFuture(this.ntor.since)) {
      const onion = await makeOnionKeys(now, this.ntor)
      await writeFileAtomically(join(this.#folder, ONION_FILE), formatOnionKeys(onion))
      this.#onion = onion
      this.#log.info('renewed the onion keys')
      changed = true
    }
    return changed
  }

  #makeLinkKeys(now: number): LinkKeys {
    const { rsa, edIdentity, signing } = this
    return createLinkKeys({ rsa, ed25519Identity: edIdentity.public, signingKey: signing.key, signingCert: signing.cert }, now)
  }
}

function fingerprintOf(key: RsaPrivateKey): string {
  return key.fingerprint.toString('hex').toUpperCase()
}
