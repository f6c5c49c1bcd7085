import { z } from 'zod'
import { backgroundState, pauseCause } from './background.ts'
import { compareState } from './compare.ts'
import { contributionSum } from './contribution.ts'
import { perspectiveServer } from './perspective-server.ts'
import { listId } from './place-lists.ts'
import { problem } from './problem.ts'
import { relayRecord } from './relay-record.ts'
import { identityState } from './safety.ts'
import { settings } from './settings.ts'

/** Milliseconds since 1970 (UTC). */
const time = z.number()
export const countryCode = z.string().regex(/^[a-z]{2}$|^\?\?$/)
/** 40 upper-case hex digits: SHA-1 of a relay's RSA identity. */
export const fingerprint = z.string().regex(/^[0-9A-F]{40}$/)

/** The reasons of a failed mapping that have words of their own; others are shown as they are. */
export const MAPPING_FAILURES = [
  'no-gateway',
  'no-answer',
  'refused',
  'port-taken',
  'address-shared',
  'double-nat',
  'router-disagrees',
] as const
/** The reasons of a failed outside test that have words of their own; others are shown as they are. */
export const PROOF_FAILURES = [
  'timeout',
  'connection-refused',
  'wrong-identity',
  'address-unknown',
  'no-tester',
  'not-usable',
  'no-network',
] as const

/** What is known of one of the three ports. Only `proved` makes it green. */
export const portState = z.object({
  wanted: z.union([z.number(), z.literal('virtual'), z.literal('off')]),
  listening: z.object({ address: z.string(), port: z.number() }).optional(),
  mapping: z.discriminatedUnion('state', [
    z.object({ state: z.literal('off') }),
    z.object({ state: z.literal('not-needed') }),
    z.object({ state: z.literal('asking') }),
    z.object({
      state: z.literal('mapped'),
      method: z.string(),
      externalAddress: z.string().optional(),
      externalPort: z.number(),
      until: time.optional(),
    }),
    /** One of {@link MAPPING_FAILURES}, or short untrusted text. */
    z.object({ state: z.literal('failed'), reason: z.string().max(200), externalAddress: z.string().optional() }),
  ]),
  /** The latest outside test. */
  proof: z.discriminatedUnion('state', [
    z.object({ state: z.literal('untested') }),
    z.object({ state: z.literal('testing'), since: time }),
    z.object({ state: z.literal('proved'), at: time, by: z.number() }),
    /** One of {@link PROOF_FAILURES}, or short untrusted text. */
    z.object({ state: z.literal('failed'), at: time, reason: z.string().max(200) }),
  ]),
})
export type PortState = z.infer<typeof portState>

/** Where the journey stands; one tag a screen. */
export const journey = z.discriminatedUnion('step', [
  z.object({ step: z.literal('consent') }),
  z.object({ step: z.literal('starting') }),
  z.object({ step: z.literal('ports') }),
  z.object({ step: z.literal('publishing'), since: time }),
  z.object({ step: z.literal('waiting-for-listing'), publishedAt: time }),
  z.object({ step: z.literal('waiting-for-stable'), listedSince: time }),
  /** A good, stable relay whose owner did not agree to share perspectives (or switched them off). */
  z.object({ step: z.literal('relaying'), since: time }),
  z.object({ step: z.literal('unlocked'), since: time }),
  z.object({ step: z.literal('blocked'), problem }),
  z.object({ step: z.literal('stopped') }),
  /** The relay rests for a while; `until` is absent where nobody can know. */
  z.object({ step: z.literal('paused'), since: time, causes: z.array(pauseCause).min(1), until: time.optional() }),
])
export type Journey = z.infer<typeof journey>

/** An agreement: to which version of its text, and when. */
const consent = z.object({ version: z.number(), at: time })

export const publication = z.object({
  authority: z.string(),
  answer: z.enum(['waiting', 'accepted', 'not-new', 'rejected', 'unreachable']),
  /** The authority's own words, untrusted text, at most 200 characters. */
  text: z.string().max(200),
  readBack: z.boolean(),
  at: time.optional(),
})

/** What one authority says of us in its newest vote. Durations in seconds; `wfu` is a fraction 0–1. */
export const authorityVote = z.object({
  authority: z.string(),
  fetchedAt: time.optional(),
  listed: z.boolean(),
  running: z.boolean(),
  stable: z.boolean(),
  mtbf: z.number().optional(),
  wfu: z.number().optional(),
  timeKnown: z.number().optional(),
  stableUptime: z.number().optional(),
  stableMtbf: z.number().optional(),
})

