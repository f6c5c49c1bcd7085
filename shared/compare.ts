import { z } from 'zod'

/*
 * The compare view: one address seen from several places, side by side. A comparison runs in main; how far it is stands in AppState, what was
 * found is fetched by column. Every text in a column comes from the network: cut to length and without control or direction characters.
 */

/** Milliseconds since 1970 (UTC). */
const time = z.number()
const milliseconds = z.number().min(0)
const nothing = z.undefined().optional()
const call = <A extends z.ZodType, R extends z.ZodType>(argument: A, result: R) => ({ argument, result })
const country = z.string().regex(/^[a-z]{2}$/)
const fingerprint = z.string().regex(/^[0-9A-F]{40}$/)
const digest = z.string().regex(/^[0-9a-f]{64}$/)
const address = z.string().max(2000)

/** Places that others see us at, and with home as well. */
export const COMPARE_PLACES = 4
export const COMPARE_COLUMNS = COMPARE_PLACES + 1
/** Redirects that are followed. */
export const COMPARE_REDIRECTS = 5
/** Lines of text that are kept of a page, and characters of one. */
export const COMPARE_LINES = 800
export const COMPARE_LINE_LENGTH = 300
/** A picture in bytes. */
export const COMPARE_PICTURE_BYTES = 2_000_000

/** Where a column looks from; `home` is the person's own line, without any relay: the site sees their address. */
export const comparePlace = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('country'), country }),
  z.object({ kind: z.literal('relay'), fingerprint }),
  z.object({ kind: z.literal('tor'), country: country.optional() }),
  z.object({ kind: z.literal('home') }),
])
export type ComparePlace = z.infer<typeof comparePlace>

/** What tells two places apart. */
export function placeKey(place: ComparePlace): string {
  switch (place.kind) {
    case 'country':
      return place.country
    case 'relay':
      return `$${place.fingerprint}`
    case 'tor':
      return place.country ? `tor-${place.country}` : 'tor'
    case 'home':
      return 'home'
    default:
      return place satisfies never
  }
}

