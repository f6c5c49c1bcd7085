import type { Settings, SettingsPatch } from '../../../shared/settings.ts'
import { words } from '../../i18n/words.ts'

/** The form as a person types it: numbers are text until they are saved, rates are in Mbit/s (10⁶ bits). */
export interface Draft {
  readonly nickname: string
  readonly contact: string
  readonly address: string
  readonly orPort: string
  readonly dirPort: string
  readonly paKind: 'own' | 'virtual' | 'off'
  readonly paPort: string
  readonly mapPorts: boolean
  readonly bandwidthRate: string
  readonly bandwidthBurst: string
  readonly exitPolicy: string
  readonly perspectivePolicy: string
  readonly perspectiveAdmits: Settings['perspectiveAdmits']
  readonly socksPort: string
  readonly httpPort: string
  readonly proxySecret: boolean
  readonly contributionDays: string
  readonly coreWatts: string
  /** Gigabytes (10⁹ bytes); empty: no cap. */
  readonly monthlyCap: string
  readonly capStartDay: string
}
/** What would be right, for each field that is wrong. */
export type DraftErrors = Partial<Record<keyof Draft, string>>

const DEFAULT_PA_PORT = '9040'
const BYTES_PER_MEGABIT = 125_000
const BYTES_PER_GB = 1e9
const LEAST_RATE = 75_000
const MOST_RATE = 10_000_000_000

/** Saved settings as the form shows them. */
export function draftOf(settings: Settings): Draft {
  const { nickname, contact, address, mapPorts, proxySecret, exitPolicy, perspectivePolicy, perspectiveAdmits, paPort } = settings
  return {
    nickname,
    contact,
    address,
    mapPorts,
    proxySecret,
    contributionDays: String(settings.contributionDays),
    coreWatts: String(settings.coreWatts),
    monthlyCap: settings.monthlyCap === 0 ? '' : String(settings.monthlyCap / BYTES_PER_GB),
    capStartDay: String(settings.capStartDay),
    exitPolicy,
    perspectivePolicy,
    perspectiveAdmits,
    orPort: String(settings.orPort),
    dirPort: String(settings.dirPort),
    paKind: typeof paPort === 'number' ? 'own' : paPort,
    paPort: typeof paPort === 'number' ? String(paPort) : DEFAULT_PA_PORT,
    ...limitDraft(settings.bandwidthRate, settings.bandwidthBurst),
    socksPort: String(settings.socksPort),
    httpPort: String(settings.httpPort),
  }
}

/** A port number of the form; undefined when it is none. */
export function portNumber(text: string): number | undefined {
  const port = /^\s*\d{1,5}\s*$/.test(text) ? Number(text) : -1
  return port >= 0 && port <= 65535 ? port : undefined
}

/** Bytes per second as the two limits of the form. */
export function limitDraft(rate: number, burst: number): Pick<Draft, 'bandwidthRate' | 'bandwidthBurst'> {
  return { bandwidthRate: String(rate / BYTES_PER_MEGABIT), bandwidthBurst: String(burst / BYTES_PER_MEGABIT) }
}

/** Whether a limit in bytes per second can be set. */
export const isRate = (bytes: number): boolean => bytes >= LEAST_RATE && bytes <= MOST_RATE

/** Mbit/s with a decimal point or comma, as bytes per second; undefined when it is out of bounds. */
export function rateNumber(text: string): number | undefined {
  const clean = text.trim().replace(',', '.')
  const bytes = /^\d{1,6}(\.\d{1,6})?$/.test(clean) ? Math.round(Number(clean) * BYTES_PER_MEGABIT) : -1
  return isRate(bytes) ? bytes : undefined
}

/** A monthly cap in gigabytes as bytes; 0 when nothing is written; undefined when it is out of bounds. */
export function capNumber(text: string): number | undefined {
  const clean = text.trim().replace(',', '.')
  if (clean === '') return 0
  const bytes = /^\d{1,8}(\.\d{1,3})?$/.test(clean) ? Math.round(Number(clean) * BYTES_PER_GB) : -1
  return bytes >= 1e9 && bytes <= 1e16 ? bytes : undefined
}

/** A day of the month that every month has; undefined when it is none. */
export function startDay(text: string): number | undefined {
  const day = /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : 0
  return day >= 1 && day <= 28 ? day : undefined
}

/** How many days the contribution book is kept, 0 to 3660; undefined when it is no such number. */
export function dayCount(text: string): number | undefined {
  const days = /^\s*\d{1,4}\s*$/.test(text) ? Number(text) : -1
  return days >= 0 && days <= 3660 ? days : undefined
}