export const perspectiveRelay = z.object({
  fingerprint,
  nickname: z.string().max(19),
  country: countryCode,
  /** The country is the owner's word, not the country data's. */
  corrected: z.boolean().optional(),
  /** The network that announces its address; the name is untrusted text. Absent: unknown. */
  as: z.object({ number: z.number().int(), name: z.string().max(100) }).optional(),
  address: z.string(),
  port: z.union([z.number(), z.literal('virtual')]),
  admits: z.enum(['running', 'stable']),
  policy: z.string().max(1000),
  flags: z.array(z.string()),
  /** What it says of itself in its signed descriptor: bytes a second that it can carry, since when it runs, and when it last was overloaded. */
  bandwidth: z.number().optional(),
  upSince: time.optional(),
  overloadedAt: time.optional(),
  /** Round trip to its PA door as measured by us, in milliseconds, with its time. */
  latency: z.object({ ms: z.number(), at: time }).optional(),
  /** The most that came through it to us in one second of the last hour it was used in, bytes a second, with its time. */
  rate: z.object({ bytesPerSecond: z.number(), at: time }).optional(),
  /** The last refusal, as a PA_STATUS number, with its time, and until when it asked to be left alone. */
  refusal: z.object({ status: z.number(), at: time, until: time.optional() }).optional(),
  /** Our link to it, and our streams through it now. */
  session: z.enum(['open', 'opening']).optional(),
  streams: z.number().optional(),
  /** Not reached, or lost, in the last minutes. */
  failing: z.boolean().optional(),
})
export type PerspectiveRelay = z.infer<typeof perspectiveRelay>

/** What a person looks through: nothing, a country, one relay, any PA relay, or ordinary Tor circuits (three hops). */
const ways = [
  z.object({ kind: z.literal('any') }),
  z.object({ kind: z.literal('country'), country: countryCode }),
  z.object({ kind: z.literal('relay'), fingerprint }),
  z.object({ kind: z.literal('list'), list: listId }),
  z.object({ kind: z.literal('tor'), country: countryCode.optional() }),
] as const
export const choice = z.discriminatedUnion('kind', [z.object({ kind: z.literal('off') }), ...ways])
export type Choice = z.infer<typeof choice>
/** The same without `off`: what one tab looks through. */
export const lookChoice = z.discriminatedUnion('kind', ways)
export type LookChoice = z.infer<typeof lookChoice>

/** So many relays in a country. */
export const countryCount = z.object({ country: countryCode, relays: z.number() })
const byteCount = z.object({ read: z.number(), written: z.number() })

