import { z } from 'zod'
import { moment } from '../../shared/moment.ts'
import { settings } from '../../shared/settings.ts'
import { sha256 } from '../crypto/digest.ts'
import { openAesGcm, type ScryptCost, scryptKey, sealAesGcm } from '../crypto/password-box.ts'
import { randomBytes } from '../crypto/random.ts'

/*
 * A relay's identity in one encrypted file; docs/identity-file.md. Between the two armour lines, in base64:
 *
 *   MAGIC 8 = "VANTAGEI" | VERSION 1 = 01 | LOG_N 1 | R 1 | P 1 | SALT 16 | NONCE 12 | SEALED n (AES-256-GCM, with its tag of 16) | CHECK 8
 *
 * The 40 bytes before SEALED are authenticated with it. CHECK is the beginning of SHA-256 over all before it: it tells a damaged file from a
 * wrong password, and proves nothing.
 */
const MAGIC = Buffer.from('VANTAGEI')
const VERSION = 1
const HEADER_LENGTH = 40
const CHECK_LENGTH = 8
const TAG_LENGTH = 16
const BEGIN = '-----BEGIN VANTAGE IDENTITY-----'
const END = '-----END VANTAGE IDENTITY-----'
/** About a second and 128 MB for each guess. */
const COST: ScryptCost = { logN: 17, r: 8, p: 1 }
/** A file may ask for no more than this, or opening it would be an attack: 256 MB. */
const MAX_LOG_N = 18

const contents = z.object({
  exportedAt: moment.int(),
  /** The installation that wrote it has locked itself. */
  moved: z.boolean(),
  network: z.enum(['tor', 'practice', 'file']),
  nickname: settings.shape.nickname.unwrap(),
  fingerprint: z.string().regex(/^[0-9A-F]{40}$/),
  /** The key folder's files by name; what they hold is checked where they are loaded. */
  files: z.record(z.string().regex(/^[a-z0-9-]{1,40}\.(pem|json)$/), z.string().max(65_536)),
})
export type IdentityContents = z.infer<typeof contents>

export type IdentityFileFault = 'damaged' | 'newer' | 'password'

/** An identity file that cannot be opened: it is damaged (or none), of a newer Vantage, or its password is another one. */
export class IdentityFileError extends Error {
  override name = 'IdentityFileError'
  readonly fault: IdentityFileFault
  constructor(fault: IdentityFileFault) {
    super(fault)
    this.fault = fault
  }
}

/** The text of the file. `cost` is for tests, which do not want to wait. */
export async function sealIdentity(identity: IdentityContents, password: string, cost: ScryptCost = COST): Promise<string> {
  const header = Buffer.concat([MAGIC, Buffer.of(VERSION, cost.logN, cost.r, cost.p), randomBytes(16), randomBytes(12)])
  const key = await scryptKey(password, header.subarray(12, 28), cost, 32)
  const sealed = sealAesGcm(key, header.subarray(28), Buffer.from(JSON.stringify(identity)), header)
  key.fill(0)
  const body = Buffer.concat([header, sealed])
  const lines = Buffer.concat([body, checkOf(body)])
    .toString('base64')
    .match(/.{1,64}/g)!
  return [BEGIN, ...lines, END, ''].join('\n')
}

/** Rejects with {@link IdentityFileError}. */
export async function openIdentity(text: string, password: string): Promise<IdentityContents> {
  const body = unarmour(text)
  const [version, logN, r, p] = body.subarray(8, 12) as unknown as [number, number, number, number]
  if (version !== VERSION) throw new IdentityFileError('newer')
  if (logN < 10 || logN > MAX_LOG_N || r !== COST.r || p !== COST.p) throw new IdentityFileError('damaged')
  const header = body.subarray(0, HEADER_LENGTH)
  const key = await scryptKey(password, header.subarray(12, 28), { logN, r, p }, 32)
  const plain = openAesGcm(key, header.subarray(28), body.subarray(HEADER_LENGTH), header)
  key.fill(0)
  if (!plain) throw new IdentityFileError('password')
  try {
    return contents.parse(JSON.parse(plain.toString('utf8')))
  } catch {
    throw new IdentityFileError('damaged')
  }
}

function checkOf(body: Uint8Array): Buffer {
  return sha256(body).subarray(0, CHECK_LENGTH)
}

/** Everything but CHECK, which fits. */
function unarmour(text: string): Buffer {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const [begin, end] = [lines.indexOf(BEGIN), lines.indexOf(END)]
  if (begin < 0 || end < begin) throw new IdentityFileError('damaged')
  const base64 = lines.slice(begin + 1, end).join('')
  const bytes = Buffer.from(base64, 'base64')
  const whole = bytes.length >= HEADER_LENGTH + TAG_LENGTH + CHECK_LENGTH && bytes.toString('base64') === base64
  const body = bytes.subarray(0, -CHECK_LENGTH)
  if (!whole || !body.subarray(0, 8).equals(MAGIC) || !checkOf(body).equals(bytes.subarray(-CHECK_LENGTH)))
    throw new IdentityFileError('damaged')
  return body
}
