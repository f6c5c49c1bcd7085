import { z } from 'zod'

/** Milliseconds since 1970 (UTC). */
const time = z.number()
const nothing = z.undefined().optional()

/** The least rate that a relay may be held to, in bytes per second (C tor refuses relays below it). */
export const LEAST_RATE = 75_000

/**
 * A part of the week in which the relay rests, or is held to a rate of its own. By the clock on the wall of this computer: the days on
 * which it begins (0 Sunday … 6 Saturday), and minutes since midnight. An end that is not after the beginning is on the next day.
 */
export const planSpan = z.object({
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  from: z.number().int().min(0).max(1439),
  to: z.number().int().min(0).max(1440),
  /** Bytes per second in this time; 0: the relay rests. */
  rate: z
    .number()
    .int()
    .refine(rate => rate === 0 || (rate >= LEAST_RATE && rate <= 10_000_000_000)),
})
export type PlanSpan = z.infer<typeof planSpan>
export const MAX_SPANS = 20

/** What a person may be told of by the desktop; each can be switched off. */
export const NOTICE_KINDS = ['unlocked', 'flags', 'ports', 'overload', 'cap', 'version'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** A network as we can tell it from others without asking anybody: the interface's name and its part of the address space. */
const networkId = z.string().min(1).max(100)

/** The part of the settings that says when the relay rests, and how the app behaves in the background. Bytes; rates in bytes per second. */
export const backgroundSettings = {
  /** The weekly plan; where parts overlap, rest wins over a rate and the lower rate over the higher. */
  plan: z.array(planSpan).max(MAX_SPANS).default([]),
  pauseOnBattery: z.boolean().default(false),
  pauseOnMetered: z.boolean().default(false),
  /** Networks that their owner says are paid by volume. */
  meteredNetworks: z.array(networkId).max(50).default([]),
  /** Both directions together, from `capStartDay` of a month to that of the next; 0: no cap. */
  monthlyCap: z
    .number()
    .int()
    .refine(cap => cap === 0 || (cap >= 1e9 && cap <= 1e16))
    .default(0),
  /** As in C tor's AccountingStart: no day that a month may lack. */
  capStartDay: z.number().int().min(1).max(28).default(1),
  keepAwake: z.boolean().default(false),
  mutedNotices: z.array(z.enum(NOTICE_KINDS)).max(NOTICE_KINDS.length).default([]),
  contrast: z.enum(['system', 'more']).default('system'),
}

/** Why the relay rests. `person`: asked for; `sleep`: the computer goes to sleep. */
export const PAUSE_REASONS = ['person', 'sleep', 'cap', 'metered', 'battery', 'plan'] as const
export type PauseReason = (typeof PAUSE_REASONS)[number]
/** One reason, and when it ends, if that is known. */
export const pauseCause = z.object({ reason: z.enum(PAUSE_REASONS), until: time.optional() })
export type PauseCause = z.infer<typeof pauseCause>

/** Whether the relay may run now, and how fast. `until`: when this is over by itself, absent where nobody can know. */
export const standing = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running'), until: time.optional() }),
  z.object({ state: z.literal('limited'), rate: z.number(), by: z.enum(['plan', 'person']), until: time.optional() }),
  z.object({ state: z.literal('paused'), causes: z.array(pauseCause).min(1), until: time.optional() }),
])
export type Standing = z.infer<typeof standing>

/** How much of the usual limit a person lets the relay have for now. */
export const SHARES = [1, 0.5, 0.25, 0.1] as const
export const share = z.union([z.literal(1), z.literal(0.5), z.literal(0.25), z.literal(0.1)])
export type Share = z.infer<typeof share>

export const PAUSE_SPANS = ['half-hour', 'tomorrow', 'restart'] as const
export type PauseSpan = (typeof PAUSE_SPANS)[number]

/** Something worth telling. `detail` holds short facts, as a problem's does. */
export const notice = z.object({
  kind: z.enum(NOTICE_KINDS),
  /** Which of its sentences. */
  what: z.enum([
    'unlocked',
    'lost-running',
    'lost-stable',
    'ports-closed',
    'overload',
    'cap-near',
    'cap-reached',
    'old-build',
    'network-asks-more',
  ]),
  at: time,
  detail: z.record(z.string(), z.union([z.string().max(200), z.number()])).default({}),
})
export type Notice = z.infer<typeof notice>

/** What the app knows of the computer and of its own rest. */
export const backgroundState = z.object({
  standing,
  share,
  /** `unknown`: this computer does not tell, or has no battery. */
  power: z.enum(['battery', 'plugged', 'unknown']),
  network: z
    .object({
      id: networkId,
      /** What the system says by itself (NetworkManager on Linux); `unknown` where it says nothing. */
      system: z.enum(['metered', 'unmetered', 'unknown']),
    })
    .optional(),
  /** What counts against the monthly cap; kept also while there is none. */
  volume: z.object({ used: z.number(), since: time, resetsAt: time }),
  /** `unavailable`: this host cannot start itself. */
  login: z.enum(['on', 'off', 'unavailable']),
  /** The computer is kept from falling asleep right now. */
  awake: z.boolean(),
  /** The newest last. */
  notices: z.array(notice).max(20),
})
export type BackgroundState = z.infer<typeof backgroundState>

export const backgroundCalls = {
  'pause.begin': { argument: z.object({ span: z.enum(PAUSE_SPANS) }), result: nothing },
  /** Ends a pause: what a person asked for is over, other causes (but the cap) are passed over until they end by themselves. */
  'pause.end': { argument: nothing, result: nothing },
  'limit.share': { argument: z.object({ share }), result: nothing },
  /** Whether the app starts with the session of this user. Fails with `bad-request` where the host cannot. */
  'login.set': { argument: z.object({ on: z.boolean() }), result: nothing },
  /** The network of now counts as paid by volume, or no longer. */
  'network.metered': { argument: z.object({ id: networkId, metered: z.boolean() }), result: nothing },
} as const