/** Watts of one busy core, 0.5 to 200; undefined when it is no such number. */
export function wattNumber(text: string): number | undefined {
  const clean = text.trim().replace(',', '.')
  const watts = /^\d{1,3}(\.\d{1,2})?$/.test(clean) ? Number(clean) : 0
  return watts >= 0.5 && watts <= 200 ? watts : undefined
}

/** The first rule of a policy that does not look like one. Main checks the whole grammar; this catches slips of the hand at once. */
export function badPolicyItem(policy: string): string | undefined {
  return policy
    .split(/[,\n]/)
    .map(item => item.trim())
    .find(
      item =>
        item !== '' && !/^(accept|reject)6?\s+(\*[46]?|private|\[?[0-9a-f:.]+\]?)(\/[0-9a-f:.]+)?(:(\*|\d{1,5}(-\d{1,5})?))?$/i.test(item),
    )
}

const isIPv4 = (text: string) => /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every(part => Number(part) <= 255)

/** What is wrong with the form, per field; empty when it can be saved. */
export function draftErrors(draft: Draft): DraftErrors {
  const text = words.settings.errors
  const errors: { -readonly [F in keyof DraftErrors]: DraftErrors[F] } = {}
  if (!/^[a-zA-Z0-9]{1,19}$/.test(draft.nickname)) errors.nickname = text.nickname
  if (draft.contact.length > 200 || /[\r\n]/.test(draft.contact)) errors.contact = text.contact
  if (draft.address.trim() !== '' && !isIPv4(draft.address.trim())) errors.address = text.address

  const taken = new Set<number>()
  for (const field of ['orPort', 'dirPort', 'paPort', 'socksPort', 'httpPort'] as const) {
    if (field === 'paPort' && draft.paKind !== 'own') continue
    const port = portNumber(draft[field])
    if (port === undefined) errors[field] = text.port
    else if (port !== 0 && taken.has(port)) errors[field] = text.portTwice
    else taken.add(port)
  }

  const rate = rateNumber(draft.bandwidthRate)
  const burst = rateNumber(draft.bandwidthBurst)
  if (rate === undefined) errors.bandwidthRate = text.rate
  if (burst === undefined || (rate !== undefined && burst < rate)) errors.bandwidthBurst = text.burst

  if (dayCount(draft.contributionDays) === undefined) errors.contributionDays = text.days
  if (wattNumber(draft.coreWatts) === undefined) errors.coreWatts = text.watts

  if (capNumber(draft.monthlyCap) === undefined) errors.monthlyCap = words.background.cap.bad
  if (startDay(draft.capStartDay) === undefined) errors.capStartDay = words.background.cap.badDay

  for (const field of ['exitPolicy', 'perspectivePolicy'] as const) {
    const bad = badPolicyItem(draft[field])
    if (draft[field].length > 8000) errors[field] = text.policyLong
    else if (bad !== undefined) errors[field] = text.policyLine(bad.slice(0, 60))
  }
  return errors
}

/** What of a faultless form differs from the saved settings. */
export function patchOf(draft: Draft, saved: Settings): SettingsPatch {
  const wanted: SettingsPatch = {
    nickname: draft.nickname,
    contact: draft.contact.trim(),
    address: draft.address.trim(),
    orPort: portNumber(draft.orPort)!,
    dirPort: portNumber(draft.dirPort)!,
    paPort: draft.paKind === 'own' ? portNumber(draft.paPort)! : draft.paKind,
    mapPorts: draft.mapPorts,
    bandwidthRate: rateNumber(draft.bandwidthRate)!,
    bandwidthBurst: rateNumber(draft.bandwidthBurst)!,
    exitPolicy: draft.exitPolicy.trim(),
    perspectivePolicy: draft.perspectivePolicy.trim(),
    perspectiveAdmits: draft.perspectiveAdmits,
    socksPort: portNumber(draft.socksPort)!,
    httpPort: portNumber(draft.httpPort)!,
    proxySecret: draft.proxySecret,
    contributionDays: dayCount(draft.contributionDays)!,
    coreWatts: wattNumber(draft.coreWatts)!,
    monthlyCap: capNumber(draft.monthlyCap)!,
    capStartDay: startDay(draft.capStartDay)!,
  }
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => saved[key as keyof Settings] !== value))
}

/** Whether a policy lets anything out that the usual web ports are not. Rules that only reject never do. */
export function isWiderThanWeb(policy: string): boolean {
  return policy
    .split(/[,\n]/)
    .map(item => item.trim().toLowerCase())
    .some(item => item.startsWith('accept') && !/:(80|443)$/.test(item))
}

/** Whether a policy lets anything out at all. */
export function letsOut(policy: string): boolean {
  return /(^|[,\n])\s*accept/i.test(policy)
}
