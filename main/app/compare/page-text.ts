import { setImmediate } from 'node:timers/promises'
import { COMPARE_LINE_LENGTH, COMPARE_LINES } from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'

/** What a person would read of a page. Harmless text: no markup, no control or direction characters, cut to length. */
export interface PageText {
  readonly title: string | undefined
  readonly lines: readonly string[]
  /** There was more. */
  readonly cut: boolean
}

/** Bytes, then characters, that are looked at; more is no reading matter. */
const MAX_TEXT = 1_000_000
/** Characters between two breaths: the relay's other work goes on while a long page is read. */
const BREATH = 16_000
/** Where a page names its encoding. */
const MAX_META = 2048

/** Elements that do not end a line. Everything else does. */
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
)
/** Elements whose content nobody reads; these end at their own end tag and nowhere else. */
const UNREAD = new Set('script style noscript template svg math iframe object textarea noembed noframes'.split(' '))

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  laquo: '«',
  raquo: '»',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  bull: '•',
  middot: '·',
  times: '×',
  deg: '°',
  euro: '€',
  pound: '£',
  yen: '¥',
  sect: '§',
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{1,8}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })
}

const oneLine = (text: string) => plainText(text.replace(/\s+/g, ' ').trim(), COMPARE_LINE_LENGTH).trim()

/** Lines, one after the other, until there are enough of them. */
class Lines {
  readonly lines: string[] = []
  #cut = false
  #current = ''

  get cut(): boolean {
    return this.#cut
  }

  add(text: string): void {
    // A line is cut anyway; what is far behind need not be kept.
    if (this.#current.length < 4 * COMPARE_LINE_LENGTH) this.#current += text.replace(/\s+/g, ' ').slice(0, 4 * COMPARE_LINE_LENGTH)
  }

  end(): void {
    const line = oneLine(this.#current)
    this.#current = ''
    if (line === '') return
    if (this.lines.length < COMPARE_LINES) this.lines.push(line)
    else this.#cut = true
  }
}

/** Text as a browser would decode it: by its byte order mark, its Content-Type, what the page says, else UTF-8. */
function decodeText(bytes: Buffer, contentType: string): string {
  const named = (text: string) => /charset\s*=\s*["']?([a-z0-9_.:-]{1,40})/i.exec(text)?.[1]
  const label = bomLabel(bytes) ?? named(contentType) ?? named(bytes.toString('latin1', 0, MAX_META)) ?? 'utf-8'
  const part = bytes.subarray(0, MAX_TEXT)
  try {
    return new TextDecoder(label).decode(part)
  } catch {
    return new TextDecoder().decode(part)
  }
}

function bomLabel(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : undefined
}

/** The text of a page by its Content-Type; of what is no text, nothing. Reads in slices. */
export async function pageText(bytes: Buffer, contentType: string): Promise<PageText> {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  const isHtml = type === 'text/html' || type === 'application/xhtml+xml'
  if (!isHtml && !/^text\/|[/+](json|xml|javascript)$/.test(type)) return { title: undefined, lines: [], cut: false }
  const text = decodeText(bytes, contentType)
  const reading = isHtml ? htmlLines(text) : plainLines(text)
  let step = reading.next()
  while (!step.done) {
    await setImmediate()
    step = reading.next()
  }
  const { title, lines, cut } = step.value
  return { title, lines, cut: cut || bytes.length > MAX_TEXT }
}

function* plainLines(text: string): Generator<void, PageText> {
  const lines = new Lines()
  let at = 0
  let breath = BREATH
  while (at < text.length && !lines.cut) {
    const end = text.indexOf('\n', at)
    lines.add(text.slice(at, end < 0 ? undefined : end))
    lines.end()
    at = end < 0 ? text.length : end + 1
    if (at > breath) {
      breath = at + BREATH
      yield
    }
  }
  return { title: undefined, lines: lines.lines, cut: lines.cut }
}

/** The readable text of HTML. One pass: nothing is looked at twice, whatever is left open. */
function* htmlLines(html: string): Generator<void, PageText> {
  // Not toLowerCase: some letters become two, and nothing would stand at its place any more.
  const lower = html.replace(/[A-Z]+/g, letters => letters.toLowerCase())
  const lines = new Lines()
  let title: string | undefined
  let at = 0
  let breath = BREATH
  while (at < html.length && !lines.cut) {
    if (at > breath) {
      breath = at + BREATH
      yield
    }
    const open = html.indexOf('<', at)
    lines.add(decodeEntities(html.slice(at, open < 0 ? undefined : open)))
    if (open < 0) break
    if (html.startsWith('<!--', open)) {
      at = after(html, '-->', open + 4)
      continue
    }
    const name = tagName(lower, open)
    if (name === undefined) {
      const isMarkup = /[!?/]/.test(html[open + 1] ?? '')
      if (!isMarkup) lines.add('<')
      at = isMarkup ? after(html, '>', open + 1) : open + 1
      continue
    }
    const isEnd = html[open + 1] === '/'
    at = endOfTag(html, open + 1)
    if (!INLINE.has(name)) lines.end()
    if (isEnd || (name !== 'title' && !UNREAD.has(name))) continue
    const close = lower.indexOf(`</${name}`, at)
    // The first one is the page's; pictures inside it may have their own.
    if (name === 'title') title ??= oneLine(decodeEntities(html.slice(at, close < 0 ? undefined : close).slice(0, 4096)))
    at = close < 0 ? html.length : close
  }
  lines.end()
  return { title: title || undefined, lines: lines.lines, cut: lines.cut }
}

/** Just behind the next `what`; the end when there is none. */
function after(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at < 0 ? text.length : at + what.length
}

/** The name of the tag that begins at "<", in small letters. */
function tagName(lower: string, open: number): string | undefined {
  const start = lower[open + 1] === '/' ? open + 2 : open + 1
  let end = start
  while (end - start < 30 && /[a-z0-9:-]/.test(lower[end] ?? '')) end++
  return /[a-z]/.test(lower[start] ?? '') ? lower.slice(start, end) : undefined
}

/** Just behind the ">" of a tag; one inside quotes does not count. */
function endOfTag(html: string, from: number): number {
  const end = html.indexOf('>', from)
  if (end < 0) return html.length
  if (!/=["']/.test(html.slice(from, end))) return end + 1
  let quote = ''
  for (let at = from; at < html.length; at++) {
    const character = html[at]!
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '>') return at + 1
    else if ((character === '"' || character === "'") && html[at - 1] === '=') quote = character
  }
  return html.length
}