export const appState = z.object({
  /** Grows by one with every change that is sent. */
  revision: z.number().int(),
  product: z.object({
    version: z.string(),
    host: z.enum(['electron', 'headless']),
    startedAt: time,
    /** Source and date of the country data. */
    countryData: z.string().max(100).optional(),
    /** Source and date of the data on autonomous systems; absent: none is used. */
    systemData: z.string().max(100).optional(),
    /** When this program was built; absent when it runs from its sources. */
    builtAt: time.optional(),
  }),
  network: z.object({
    kind: z.enum(['tor', 'practice', 'file']),
    /** The practice web site, when there is one. */
    site: z.string().optional(),
    /** The same over https, and where one practice relay pretends to be it. */
    secureSite: z.string().optional(),
    tamperedSite: z.string().optional(),
    /** `votingSeconds`: how long before a list its authorities vote. */
    consensus: z
      .object({
        validAfter: time,
        freshUntil: time,
        validUntil: time,
        votingSeconds: z.number(),
        relays: z.number(),
        live: z.boolean(),
      })
      .optional(),
  }),
  consents: z.object({
    relay: consent.optional(),
    perspective: consent.optional(),
    /** Given to an earlier text whose meaning has changed since: they count no more, and are asked again. */
    outdated: z.object({ relay: consent.optional(), perspective: consent.optional() }).optional(),
    /** Sharing was agreed to in local networks (such as `192.168.178.0/24`), and the computer is in none of them now. */
    elsewhere: z.object({ agreed: z.array(z.string().max(50)), now: z.array(z.string().max(50)) }).optional(),
  }),
  journey,
  ports: z.object({ or: portState, dir: portState, pa: portState }),
  relay: z.object({
    running: z.boolean(),
    nickname: z.string(),
    fingerprint: fingerprint.optional(),
    address: z.string().optional(),
    /** The home router that was asked for the ports, this computer as the router knows it, and what its own page is called (untrusted text). */
    router: z.object({ address: z.string().max(45), computer: z.string().max(45), name: z.string().max(60).optional() }).optional(),
    startedAt: time.optional(),
    flags: z.array(z.string()),
    publications: z.array(publication),
    channels: z.number(),
    circuits: z.number(),
    /** Totals since start, bytes on the wire. */
    carried: byteCount,
    /** Bytes per second over the last few seconds. */
    rate: byteCount,
    /** The best ten seconds of the last day, bytes per second, the lower of both directions. */
    observed: z.number(),
    /** Totals for others through our PAPort, payload bytes. */
    perspectiveServed: byteCount.extend({ streams: z.number(), peers: z.number(), refused: z.number() }),
  }),
  votes: z.object({ entries: z.array(authorityVote), needed: z.number() }),
  perspective: z.object({
    /** Why browsing is locked, empty when it is not. */
    locks: z.array(
      z.enum([
        'no-consent',
        'relay-stopped',
        'or-port-unproved',
        'dir-port-unproved',
        'pa-port-unproved',
        'not-listed',
        'not-running',
        'not-stable',
        'directory-not-live',
        'pa-off',
      ]),
    ),
    choice,
    /** The last choices, the newest first; empty when they are not kept. */
    recents: z.array(choice).max(20).default([]),
    countries: z.array(countryCount),
    relays: z.array(perspectiveRelay),
    socks: z.object({ host: z.string(), port: z.number() }).optional(),
    http: z.object({ host: z.string(), port: z.number() }).optional(),
    /** Our own streams through others, payload bytes; `through` says how the newest one leaves. */
    used: byteCount.extend({ streams: z.number() }),
    active: z.array(
      z.object({
        fingerprint,
        nickname: z.string(),
        country: countryCode,
        streams: z.number(),
        carried: byteCount,
        mode: z.enum(['one-hop', 'tor']),
      }),
    ),
    /** Nobody of what was chosen can be had: a question. Answered by `perspective.failover`; unanswered, nothing is looked through. */
    failover: z
      .object({
        wanted: choice,
        at: time,
        reason: z.enum(['nobody-offers', 'refused', 'unreachable']),
        /** Where somebody can be had now. */
        countries: z.array(countryCount),
        /** An ordinary Tor circuit (slower, three hops) can end in the wanted country. */
        tor: z.boolean(),
      })
      .optional(),
    /** Countries where ordinary Tor circuits can end, slower, through three hops. */
    torFallback: z.array(countryCount).default([]),
    /** The password that the proxies want, when the setting is on. */
    secret: z.string().max(64).optional(),
    /** The address of a proxy auto-configuration file for the chosen perspective. */
    pac: z.string().max(100).optional(),
  }),
  /** What this relay gave and its owner took: today, and in all the time that the book keeps, since `since`. */
  contribution: z.object({ today: contributionSum, total: contributionSum, since: z.string().optional() }),
  /** What this computer knows of its relay's past. */
  record: relayRecord,
  /** What others do through us. */
  server: perspectiveServer,
  identity: identityState,
  /** The comparison whose results are kept; null: there is none. */
  compare: compareState.nullable(),
  /** `standing`: so as long as its cause is; the others happened, and stay until they are dismissed. */
  problems: z.array(problem.extend({ at: time, standing: z.boolean().optional() })),
  /** Rest, limits for now, and what the computer tells. */
  background: backgroundState,
  settings,
})
export type AppState = z.infer<typeof appState>

/** The perspective section of a patch: without relays, those that were there stay. */
const perspectivePatch = appState.shape.perspective.extend({ relays: z.array(perspectiveRelay).optional() })

/**
 * A change of state: the sections that differ, whole; but of the relays that offer perspective access, of which there may be thousands, only the
 * rows that differ. New ones come behind the others.
 */
export const statePatch = z.object({
  revision: z.number().int(),
  sections: appState.omit({ revision: true }).partial().extend({ perspective: perspectivePatch.optional() }),
  relays: z.object({ changed: z.array(perspectiveRelay), gone: z.array(fingerprint) }).optional(),
})
export type StatePatch = z.infer<typeof statePatch>
