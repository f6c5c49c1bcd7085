import { type Ed25519KeyPair, ed25519FromSeed, ed25519Signer, generateEd25519 } from '../crypto/ed25519.ts'
import { RsaPrivateKey } from '../crypto/rsa.ts'
import { encodeTorCert, parseTorCert, TorCertKeyType, TorCertType, verifyTorCert } from '../crypto/tor-cert.ts'
import { generateX25519, type X25519KeyPair, x25519FromSecret } from '../crypto/x25519.ts'
import { MalformedError } from '../lib/bytes.ts'
import { readFileIfPresent } from '../lib/files.ts'

/** The files of a key folder and what is in them. Every reader throws {@link KeyFileError} and changes nothing. */

/** RSA identity, PKCS#1 PEM. */
export const RSA_IDENTITY_FILE = 'identity-rsa.pem'
/** JSON {seed, public: base64; rsaFingerprint: hex}: the Ed25519 master identity and whom it belongs to. */
export const ED25519_IDENTITY_FILE = 'identity-ed25519.json'
/** JSON {seed, public, cert: base64}. */
export const SIGNING_FILE = 'signing-ed25519.json'
/** JSON {ntor: Dated, previousNtor?: Dated, tap: PEM}, where Dated is {secret, public: base64; since: ms}. */
export const ONION_FILE = 'onion.json'

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

/** The keys that are replaced together every four weeks. */
export interface OnionKeySet {
  readonly ntor: DatedOnionKey
  readonly previousNtor: DatedOnionKey | undefined
  readonly tap: RsaPrivateKey
}

const MAX_FILE_BYTES = 64 * 1024

async function readText(file: string): Promise<string | undefined> {
  let content: Buffer | undefined
  try {
    content = await readFileIfPresent(file, MAX_FILE_BYTES)
  } catch (error) {
    throw new KeyFileError(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`, { cause: error })
  }
  if (content && content.length > MAX_FILE_BYTES) throw new KeyFileError(file, 'is too large to be a key')
  return content?.toString('utf8')
}

/** Reads a file if it is there; whatever `parse` throws means that the file is damaged. */
async function read<T>(file: string, parse: (text: string) => T): Promise<T | undefined> {
  const text = await readText(file)
  if (text === undefined) return undefined
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof KeyFileError) throw error
    throw new KeyFileError(file, `is damaged (${error instanceof MalformedError ? error.message : 'not readable as a key'})`, {
      cause: error,
    })
  }
}

type Json = Readonly<Record<string, unknown>>

function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new MalformedError('no object')
  return value as Json
}

function bytesOf(value: unknown, length?: number): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
  if (!bytes || (length !== undefined && bytes.length !== length)) throw new MalformedError('a field is missing or has the wrong length')
  return bytes
}

function requireSame(derived: Buffer, stored: unknown): void {
  if (!derived.equals(bytesOf(stored))) throw new MalformedError('its secret and public halves do not belong together')
}

function ed25519Of(json: Json): Ed25519KeyPair {
  const key = ed25519FromSeed(bytesOf(json['seed'], 32))
  requireSame(key.public, json['public'])
  return key
}

export function readRsaIdentity(file: string): Promise<RsaPrivateKey | undefined> {
  return read(file, text => {
    const key = RsaPrivateKey.fromPem(text)
    // tor-spec 0.3: relay identities have 1024 bits and exponent 65537; no other is accepted by anyone.
    if (key.publicKey.bits !== 1024 || key.publicKey.exponent !== 65537) throw new MalformedError('not a 1024-bit key with exponent 65537')
    return key
  })
}

/** `rsaFingerprint`: of the RSA identity beside it, when there is one. */
export function readEd25519Identity(file: string, rsaFingerprint: string | undefined): Promise<Ed25519KeyPair | undefined> {
  return read(file, text => {
    const json = parseJson(text)
    if (rsaFingerprint !== undefined && json['rsaFingerprint'] !== rsaFingerprint)
      throw new KeyFileError(file, 'belongs to another RSA identity than the one beside it')
    return ed25519Of(json)
  })
}

export function formatEd25519Identity(key: Ed25519KeyPair, rsaFingerprint: string): string {
  return format({ seed: key.seed.toString('base64'), public: key.public.toString('base64'), rsaFingerprint })
}

/** `identity`: the master identity beside it, when there is one. */
export function readSigningKey(file: string, identity: Ed25519KeyPair | undefined): Promise<SigningKey | undefined> {
  return read(file, text => {
    const json = parseJson(text)
    const key = ed25519Of(json)
    const cert = bytesOf(json['cert'])
    const parsed = parseTorCert(cert)
    if (parsed.type !== TorCertType.ED25519_SIGNING || !parsed.key.equals(key.public))
      throw new MalformedError('the certificate is of another key')
    if (!verifyTorCert(parsed, 0, identity?.public)) throw new MalformedError('the certificate is not by our master identity')
    return { key, cert, expires: parsed.expires }
  })
}

export function makeSigningKey(identity: Ed25519KeyPair, expires: number): SigningKey {
  const key = generateEd25519()
  const fields = { type: TorCertType.ED25519_SIGNING, expires, keyType: TorCertKeyType.ED25519, key: key.public, includeSigner: true }
  const cert = encodeTorCert(fields, ed25519Signer(identity))
  return { key, cert, expires: parseTorCert(cert).expires }
}

export function formatSigningKey({ key, cert }: SigningKey): string {
  return format({ seed: key.seed.toString('base64'), public: key.public.toString('base64'), cert: cert.toString('base64') })
}

export function readOnionKeys(file: string): Promise<OnionKeySet | undefined> {
  return read(file, text => {
    const json = parseJson(text)
    const dated = (value: unknown): DatedOnionKey => {
      const { secret, public: publicKey, since } = (value ?? {}) as Json
      if (typeof since !== 'number' || !Number.isFinite(since)) throw new MalformedError('a date is missing')
      const key = x25519FromSecret(bytesOf(secret, 32))
      requireSame(key.public, publicKey)
      return { key, since }
    }
    return {
      ntor: dated(json['ntor']),
      previousNtor: json['previousNtor'] === undefined ? undefined : dated(json['previousNtor']),
      tap: RsaPrivateKey.fromPem(String(json['tap'])),
    }
  })
}

export async function makeOnionKeys(now: number, previousNtor?: DatedOnionKey): Promise<OnionKeySet> {
  return { ntor: { key: generateX25519(), since: now }, previousNtor, tap: await RsaPrivateKey.generate() }
}

export function formatOnionKeys({ ntor, previousNtor, tap }: OnionKeySet): string {
  const dated = ({ key, since }: DatedOnionKey): Json => ({
    secret: key.secret.toString('base64'),
    public: key.public.toString('base64'),
    since,
  })
  return format({ ntor: dated(ntor), previousNtor: previousNtor && dated(previousNtor), tap: tap.toPem() })
}

function format(value: Json): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
