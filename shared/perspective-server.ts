import { z } from 'zod'
import { moment } from './moment.ts'

/** Milliseconds since 1970 (UTC). */
const time = z.number()
const fingerprint = z.string().regex(/^[0-9A-F]{40}$/)
const address = z.string().max(45)
const portNumber = z.number().int().min(1).max(65535)

/** An entry of the block list. `target` as in its text form: `$` + 40 hex, Ed25519 base64, `family:$…`, address or CIDR, `{cc}`. */
export const blockEntry = z.object({
  target: z.string().max(100),
  expires: moment.optional(),
  reason: z.string().max(300).optional(),
  note: z.string().max(300).optional(),
})
export type BlockEntry = z.infer<typeof blockEntry>

/** What a peer is caught at and blocked for by ourselves, as the list keeps it after "automatic: "; the window has words of its own for it. */
export const MISUSES = { scan: 'too many connections that nobody answered', flood: 'too many destinations' } as const
export type Misuse = keyof typeof MISUSES

/** A stream that a peer had through us. `reason`: a Tor EndReason, 0 while it is open. */
export const accessRecord = z.object({
  startedAt: time,
  endedAt: time,
  peer: fingerprint,
  nickname: z.string().max(19).optional(),
  address,
  port: z.number(),
  reason: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
})
export type AccessRecord = z.infer<typeof accessRecord>

/** What to look for in the access log. `network`: an address or CIDR. */
export const accessQuery = z.object({
  peer: fingerprint.optional(),
  network: z.string().max(50).optional(),
  port: portNumber.optional(),
  from: moment.optional(),
  to: moment.optional(),
})
export type AccessQuery = z.infer<typeof accessQuery>

/** A complaint somebody sent: something came from us to this address (and port) at that time. */
export const complaint = z.object({
  at: moment,
  address,
  port: portNumber.optional(),
  /** How far clocks may be apart; 60 unless given. */
  toleranceSeconds: z.number().min(0).max(86_400).optional(),
})
export type Complaint = z.infer<typeof complaint>

/** A peer whose streams fit a complaint. */
export const suspect = z.object({
  peer: fingerprint,
  nickname: z.string().max(19).optional(),
  contact: z.string().max(200).optional(),
  streams: z.number(),
  firstAt: time,
  lastAt: time,
  bytesIn: z.number(),
  bytesOut: z.number(),
})
export type Suspect = z.infer<typeof suspect>

/** The server's side as the UI shows it. */
export const perspectiveServer = z.object({
  door: z.union([z.number(), z.literal('virtual'), z.literal('off')]),
  /** Why peers wait for Tor now: what the relay is short of. */
  pausedFor: z.enum(['loopDelayMs', 'heap', 'orQueueBytes']).optional(),
  sessions: z.array(
    z.object({
      fingerprint,
      nickname: z.string().max(19),
      links: z.number(),
      circuits: z.number(),
      streams: z.number(),
      dayBytes: z.number(),
      bytesPerDay: z.number(),
      /** By how much its quota is multiplied, 0.25 (new) to 4 (long useful). */
      factor: z.number(),
    }),
  ),
  blocked: z.number(),
  /** Bytes on disk. */
  accessLogBytes: z.number(),
  /** The newest last. */
  alarms: z.array(z.object({ kind: z.enum(['two-sources', 'scan', 'flood']), fingerprint, at: time })),
})
export type PerspectiveServerState = z.infer<typeof perspectiveServer>
