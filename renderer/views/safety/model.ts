import { plainText } from '../../../shared/format.ts'
import type { FamilyReach, PolicyCheck } from '../../../shared/safety.ts'
import { formatList, words } from '../../i18n/words.ts'

/** The contract takes a block list in parts of at most so many characters, and the list has at most so many bytes. */
const PART_LENGTH = 200_000
export const MAX_LIST_BYTES = 1_000_000

/** A text in parts of whole lines, each at most `length` characters; with the number of lines before each. A line that is longer is cut. */
export function partsOf(text: string, length = PART_LENGTH): { readonly text: string; readonly before: number }[] {
  const parts: { text: string; before: number }[] = []
  let part = ''
  let before = 0
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.slice(0, length - 1)
    if (part !== '' && part.length + line.length + 1 > length) {
      parts.push({ text: part, before })
      part = ''
      before = index
    }
    part += `${line}\n`
  }
  return [...parts, { text: part, before }]
}

export type BlockFault = 'target' | 'expiry' | 'rest'

/** What a reason for passing a line over is about; the app's own words are English and not shown. */
export function blockFault(reason: string): BlockFault {
  if (reason.startsWith('not a')) return 'target'
  return reason.startsWith('expiry') ? 'expiry' : 'rest'
}

/** What a `datetime-local` input holds, in ms: by this computer's clock, or as UTC. `undefined` when it holds none. */
export function timeOf(text: string, zone: 'here' | 'utc' = 'here'): number | undefined {
  if (!/^\d{4,6}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)) return undefined
  const time = Date.parse(zone === 'utc' ? `${text}Z` : text)
  return Number.isFinite(time) ? time : undefined
}

/** A port from 1 to 65535; nothing for nothing; NaN when it is none. */
export function portOf(text: string): number | undefined {
  const clean = text.trim()
  if (clean === '') return undefined
  const port = /^\d{1,5}$/.test(clean) ? Number(clean) : 0
  return port >= 1 && port <= 65535 ? port : Number.NaN
}

/** Whether a text could be an address or a block of addresses; the app decides. */
export function looksLikeAddress(text: string): boolean {
  return /^(\d{1,3}(\.\d{1,3}){3}|\[?[0-9a-f:]*:[0-9a-f:.]*\]?)(\/\d{1,3})?$/i.test(text.trim())
}

/** The fingerprint that a person means: by itself, or by the name of one member alone. */
export function peerOf(text: string, known: readonly { readonly fingerprint: string; readonly nickname: string }[]): string | undefined {
  const clean = text.trim()
  const fingerprint = /^\$?([0-9a-f]{40})$/i.exec(clean.replaceAll(' ', ''))?.[1]
  if (fingerprint) return fingerprint.toUpperCase()
  const named = new Set(known.filter(({ nickname }) => nickname.toLowerCase() === clean.toLowerCase()).map(relay => relay.fingerprint))
  return named.size === 1 ? [...named][0] : undefined
}

/** The numbers of hours that the log can be kept, with the one that is set. */
export function logTimes(set: number): number[] {
  return [...new Set([1, 3, 6, 12, 24, 72, 168, 336, 720, 1440, 2160, ...(set > 0 ? [set] : [])])].sort((a, b) => a - b)
}

/** Hours in words: whole days as days. */
export function hoursWords(hours: number): string {
  const text = words.safety.log
  return hours >= 48 && hours % 24 === 0 ? text.days(hours / 24) : text.hours(hours)
}

type Ports = FamilyReach['all']

/** Ports in words, such as “ports 22 and 8000–8100”. */
export function portsWords(ports: Ports): string {
  const text = words.safety.policy
  const [first, second] = ports
  if (first?.low === 1 && first.high === 65535) return text.everyPort
  if (ports.length === 2 && [first, second].every((range, i) => range?.low === [80, 443][i] && range?.high === [80, 443][i]))
    return text.webBoth
  const single = ports.length === 1 && first?.low === first?.high
  return text.ports(formatList(ports.map(({ low, high }) => (low === high ? `${low}` : `${low}–${high}`))), single)
}

function reachWords({ all, most, some }: FamilyReach): string[] {
  const text = words.safety.policy
  const sentences = [
    ...(all.length > 0 ? [text.all(portsWords(all))] : []),
    ...(most.length > 0 ? [text.most(portsWords(most))] : []),
    ...(some.length > 0 ? [text.some(portsWords(some))] : []),
  ]
  return sentences.length > 0 ? sentences : [text.nothing]
}

/** What a policy lets out, in plain sentences; IPv6 is named only when it differs. */
export function policyWords({ v4, v6 }: Extract<PolicyCheck, { ok: true }>): string {
  const [four, six] = [reachWords(v4).join(' '), reachWords(v6).join(' ')]
  return four === six ? four : `${four} ${words.safety.policy.v6} ${six}`
}

/** What is wrong with a policy, with its line. */
export function policyFault({ line, item, fault }: Extract<PolicyCheck, { ok: false }>): string {
  const text = words.safety.policy
  return fault === 'long' ? text.tooLong : `${text.wrong(line, plainText(item, 60))} ${text.faults[fault]}`
}
