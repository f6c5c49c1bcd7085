import { z } from 'zod'

const port = z.number().int().min(0).max(65535)
/** One exit policy in C tor's grammar, comma or newline separated; checked fully in main. */
const policyText = z.string().max(8000)
/** Fingerprints (40 upper-case hex digits) and country codes. */
const places = z.array(z.string().regex(/^([0-9A-F]{40}|[a-z]{2})$/)).max(100)

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
  socksPort: port.default(9150),
  httpPort: port.default(0),
  /** Relays and countries kept ready, and those never looked through. */
  favourites: places.default([]),
  excluded: places.default([]),
  /** The proxies want a password, new at every start. */
  proxySecret: z.boolean().default(false),
  /** How long the contribution book is kept; 0: not at all. */
  contributionDays: z.number().int().min(0).max(3660).default(400),
  mapPorts: z.boolean().default(true),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
})
export type Settings = z.infer<typeof settings>
export type SettingsPatch = Partial<Settings>
/** A change: only what is named. Made of the bare types, since zod fills in defaults even for optional fields, and would reset the rest. */
export const settingsPatch = z.object(
  Object.fromEntries(Object.entries(settings.shape).map(([name, type]) => [name, type.unwrap().optional()])),
) as unknown as z.ZodType<SettingsPatch>
