import type { CompareCertificate, CompareColumn, CompareHop, ComparePlace, CompareState } from '../shared/compare.ts'

/** What one place saw; absent while it is still looking. */
export type Finding = CompareColumn | undefined

/** The answer that a column ended with. */
export const lastHop = (column: Finding): CompareHop | undefined => column?.hops.at(-1)

/** One thing that every place was asked about. `undefined`: it has no answer there, which is no difference. */
export interface Fact {
  readonly values: readonly (string | undefined)[]
  readonly differs: boolean
}

/** Whether those that are there are not all the same. */
export function fact(values: readonly (string | undefined)[]): Fact {
  return { values, differs: new Set(values.filter(value => value !== undefined)).size > 1 }
}

/** What can be compared by a glance: status, where it led to, who answered, what it said. */
export interface Facts {
  readonly status: Fact
  /** The addresses on the way, the first one left out. */
  readonly route: Fact
  readonly title: Fact
  readonly content: Fact
}

export function factsOf(columns: readonly Finding[]): Facts {
  return {
    status: fact(columns.map(column => statusText(column))),
    route: fact(columns.map(column => (lastHop(column)?.status === undefined ? undefined : column!.hops.map(({ url }) => url).join(' ')))),
    title: fact(columns.map(column => column?.page && (column.page.title ?? ''))),
    content: fact(columns.map(column => column?.page?.hash)),
  }
}

/** The last status, or why there is none. */
function statusText(column: Finding): string | undefined {
  if (!column || column.failure === 'cancelled') return undefined
  return column.failure && column.failure !== 'body-too-large' && column.failure !== 'undecodable'
    ? column.failure
    : String(lastHop(column)?.status)
}

/** Every header that a place sent with its last answer, by name, in the order in which they came up. A header that is missing is a difference. */
export function headerFacts(columns: readonly Finding[]): readonly (Fact & { readonly name: string })[] {
  const names = new Set(columns.flatMap(column => lastHop(column)?.headers.map(({ name }) => name) ?? []))
  return [...names].map(name => {
    const values = columns.map(column => {
      const hop = lastHop(column)
      return hop?.status === undefined ? undefined : (hop.headers.find(header => header.name === name)?.value ?? '')
    })
    return { name, ...fact(values) }
  })
}

/** One host's certificates, as the places were shown them. */
export interface HostCertificates {
  readonly host: string
  readonly certificates: readonly (CompareCertificate | undefined)[]
  /** Not all the same certificate. */
  readonly differs: boolean
  /** Not all of the same issuer, which is what hardly any site does. */
  readonly issuersDiffer: boolean
  /** Columns in which a browser would have refused it. */
  readonly refused: readonly number[]
}

/** The certificates of every host on the way, those first that somebody must look at. */
export function certificatesOf(columns: readonly Finding[]): readonly HostCertificates[] {
  const hosts = new Set(
    columns.flatMap(column => column?.hops.filter(({ certificate }) => certificate).map(({ url }) => new URL(url).host) ?? []),
  )
  return [...hosts]
    .map(host => {
      const certificates = columns.map(
        column => column?.hops.find(({ url, certificate }) => certificate && new URL(url).host === host)?.certificate,
      )
      return {
        host,
        certificates,
        differs: fact(certificates.map(certificate => certificate?.fingerprint)).differs,
        issuersDiffer: fact(certificates.map(certificate => certificate?.issuer)).differs,
        refused: certificates.flatMap((certificate, index) => (certificate?.problem ? [index] : [])),
      }
    })
    .sort((a, b) => weight(b) - weight(a))
}

const weight = ({ differs, issuersDiffer, refused }: HostCertificates): number =>
  (refused.length > 0 ? 4 : 0) + (issuersDiffer ? 2 : 0) + (differs ? 1 : 0)

/** A part of the pages' text: lines that all have, or what each has in their place. */
export type TextPart =
  | { readonly kind: 'same'; readonly lines: readonly string[] }
  | { readonly kind: 'differs'; readonly cells: readonly (readonly string[])[] }

/**
 * Several texts side by side, in reading order: lines that all of them have, in the same order, hold them together; between these stands what each has
 * of its own.
 */
export function alignTexts(texts: readonly (readonly string[])[]): TextPart[] {
  const [first = [], ...others] = texts
  // Places of the lines that all have so far: one number a text.
  let common: number[][] = first.map((_, index) => [index])
  for (const text of others) {
    const pairs = longestCommon(
      common.map(([at]) => first[at!]!),
      text,
    )
    common = pairs.map(([a, b]) => [...common[a]!, b])
  }
  const parts: TextPart[] = []
  let next = texts.map(() => 0)
  for (const places of [...common, texts.map(({ length }) => length)]) {
    const cells = texts.map((text, index) => text.slice(next[index], places[index]))
    if (cells.some(({ length }) => length > 0)) parts.push({ kind: 'differs', cells })
    const line = first[places[0]!]
    if (line !== undefined) {
      const last = parts.at(-1)
      if (last?.kind === 'same') parts[parts.length - 1] = { kind: 'same', lines: [...last.lines, line] }
      else parts.push({ kind: 'same', lines: [line] })
    }
    next = places.map(place => place + 1)
  }
  return parts
}

/** The longest list of lines that both have in the same order, as pairs of places. Quadratic; texts are of bounded length. */
function longestCommon(a: readonly string[], b: readonly string[]): [number, number][] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const pairs: [number, number][] = Array.from({ length: start }, (_, index) => [index, index])
  const rows = a.length - start - end
  const columns = b.length - start - end
  // lengths[row, column]: of the longest one behind these places.
  const lengths = new Uint16Array((rows + 1) * (columns + 1))
  const at = (row: number, column: number) => row * (columns + 1) + column
  for (let row = rows - 1; row >= 0; row--)
    for (let column = columns - 1; column >= 0; column--)
      lengths[at(row, column)] =
        a[start + row] === b[start + column]
          ? lengths[at(row + 1, column + 1)]! + 1
          : Math.max(lengths[at(row + 1, column)]!, lengths[at(row, column + 1)]!)
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    if (a[start + row] === b[start + column]) pairs.push([start + row++, start + column++])
    else if (lengths[at(row + 1, column)]! >= lengths[at(row, column + 1)]!) row++
    else column++
  }
  for (let index = end; index > 0; index--) pairs.push([a.length - index, b.length - index])
  return pairs
}

/** Whether one can look from a place now: one hop needs everything unlocked, Tor a relay that runs; the own line is there. */
export function canCompare(place: ComparePlace, { locked, tor }: { readonly locked: boolean; readonly tor: boolean }): boolean {
  if (place.kind === 'home') return true
  return place.kind === 'tor' ? tor : !locked
}

/** How far a comparison is: columns that are through, and of how many. */
export function progress({ columns }: CompareState): { readonly done: number; readonly of: number } {
  const isDone = ({ step, picture }: CompareState['columns'][number]) => step === 'done' && picture !== 'waiting' && picture !== 'taking'
  return { done: columns.filter(isDone).length, of: columns.length }
}

/** What an HTTP status means to somebody who only wants to see the page. */
export function answerKind(status: number): 'sent' | 'elsewhere' | 'missing' | 'barred' | 'refused' | 'broken' {
  if (status === 451) return 'barred'
  if (status === 404 || status === 410) return 'missing'
  if (status < 300) return 'sent'
  if (status < 400) return 'elsewhere'
  return status < 500 ? 'refused' : 'broken'
}
