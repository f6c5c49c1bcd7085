import { appendFile, link, open, readFile, rename, rm } from 'node:fs/promises'
import { openAesGcm, sealAesGcm } from '../crypto/password-box.ts'
import { randomBytes } from '../crypto/random.ts'
import { MalformedError } from '../lib/bytes.ts'
import {
  type AccessRecord,
  decodeRecords,
  decodeSegment,
  encodePeer,
  encodeStream,
  MAGIC,
  MAX_PEERS,
  RECORD_LENGTH,
} from './access-record.ts'
import { type KeyKeeper, overwrite } from './key-keeper.ts'

/*
 * A file of the access log: what ended within one hour, encrypted with a key of its own.
 *
 *   header   MAGIC 4 = "VALG" | VERSION 1 = 02 | RECORD_LENGTH 1 = 36 | KEEPER 1 | WHOLE 1 | HOUR u32 (hours since 1970) |
 *            SEALED_LENGTH u16 | SEALED (the key of 32 bytes, as the keeper sealed it)
 *   then     LENGTH u16 | AES-256-GCM of LENGTH - 16 bytes of records, with its tag: nonce = number of this part from 0, u96; associated: the header's
 *            first 12 bytes
 *
 * Only the run that made a file appends to it, so no nonce comes twice. What a crash cut short is the last part, which then is passed over. Deleting a
 * file overwrites SEALED first: without it the rest is noise, whatever the disk keeps of it. Version 1, of earlier Vantages, holds the records as they
 * are, for the hour in its header; it is read, and expires.
 */
const VERSION = 2
const KEY_LENGTH = 32
const TAG_LENGTH = 16
/** The header's part that is the same for all files; SEALED follows. */
const FIXED_LENGTH = 14
const BOUND_LENGTH = 12
const MAX_SEALED = 1000
/** Bytes of records in one part. */
const PART_LENGTH = Math.floor((0xffff - TAG_LENGTH) / RECORD_LENGTH) * RECORD_LENGTH

/** Opens what a keeper of this id sealed. */
export type KeyOpener = (keeper: number, sealed: Buffer) => Promise<Buffer | undefined>

function nonceOf(part: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(part, 8)
  return nonce
}

/** Encrypts parts of one file, one after the other. */
class PartSealer {
  readonly #key: Buffer
  readonly #bound: Buffer
  #parts = 0

  constructor(key: Buffer, header: Buffer) {
    this.#key = key
    this.#bound = header.subarray(0, BOUND_LENGTH)
  }

  seal(records: Buffer): Buffer {
    const out: Buffer[] = []
    for (let at = 0; at < records.length; at += PART_LENGTH) {
      const sealed = sealAesGcm(this.#key, nonceOf(this.#parts++), records.subarray(at, at + PART_LENGTH), this.#bound)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(sealed.length)
      out.push(length, sealed)
    }
    return Buffer.concat(out)
  }
}

/** `whole`: nothing will be appended. */
async function newFile(hour: number, keeper: KeyKeeper, whole: boolean): Promise<{ header: Buffer; sealer: PartSealer }> {
  const key = randomBytes(KEY_LENGTH)
  const sealed = await keeper.seal(key)
  if (sealed.length > MAX_SEALED) throw new Error('a sealed key is too long')
  const fixed = Buffer.alloc(FIXED_LENGTH)
  fixed.writeUInt32BE(MAGIC, 0)
  fixed[4] = VERSION
  fixed[5] = RECORD_LENGTH
  fixed[6] = keeper.id
  fixed[7] = whole ? 1 : 0
  fixed.writeUInt32BE(hour, 8)
  fixed.writeUInt16BE(sealed.length, 12)
  return { header: Buffer.concat([fixed, sealed]), sealer: new PartSealer(key, fixed) }
}

/** Appends to one new file. */
export class SegmentWriter {
  readonly path: string
  readonly #sealer: PartSealer
  #header: Buffer | undefined

  private constructor(path: string, header: Buffer, sealer: PartSealer) {
    this.path = path
    this.#header = header
    this.#sealer = sealer
  }

  /** Makes a key; the file comes with its first records. Rejects when the keeper does. */
  static async begin(path: string, hour: number, keeper: KeyKeeper): Promise<SegmentWriter> {
    const { header, sealer } = await newFile(hour, keeper, false)
    return new SegmentWriter(path, header, sealer)
  }

