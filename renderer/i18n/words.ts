import { formatDuration, plainText } from '../../shared/format.ts'
import type { Problem } from '../../shared/problem.ts'
import type { CallFailure } from '../bridge.ts'
import type { ProblemWords } from './en/problems.ts'
import { en } from './en.ts'

/** All words of the window in one language. A new language is a file of this shape and a line in `catalogues`. */
export type Catalogue = typeof en

const catalogues: Record<string, Catalogue> = { en }

/** The first of the wanted languages that there is a catalogue of, else English. */
export function chooseLanguage(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0]!
    if (Object.hasOwn(catalogues, language)) return language
  }
  return 'en'
}

const wanted = typeof navigator === 'undefined' ? [] : (navigator.languages ?? [])
export const language = chooseLanguage(wanted)
/** Numbers and times follow the person's own locale when it is of the catalogue's language. */
export const locale = wanted.find(tag => tag.toLowerCase().split('-')[0] === language) ?? language
export const words: Catalogue = catalogues[language]!

const countryNames = new Intl.DisplayNames([locale], { type: 'region', fallback: 'code' })

/** A country's name by its two-letter code; `??` and anything unheard of is an unknown place. */
export function countryName(code: string): string {
  if (!/^[a-z]{2}$/i.test(code)) return words.unknownCountry
  try {
    return countryNames.of(code.toUpperCase()) ?? words.unknownCountry
  } catch {
    return words.unknownCountry
  }
}

const numbers = new Intl.NumberFormat(locale)
/** A count with the locale's digits and groups. */
export function formatCount(value: number): string {
  return numbers.format(value)
}

const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
const exactClock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const EXACT_WITHIN_MS = 10 * 60_000
const dayOfYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' })

/** A time in milliseconds as a clock time: with seconds when it is near, with its day when that is not today. */
export function formatTime(ms: number, now: number): string {
  if (Math.abs(ms - now) < EXACT_WITHIN_MS) return exactClock.format(ms)
  const [then, today] = [new Date(ms), new Date(now)]
  if (then.toDateString() === today.toDateString()) return clock.format(ms)
  const date = then.getFullYear() === today.getFullYear() ? dayOfYear : day
  return `${date.format(ms)}, ${clock.format(ms)}`
}

/** The day of a time in milliseconds. */
export function formatDay(ms: number): string {
  return day.format(ms)
}

/** How long ago a time in milliseconds was, in its largest unit. */
export function formatAgo(ms: number, now: number): string {
  const seconds = Math.floor((now - ms) / 1000)
  return seconds < 2 ? words.justNow : words.ago(formatDuration(seconds).split(' ').slice(0, 2).join(' '))
}

/** How far away a time in milliseconds is. */
export function formatUntil(ms: number, now: number): string {
  const seconds = Math.ceil((ms - now) / 1000)
  return seconds < 1 ? words.anyMoment : words.within(formatDuration(seconds))
}

/** One fact of a problem: its name and its harmless value. */
export interface Evidence {
  readonly name: string
  readonly value: string
}

/** A problem in words, with its facts as evidence. */
export function problemWords(problem: Problem): ProblemWords & { readonly evidence: readonly Evidence[] } {
  const evidence = Object.entries(problem.detail).map(([key, value]) => ({
    name: Object.hasOwn(words.detailNames, key) ? words.detailNames[key]! : plainText(key, 40),
    value: detailValue(key, value),
  }))
  return { ...words.problems[problem.code], evidence }
}

function detailValue(key: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (key === 'status' && typeof value === 'number') return statusWords(value).short
  if (key === 'country' && typeof value === 'string') return countryName(value)
  return plainText(String(value))
}

/** A PA_STATUS number in words. */
export function statusWords(status: number): { readonly short: string; readonly meaning: string } {
  return words.statuses[status] ?? { short: words.unknownStatus.short(status), meaning: words.unknownStatus.meaning }
}

/** Why a call failed, as one title and one sentence. */
export function failureWords(failure: CallFailure): {
  readonly title: string
  readonly text: string
  readonly evidence: readonly Evidence[]
} {
  switch (failure.kind) {
    case 'problem': {
      const { title, cause, next, evidence } = problemWords(failure.problem)
      return { title, text: [cause, next[0]].filter(Boolean).join(' '), evidence }
    }
    case 'lost':
      return { title: words.lostTitle, text: words.callLost, evidence: [] }
    case 'timeout':
      return { title: words.problems.internal.title, text: words.callTimeout, evidence: [] }
    case 'bad-answer':
      return { title: words.problems.internal.title, text: words.callBadAnswer, evidence: [] }
    default:
      return failure satisfies never
  }
}

/** What failed at a port, in words: the known reasons have their own, others are shown as harmless text. */
export function portFailureWords(of: 'mapping' | 'proof', reason: string): readonly [title: string, text: string] {
  const table = of === 'mapping' ? words.journey.ports.mappingFailures : words.journey.ports.proofFailures
  if (Object.hasOwn(table, reason)) return table[reason]!
  const title = of === 'mapping' ? words.journey.ports.mapping.failed : words.journey.ports.proof.failed
  return [title, words.journey.ports.otherFailure(plainText(reason))]
}