export const compareRequest = z.object({
  url: address.regex(/^https?:\/\//i),
  places: z
    .array(comparePlace)
    .min(2)
    .max(COMPARE_COLUMNS)
    .refine(places => new Set(places.map(placeKey)).size === places.length, 'a place twice')
    .refine(places => places.filter(({ kind }) => kind !== 'home').length <= COMPARE_PLACES, 'too many places'),
  /** Take pictures too, where the host can. */
  pictures: z.boolean(),
})
export type CompareRequest = z.infer<typeof compareRequest>

/** How far the comparison is; small, since it is sent with every change. */
export const compareState = z.object({
  id: z.number().int(),
  url: address,
  at: time,
  running: z.boolean(),
  columns: z
    .array(
      z.object({
        place: comparePlace,
        /** The relay that the address sees, once one is known. */
        through: z.object({ fingerprint, nickname: z.string().max(19), country: z.string().max(2) }).optional(),
        step: z.enum(['waiting', 'connecting', 'loading', 'done']),
        /** `none`: not asked for, or nothing to take one of. */
        picture: z.enum(['none', 'waiting', 'taking', 'done', 'failed']),
      }),
    )
    .max(COMPARE_COLUMNS),
})
export type CompareState = z.infer<typeof compareState>

/** Why a column ends before a page. `refused`: the relay does not let it out; `private`: an address that is never dialled from home. */
export const COMPARE_FAILURES = [
  'locked',
  'no-relay',
  'refused',
  'private',
  'port',
  'name-unknown',
  'connection-refused',
  'unreachable',
  'timeout',
  'closed',
  'tls',
  'certificate',
  'malformed',
  'head-too-large',
  'body-too-large',
  'undecodable',
  'redirects',
  'redirect-loop',
  'redirect-elsewhere',
  'cancelled',
  'other',
] as const
export type CompareFailure = (typeof COMPARE_FAILURES)[number]

/** What a browser would not accept about a certificate. */
export const CERTIFICATE_PROBLEMS = ['expired', 'not-yet-valid', 'self-signed', 'unknown-issuer', 'other-name', 'other'] as const
export type CertificateProblem = (typeof CERTIFICATE_PROBLEMS)[number]

export const compareCertificate = z.object({
  /** SHA-256 of the whole certificate. */
  fingerprint: digest,
  subject: z.string().max(200),
  issuer: z.string().max(200),
  names: z.array(z.string().max(260)).max(20),
  validFrom: time,
  validTo: time,
  problem: z.enum(CERTIFICATE_PROBLEMS).optional(),
})
export type CompareCertificate = z.infer<typeof compareCertificate>

/** One request and its answer, as far as it came. */
export const compareHop = z.object({
  url: address,
  /** What the relay (or we, from home) connected to. */
  address: z.string().max(45).optional(),
  certificate: compareCertificate.optional(),
  status: z.number().int().optional(),
  /** Where a redirect leads. */
  location: address.optional(),
  /** Those of {@link COMPARE_HEADERS} that were there, in its order; of Set-Cookie the names only. */
  headers: z.array(z.object({ name: z.string().max(60), value: z.string().max(500) })).max(40),
  /** From asking for the connection to having it, with TLS; and from the request to the first byte of the answer. */
  connectMs: milliseconds.optional(),
  firstByteMs: milliseconds.optional(),
})
export type CompareHop = z.infer<typeof compareHop>

/** Headers worth comparing: who answers, what and in which language, how it may be kept, and what it allows. */
export const COMPARE_HEADERS = [
  'content-type',
  'content-language',
  'server',
  'via',
  'x-powered-by',
  'x-cache',
  'x-served-by',
  'cf-ray',
  'cf-cache-status',
  'age',
  'cache-control',
  'etag',
  'last-modified',
  'vary',
  'set-cookie',
  'retry-after',
  'strict-transport-security',
  'content-security-policy',
  'x-frame-options',
  'alt-svc',
  'link',
] as const

export const comparePage = z.object({
  /** Bytes of the content, unpacked, and their SHA-256. */
  bytes: z.number().int(),
  hash: digest,
  title: z.string().max(COMPARE_LINE_LENGTH).optional(),
  /** What a person would read, without markup; empty for what is no text. */
  lines: z.array(z.string().max(COMPARE_LINE_LENGTH)).max(COMPARE_LINES),
  /** There was more. */
  cut: z.boolean(),
})
export type ComparePage = z.infer<typeof comparePage>

/** What one place saw. */
export const compareColumn = z.object({
  hops: z.array(compareHop).max(COMPARE_REDIRECTS + 1),
  failure: z.enum(COMPARE_FAILURES).optional(),
  page: comparePage.optional(),
  /** Why there is no picture, as the browser names it. */
  pictureFailure: z.string().max(60).optional(),
})
export type CompareColumn = z.infer<typeof compareColumn>

const which = z.object({ id: z.number().int(), column: z.number().int().min(0).max(COMPARE_COLUMNS) })

/** Their calls, part of the contract in ipc.ts. */
export const compareCalls = {
  /** Begins a comparison; one that is under way ends, and the results of the last one are forgotten. */
  'compare.start': call(compareRequest, z.object({ id: z.number().int() })),
  /** What a column of the comparison found; `not-found` while it is under way, and when the comparison is another one by now. */
  'compare.column': call(which, compareColumn),
  /** A PNG file in base64. */
  'compare.picture': call(
    which,
    z.object({
      png: z.base64().max(Math.ceil(COMPARE_PICTURE_BYTES / 3) * 4),
      width: z.number().int(),
      height: z.number().int(),
    }),
  ),
  /** Ends what is under way; what was found stays. */
  'compare.cancel': call(nothing, nothing),
  /** Forgets everything. */
  'compare.close': call(nothing, nothing),
} as const
