import { microdescriptorDigest, splitMicrodescriptors } from '../document/microdescriptor.ts'
import { parseServerDescriptor, type ServerDescriptor, splitDescriptors } from '../document/server-descriptor.ts'
import { MalformedError } from '../lib/bytes.ts'
import { signedPartDigest } from './descriptor-digest.ts'

const SLICE_MS = 8
/** While thousands are being parsed, it is told this often that more have been. */
const PROGRESS_MS = 1000
/** A whole cache file holds thousands of documents; splitting is done in pieces of about this many characters. */
const PIECE_LENGTH = 128 * 1024

/** Lets other work run when this one has taken its slice of time. */
export class Slicer {
  #since = performance.now()

  async breathe(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return
    await new Promise(resolve => setImmediate(resolve))
    this.#since = performance.now()
  }
}

/**
 * Documents that a verified consensus names by digest, as text. The digest is what makes them trustworthy: authorities checked the
 * signatures before they listed the relay. So a descriptor is parsed (and its signatures verified, about a millisecond) only when it is used.
 */
export class DescriptorCache {
  #descriptors = new Map<string, string>()
  #microdescriptors = new Map<string, string>()
  #parsed = new Map<string, ServerDescriptor | undefined>()
  /** Digests of what has not been parsed: those to be parsed before the others, and the others. */
  #unparsed = { first: new Set<string>(), rest: new Set<string>() }
  #wantedDescriptors: ReadonlySet<string> = new Set()
  #first: ReadonlySet<string> = new Set()
  #wantedMicrodescriptors: ReadonlySet<string> = new Set()

  /** Only documents with these digests are taken from now on, and `first` of them parsed first; others already here stay until {@link prune}. */
  want(what: { descriptors?: ReadonlySet<string>; first?: ReadonlySet<string>; microdescriptors?: ReadonlySet<string> }): void {
    if (what.descriptors) this.#wantedDescriptors = what.descriptors
    if (what.microdescriptors) this.#wantedMicrodescriptors = what.microdescriptors
    if (!what.first) return
    this.#first = what.first
    const all = [...this.#unparsed.first, ...this.#unparsed.rest]
    this.#unparsed = { first: new Set(), rest: new Set() }
    for (const digest of all) this.#toParse(digest)
  }

  #toParse(digest: string): void {
    this.#unparsed[this.#first.has(digest) ? 'first' : 'rest'].add(digest)
  }

  #forgetToParse(digest: string): void {
    if (!this.#unparsed.first.delete(digest)) this.#unparsed.rest.delete(digest)
  }

  missingDescriptors(): string[] {
    return [...this.#wantedDescriptors].filter(digest => !this.#descriptors.has(digest))
  }

  missingMicrodescriptors(): string[] {
    return [...this.#wantedMicrodescriptors].filter(digest => !this.#microdescriptors.has(digest))
  }

  /** Forgets what is not in these sets. */
  prune(keep: { descriptors: ReadonlySet<string>; microdescriptors: ReadonlySet<string> }): void {
    for (const digest of this.#descriptors.keys()) {
      if (keep.descriptors.has(digest)) continue
      this.#descriptors.delete(digest)
      this.#forgetToParse(digest)
    }
    for (const digest of this.#parsed.keys()) if (!keep.descriptors.has(digest)) this.#parsed.delete(digest)
    for (const digest of this.#microdescriptors.keys()) if (!keep.microdescriptors.has(digest)) this.#microdescriptors.delete(digest)
  }

  /** Takes the wanted ones out of a reply; gives how many were new. */
  async addDescriptors(reply: string): Promise<number> {
    const slicer = new Slicer()
    let added = 0
    for (const piece of pieces(reply, '\nrouter ')) {
      for (const text of splitDescriptors(piece)) {
        const digest = signedPartDigest(text)
        if (digest !== undefined && this.#wantedDescriptors.has(digest) && !this.#descriptors.has(digest)) {
          this.#descriptors.set(digest, detached(text))
          this.#toParse(digest)
          added++
        }
        await slicer.breathe()
      }
    }
    return added
  }

  async addMicrodescriptors(reply: string): Promise<number> {
    const slicer = new Slicer()
    let added = 0
    for (const piece of pieces(reply, '\nonion-key\n')) {
      for (const text of splitMicrodescriptors(piece)) {
        const digest = microdescriptorDigest(text)
        if (this.#wantedMicrodescriptors.has(digest) && !this.#microdescriptors.has(digest)) {
          this.#microdescriptors.set(digest, detached(text))
          added++
        }
        await slicer.breathe()
      }
    }
    return added
  }

  descriptorText(digest: string): string | undefined {
    return this.#descriptors.get(digest)
  }

  microdescriptorText(digest: string): string | undefined {
    return this.#microdescriptors.get(digest)
  }

  descriptorTexts(): IterableIterator<string> {
    return this.#descriptors.values()
  }

  microdescriptorTexts(): IterableIterator<string> {
    return this.#microdescriptors.values()
  }

  /** `undefined` when we lack it or when it is not well-formed by our own reading. */
  descriptor(digest: string): ServerDescriptor | undefined {
    if (this.#parsed.has(digest)) return this.#parsed.get(digest)
    const text = this.#descriptors.get(digest)
    if (text === undefined) return undefined
    let parsed: ServerDescriptor | undefined
    try {
      parsed = parseServerDescriptor(text)
      // One copy of the text is enough.
      this.#descriptors.set(digest, parsed.text)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
    }
    this.#parsed.set(digest, parsed)
    this.#forgetToParse(digest)
    return parsed
  }

  /** As {@link descriptor}, but takes no time: `undefined` also when it has not been parsed yet. */
  parsedDescriptor(digest: string): ServerDescriptor | undefined {
    return this.#parsed.get(digest)
  }

  /**
   * Parses everything that has not been parsed, what comes meanwhile too, in slices, with rests three times as long between them; ends early when
   * aborted. `parsed` is called now and then, and after the last one.
   */
  async parseAll(signal: AbortSignal, parsed?: () => void): Promise<void> {
    let since = performance.now()
    let told = since
    let untold = false
    for (let digest = this.#nextToParse(); digest !== undefined && !signal.aborted; digest = this.#nextToParse()) {
      this.descriptor(digest)
      untold = true
      if (performance.now() - since < SLICE_MS) continue
      if (performance.now() - told >= PROGRESS_MS) {
        parsed?.()
        told = performance.now()
        untold = false
      }
      await rest(SLICE_MS * 3, signal)
      since = performance.now()
    }
    if (untold && !signal.aborted) parsed?.()
  }

  #nextToParse(): string | undefined {
    const { first, rest } = this.#unparsed
    for (const digest of first) return digest
    for (const digest of rest) return digest
    return undefined
  }
}

/** Cuts a long text before the first `start` (a line break and what a document begins with) after every {@link PIECE_LENGTH} characters. */
function* pieces(text: string, start: string): IterableIterator<string> {
  for (let from = 0; from < text.length; ) {
    const at = text.indexOf(start, from + PIECE_LENGTH)
    const end = at < 0 ? text.length : at + 1
    yield text.slice(from, end)
    from = end
  }
}

/** A text of its own: a slice of a reply would keep the whole reply in memory. */
function detached(text: string): string {
  return Buffer.from(text).toString()
}

/** Resolves after `ms`, or at once when aborted. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
