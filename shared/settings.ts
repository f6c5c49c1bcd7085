import { z } from 'zod'
import { backgroundSettings } from './background.ts'
import { countryCorrections, placeLists } from './place-lists.ts'

const port = z.number().int().min(0).max(65535)
/** One exit policy in C tor's grammar, comma or newline separated; checked fully in main. */
const policyText = z.string().max(8000)
/** Fingerprints (40 upper-case hex digits) and country codes. */
const places = z.array(z.string().regex(/^([0-9A-F]{40}|[a-z]{2})$/)).max(100)

/** The languages that the window speaks; `system`: the first of the person's own that is among them, else English. */
export const LANGUAGES = ['en', 'de', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]

/** How a person's computer runs, as far as it matters to being called Stable. Says nothing to the relay; forecasts are made from it. */
export const HABITS = ['always', 'short-restarts', 'weekly-break', 'nightly-sleep', 'evenings', 'daily-address'] as const
export type Habit = (typeof HABITS)[number]

/** The longest that the contribution book (days) and the access log (hours) are kept. */
export const MOST_CONTRIBUTION_DAYS = 3660
export const MOST_LOG_HOURS = 2160

/** What a person chooses, kept in `settings.json`. Rates in bytes per second. */
export const settings = z.object({
  nickname: z
    .string()
    .regex(/^[a-zA-Z0-9]{1,19}$/)
    .default('Unnamed'),
  contact: z.string().max(200).default(''),
  /** IPv4 address to publish; empty: learned from the network. */
  address: z.string().max(45).default(''),
  orPort: port.default(9001),
  dirPort: port.default(9030),
  paPort: z.union([port, z.literal('virtual'), z.literal('off')]).default(9040),
  bandwidthRate: z.number().int().min(75_000).max(10_000_000_000).default(1_250_000),
  bandwidthBurst: z.number().int().min(75_000).max(10_000_000_000).default(2_500_000),
  exitPolicy: policyText.default('reject *:*'),
  perspectivePolicy: policyText.default('accept *:80, accept *:443, reject *:*'),
  perspectiveAdmits: z.enum(['running', 'stable']).default('stable'),
  /** Most of the rate that perspective access may have, and the part that stays for Tor whatever happens (0–1). */
  perspectiveShare: z.number().min(0.01).max(1).default(0.5),
  perspectiveReserve: z.number().min(0.25).max(0.9).default(0.25),
  /** One peer's bytes a second and a day, before its usefulness multiplies them. */
  perspectivePeerRate: z.number().int().min(10_000).max(10_000_000_000).default(625_000),
  perspectivePeerDay: z.number().int().min(1_000_000).max(1_000_000_000_000_000).default(2_000_000_000),
  /** How long the access log keeps a record, up to 90 days; 0: there is no log. */
  accessLogHours: z.number().int().min(0).max(MOST_LOG_HOURS).default(0),
  /** Only the /24 or /48 of addresses is logged. */
  accessLogTruncate: z.boolean().default(false),
  socksPort: port.default(9150),
  httpPort: port.default(0),
  /** Relays and countries kept ready, and those never looked through. */
  favourites: places.default([]),
  excluded: places.default([]),
  /** Named sets of places; see `place-lists.ts`. */
  lists: placeLists.default([]),
  countryCorrections: countryCorrections.default([]),
  /** The last choices are remembered, on this computer only. */
  keepRecents: z.boolean().default(true),
  /** The proxies want a password, new at every start. */
  proxySecret: z.boolean().default(false),
  /** How long the contribution book is kept; 0: not at all. */
  contributionDays: z.number().int().min(0).max(MOST_CONTRIBUTION_DAYS).default(400),
  /** What one busy core of the processor is supposed to take, in watts; only the estimate of energy is made from it. */
  coreWatts: z.number().min(0.5).max(200).default(10),
  mapPorts: z.boolean().default(true),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  language: z.enum(['system', ...LANGUAGES]).default('system'),
  habit: z.enum(HABITS).default('always'),
  ...backgroundSettings,
})
export type Settings = z.infer<typeof settings>
export type SettingsPatch = Partial<Settings>
/** Without the usual values: zod fills them in even for optional fields, and would reset the rest. */
const bare = z.object(Object.fromEntries(Object.entries(settings.shape).map(([name, type]) => [name, type.unwrap().optional()])))
/** A change: only what is named. */
export const settingsPatch = bare as unknown as z.ZodType<SettingsPatch>
/** As they lie on the disk: what was never set is not there, and what another version may have set is. */
export const storedSettings: z.ZodType<object> = bare.loose()
