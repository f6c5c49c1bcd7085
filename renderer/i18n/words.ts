import { createStore } from 'zustand/vanilla'
import { plainText } from '../../shared/format.ts'
import type { Problem } from '../../shared/problem.ts'
import { LANGUAGES, type Language, type Settings } from '../../shared/settings.ts'
import { Formats, hourStyle } from '../../shared/words/formats.ts'
import type { CallFailure } from '../bridge.ts'
import type { ProblemWords } from './en/problems.ts'
import { type Catalogue, en } from './en.ts'
import { chooseLanguage, directionOf, localeOf, wantedLanguages } from './language.ts'

/** Where each language's words are: a file of the catalogue's shape, loaded when it is first spoken. A new one has a line here and one in `LANGUAGES`. */
const loaders: Record<Language, () => Promise<Catalogue>> = {
  en: async () => en,
  de: () => import('./de.ts').then(({ de }) => de),
  ar: () => import('./ar.ts').then(({ ar }) => ar),
}
const loaded: Partial<Record<Language, Catalogue>> = { en }

/** Each language's name in itself. */
export const languageNames: Record<Language, string> = { en: 'English', de: 'Deutsch', ar: 'العربية' }

/*
 * What is spoken now. These change at run time with `speak`, so they are read where something is shown, never kept at a module's top.
 */
export let words: Catalogue = en
export let locale = 'en'
let formats = makeFormats(locale)

/** The language that is spoken, for what must be drawn anew when it changes; `loading` while the wanted one is on its way. */
export const speech = createStore<{ readonly language: Language; readonly direction: 'ltr' | 'rtl'; readonly loading: boolean }>(() => ({
  language: 'en',
  direction: 'ltr',
  loading: false,
}))

/** What was asked for last; an older wish that arrives late is not spoken. */
let wish = ''

/**
 * Speaks the set language from now on, at once when it was spoken before; `system` is the first of the person's own that there are words in. A
 * language that cannot be loaded leaves the one that is spoken.
 */
export async function speak(setting: Settings['language'], wanted: readonly string[] = wantedLanguages()): Promise<void> {
  const language = setting === 'system' ? chooseLanguage(wanted) : setting
  const next = localeOf(language, wanted)
  if (wish === next) return
  wish = next
  if (!loaded[language]) {
    speech.setState({ loading: true })
    const catalogue = await loaders[language]().catch(() => undefined)
    if (catalogue) loaded[language] = catalogue
    if (wish !== next) return
  }
  const catalogue = loaded[language]
  if (catalogue) {
    words = catalogue
    locale = next
    formats = makeFormats(next)
    speech.setState({ language, direction: directionOf(language), loading: false })
  } else speech.setState({ loading: false })
}
void speak('system')

function makeFormats(of: string) {
  const unit = (name: string, digits: number, display: 'short' | 'long' = 'short') =>
    new Intl.NumberFormat(of, {
      style: 'unit',
      unit: name,
      unitDisplay: display,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    })
  const hour = hourStyle(of)
  return {
    shared: new Formats(of),
    milliseconds: unit('millisecond', 0),
    durations: { day: unit('day', 0), hour: unit('hour', 0), minute: unit('minute', 0), second: unit('second', 0) },
    days: unit('day', 0, 'long'),
    pairs: new Intl.ListFormat(of, { type: 'unit', style: 'narrow' }),
    ages: new Intl.RelativeTimeFormat(of, { numeric: 'always', style: 'long' }),
    ratio: new Intl.NumberFormat(of, { maximumSignificantDigits: 2 }),
    weekday: new Intl.DateTimeFormat(of, { weekday: 'short', timeZone: 'UTC' }),
    weekdayLong: new Intl.DateTimeFormat(of, { weekday: 'long', timeZone: 'UTC' }),
    minuteOfDay: new Intl.DateTimeFormat(of, { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' }),
    clock: new Intl.DateTimeFormat(of, { hour, minute: '2-digit' }),
    exactClock: new Intl.DateTimeFormat(of, { hour, minute: '2-digit', second: '2-digit' }),
    dayOfYear: new Intl.DateTimeFormat(of, { day: 'numeric', month: 'short', hour, minute: '2-digit' }),
    dayAndYear: new Intl.DateTimeFormat(of, { day: 'numeric', month: 'short', year: 'numeric', hour, minute: '2-digit' }),
    day: new Intl.DateTimeFormat(of, { day: 'numeric', month: 'short', year: 'numeric' }),
  }
}

/** A country's name by its two-letter code; `??` and anything unheard of is an unknown place. */
export const countryName = (code: string): string => formats.shared.country(code, words.unknownCountry)
/** A count with the locale's digits and groups. */
export const formatCount = (value: number): string => formats.shared.count(value)
/** Bytes in decimal units: 1 kB = 1000 B. */
export const formatBytes = (bytes: number): string => formats.shared.bytes(bytes)
/** Bytes per second in decimal units. */
export const formatRate = (bytesPerSecond: number): string => formats.shared.rate(bytesPerSecond)
/** A rate in bytes per second as Mbit/s (10⁶ bits). */
export const formatMegabits = (bytesPerSecond: number): string => words.host.megabits(formats.shared.megabits(bytesPerSecond))
/** A moment to come: the clock today, with its day otherwise. */
export const formatMoment = (ms: number, now: number): string => formats.shared.moment(ms, now)
const MONTH_SECONDS = 30 * 86400
/** What a limit in bytes per second comes to in a month of 30 days, as one sentence. */
export function ceilingSentence(bytesPerSecond: number): string {
  return words.journey.details.ceiling(formats.shared.megabits(bytesPerSecond), formatBytes(bytesPerSecond * MONTH_SECONDS))
}
/** Milliseconds with their unit. */
export const formatMilliseconds = (ms: number): string => formats.milliseconds.format(Math.round(ms))
/** A ratio with two digits that matter. */
export const formatRatio = (value: number): string => formats.ratio.format(value)
/** A fraction 0–1 in percent. */
export const formatPercent = (value: number): string => formats.shared.percent(value)
/** Several things as one list. */
export const formatList = (items: readonly string[]): string => formats.shared.list(items)

const UNITS = [
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** A duration in seconds as its two largest units ("2 days 3 hr"). */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds))
  const parts: string[] = []
  for (const [name, size] of UNITS) {
    const amount = Math.floor(rest / size)
    rest -= amount * size
    if (amount > 0 || (name === 'second' && parts.length === 0)) parts.push(formats.durations[name].format(amount))
    if (parts.length === 2) break
  }
  return formats.pairs.format(parts)
}

