import type { OnionKeys } from '../circuit/circuit-server.ts'
import type { Ed25519KeyPair } from '../crypto/ed25519.ts'
import type { RsaPrivateKey } from '../crypto/rsa.ts'
import type { X25519KeyPair } from '../crypto/x25519.ts'
import type { ScopedLog } from '../lib/log.ts'

/** A key file is there but cannot be used. Nothing was written over it. */
export class KeyFileError extends Error {
  override name = 'KeyFileError'
  readonly file: string
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options)
    this.file = file
  }
}

/** Signing key with its certificate by the master identity (type 04). */
export interface SigningKey {
  readonly key: Ed25519KeyPair
  readonly cert: Buffer
  readonly expires: number
}

export interface DatedOnionKey {
  readonly key: X25519KeyPair
  /** When it became the current key. */
  readonly since: number
}

/** All keys of a relay, kept in one folder (tor-spec 1.1; dir-spec 2.1.1). */
export class RelayKeys {
  private constructor() {}
  /** Reads the keys; makes those that are missing. Rejects with {@link KeyFileError}. */
  static load(_folder: string, _options?: { now?: () => number; log?: ScopedLog }): Promise<RelayKeys> {
    throw new Error('not built yet')
  }
  get rsa(): RsaPrivateKey {
    throw new Error('not built yet')
  }
  get edIdentity(): Ed25519KeyPair {
    throw new Error('not built yet')
  }
  /** 40 upper-case hex digits. */
  get fingerprint(): string {
    throw new Error('not built yet')
  }
  get signing(): SigningKey {
    throw new Error('not built yet')
  }
  get ntor(): DatedOnionKey {
    throw new Error('not built yet')
  }
  /** The one before, for as long as clients may still use it (7 days). */
  get previousNtor(): DatedOnionKey | undefined {
    throw new Error('not built yet')
  }
  get tapOnion(): RsaPrivateKey {
    throw new Error('not built yet')
  }
  onionKeys(): OnionKeys {
    throw new Error('not built yet')
  }
  /** Renews what the clock says is due; true when something that the descriptor carries changed. */
  rotate(_now?: number): Promise<boolean> {
    throw new Error('not built yet')
  }
}