  /** Answers with how many bytes the file grew. When it rejects, nothing more may be appended: what follows half a part cannot be read. */
  async append(records: Buffer): Promise<number> {
    const bytes = Buffer.concat([this.#header ?? Buffer.alloc(0), this.#sealer.seal(records)])
    await appendFile(this.path, bytes, { mode: 0o600, flag: this.#header ? 'ax' : 'a' })
    this.#header = undefined
    return bytes.length
  }
}

/** What a file holds; `undefined` when nobody here can tell: its key is gone or of another keeper, or it is not a file of the log. */
export interface Segment {
  readonly records: readonly AccessRecord[]
  /** Rewriting it would save nothing. */
  readonly whole: boolean
}

/** Rejects with the system's error. */
export async function readSegment(path: string, keys: KeyOpener): Promise<Segment | undefined> {
  const bytes = await readFile(path)
  try {
    if (bytes[4] !== VERSION) return { records: [...decodeSegment(bytes)], whole: true }
    if (bytes.length < FIXED_LENGTH || bytes.readUInt32BE(0) !== MAGIC || bytes[5] !== RECORD_LENGTH) return undefined
    const hour = bytes.readUInt32BE(8)
    const start = FIXED_LENGTH + bytes.readUInt16BE(12)
    const key = await keys(bytes[6]!, bytes.subarray(FIXED_LENGTH, start))
    if (key?.length !== KEY_LENGTH) return undefined
    return { records: [...decodeRecords(openParts(bytes, start, key), hour)], whole: bytes[7] === 1 }
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

/** The records of all parts up to the first that is not whole. */
function openParts(bytes: Buffer, start: number, key: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = start; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at)
    const part = end <= bytes.length && openAesGcm(key, nonceOf(parts.length), bytes.subarray(at + 2, end), bytes.subarray(0, BOUND_LENGTH))
    if (!part) break
    parts.push(part)
    at = end
  }
  return Buffer.concat(parts)
}

/** Makes the key of a file unreadable, then takes the file away. A file that is not there is passed over. */
export async function discardSegment(path: string): Promise<void> {
  const length = await sealedLength(path).catch(() => 0)
  if (length > 0) await overwrite(path, FIXED_LENGTH, length)
  await rm(path, { force: true, recursive: true })
}

/** Bytes of the sealed key in a file; 0: it has none. Rejects with the system's error. */
async function sealedLength(path: string): Promise<number> {
  const file = await open(path, 'r')
  try {
    const fixed = Buffer.alloc(FIXED_LENGTH)
    const { bytesRead } = await file.read(fixed, 0, FIXED_LENGTH, 0)
    const isOurs = bytesRead === FIXED_LENGTH && fixed.readUInt32BE(0) === MAGIC && fixed[4] === VERSION
    return isOurs ? Math.min(fixed.readUInt16BE(12), MAX_SEALED) : 0
  } finally {
    await file.close()
  }
}

/** Puts a new file with these records (at least one) in the place of one, under a new key; the old key goes. A crash leaves one of the two, or both. */
export async function rewriteSegment(path: string, hour: number, records: readonly AccessRecord[], keeper: KeyKeeper): Promise<void> {
  const peers = new Map<string, number>()
  for (const { peer } of records) if (!peers.has(peer) && peers.size < MAX_PEERS) peers.set(peer, peers.size)
  const streams = records.filter(({ peer }) => peers.has(peer)).map(record => encodeStream(peers.get(record.peer)!, record))
  const { header, sealer } = await newFile(hour, keeper, true)
  const names = [...peers].map(([peer, index]) => encodePeer(index, peer))
  const unfinished = `${path}.tmp`
  const file = await open(unfinished, 'w', 0o600)
  try {
    await file.writeFile(Buffer.concat([header, sealer.seal(Buffer.concat([...names, ...streams]))]))
    await file.sync()
  } finally {
    await file.close()
  }
  // A second name for the old file, to get at its key when it has lost the first one. Some file systems have none.
  const old = `${path}.old`
  const linked = await link(path, old).then(
    () => true,
    () => false,
  )
  if (!linked) await discardSegment(path)
  await rename(unfinished, path)
  if (linked) await discardSegment(old)
}