/** From so many to so many whole days; one number when they are the same. */
export function formatDays(from: number, to: number = from): string {
  return from === to ? formats.days.format(from) : formats.days.formatRange(from, to)
}

const EXACT_WITHIN_MS = 10 * 60_000

/** A time in milliseconds as a clock time: with seconds when it is near, with its day when that is not today. */
export function formatTime(ms: number, now: number): string {
  if (Math.abs(ms - now) < EXACT_WITHIN_MS) return formats.exactClock.format(ms)
  const [then, today] = [new Date(ms), new Date(now)]
  if (then.toDateString() === today.toDateString()) return formats.clock.format(ms)
  return (then.getFullYear() === today.getFullYear() ? formats.dayOfYear : formats.dayAndYear).format(ms)
}

/** The first of 1970 that is a Sunday, at midnight (UTC). */
const SUNDAY = 3 * 86_400_000
/** A day of the week, 0 = Sunday. */
export const formatWeekday = (day: number, style: 'short' | 'long' = 'short'): string =>
  formats[style === 'short' ? 'weekday' : 'weekdayLong'].format(SUNDAY + day * 86_400_000)
/** Minutes since midnight as the clock shows them; a whole day's are midnight again. */
export const formatMinute = (minute: number): string => formats.minuteOfDay.format(minute * 60_000)

/** The days of the week (0 = Sunday) in the order of the locale's calendars. */
export function weekOrder(): number[] {
  const of = new Intl.Locale(locale) as Intl.Locale & { getWeekInfo?(): { firstDay: number } }
  const first = (of.getWeekInfo?.().firstDay ?? 1) % 7
  return [0, 1, 2, 3, 4, 5, 6].map(day => (day + first) % 7)
}

/** The day of a time in milliseconds. */
export function formatDay(ms: number): string {
  return formats.day.format(ms)
}

/** Seconds from now, behind or ahead, in their largest unit. */
function relative(seconds: number, sign: 1 | -1): string {
  const [name, size] = UNITS.find(([, unit]) => seconds >= unit) ?? UNITS.at(-1)!
  return formats.ages.format(sign * Math.floor(seconds / size), name)
}

/** How long ago a time in milliseconds was, in its largest unit. */
export function formatAgo(ms: number, now: number): string {
  const seconds = Math.floor((now - ms) / 1000)
  return seconds < 2 ? words.justNow : relative(seconds, -1)
}

/** How far away a time in milliseconds is, in its largest unit. */
export function formatUntil(ms: number, now: number): string {
  const seconds = Math.ceil((ms - now) / 1000)
  return seconds < 1 ? words.anyMoment : relative(seconds, 1)
}

/** The languages to choose from, each in its own name. */
export function languageChoices(): readonly { readonly value: Settings['language']; readonly name: string; readonly lang?: Language }[] {
  return [
    { value: 'system', name: words.settings.languages.system },
    ...LANGUAGES.map(language => ({ value: language, name: languageNames[language], lang: language })),
  ]
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

/** Numbers of a problem's detail that have a unit. */
const DETAIL_NUMBERS: Readonly<Record<string, (value: number) => string>> = {
  asleep: formatDuration,
  retryAfter: formatDuration,
  free: formatBytes,
  skewSeconds: ahead => (ahead > 0 ? words.clock.slow : words.clock.fast)(formatDuration(Math.abs(ahead))),
  movedSeconds: moved => (moved > 0 ? words.clock.forward : words.clock.back)(formatDuration(Math.abs(moved))),
}

function detailValue(key: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (key === 'status' && typeof value === 'number') return statusWords(value).short
  if (key === 'country' && typeof value === 'string') return countryName(value)
  if (typeof value === 'number' && Object.hasOwn(DETAIL_NUMBERS, key)) return DETAIL_NUMBERS[key]!(value)
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
