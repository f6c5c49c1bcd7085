import { z } from 'zod'

/*
 * What the owner keeps in hand beside the block list and the log (perspective-server.ts): whose relay this is, what a policy lets out, and what
 * is told to helpers when something goes wrong.
 */

/** Milliseconds since 1970 (UTC). */
const time = z.number().int().min(0).max(8.64e15)
const fingerprint = z.string().regex(/^[0-9A-F]{40}$/)
const nothing = z.undefined().optional()
const call = <A extends z.ZodType, R extends z.ZodType>(argument: A, result: R) => ({ argument, result })
/** Text for a file, with a name for it. */
const file = z.object({ name: z.string().max(100), text: z.string() })

/** Shortest password of an exported identity, in characters. */
export const MIN_PASSWORD = 12

export const BLOCK_KINDS = ['fingerprint', 'ed25519', 'family', 'network', 'country'] as const

/** What an entry of the block list would do. */
export const blockCheck = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    /** As the list writes it. */
    target: z.string().max(100),
    kind: z.enum(BLOCK_KINDS),
    /** Of the relay it names; untrusted. */
    nickname: z.string().max(19).optional(),
    /** It is in the list already: adding replaces it. */
    known: z.boolean(),
    /** Members that it keeps out, of how many that are known, and how many of them are connected now. */
    members: z.number(),
    of: z.number(),
    connected: z.number(),
  }),
  z.object({ ok: z.literal(false) }),
])
export type BlockCheck = z.infer<typeof blockCheck>

const portRange = z.object({ low: z.number().int(), high: z.number().int() })
/** Ports by how much of the public address space may be reached at them. */
const familyReach = z.object({
  /** Every public address. */
  all: z.array(portRange),
  /** Every public address but those that the policy refuses. */
  most: z.array(portRange),
  /** Some addresses only. */
  some: z.array(portRange),
})
export type FamilyReach = z.infer<typeof familyReach>
export const POLICY_RISKS = ['mail', 'login', 'windows', 'torrent'] as const
/** What is wrong with a rule: `keyword` accept or reject is missing, `pattern` not one address:port, the rest name the part. */
export const POLICY_FAULTS = ['keyword', 'pattern', 'address', 'mask', 'port', 'private', 'family', 'long', 'other'] as const

export const policyCheck = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    v4: familyReach,
    v6: familyReach,
    /** Ports that attract complaints and are let out. */
    risks: z.array(z.enum(POLICY_RISKS)),
  }),
  z.object({
    ok: z.literal(false),
    /** From 1. */
    line: z.number().int(),
    /** The rule itself, as it was typed. */
    item: z.string().max(100),
    fault: z.enum(POLICY_FAULTS),
  }),
])
export type PolicyCheck = z.infer<typeof policyCheck>

export const policyWidening = z.object({ ports: z.array(portRange), risks: z.array(z.enum(POLICY_RISKS)) })
export type PolicyWidening = z.infer<typeof policyWidening>

const password = z.string().min(MIN_PASSWORD).max(1000)
/** More than an exported identity ever has, in characters. */
const identityText = z.string().max(200_000)

/** What an identity file is about, after its password opened it. */
export const identityFacts = z.object({
  fingerprint,
  nickname: z.string().max(19),
  network: z.enum(['tor', 'practice', 'file']),
  exportedAt: time,
  /** Its old installation locked itself when it was written. */
  moved: z.boolean(),
  /** The identity that is here now and would be put aside. */
  existing: fingerprint.optional(),
  /** The network has seen this relay publish after the file was written: it runs somewhere. */
  seenAt: time.optional(),
})
export type IdentityFacts = z.infer<typeof identityFacts>

/** Their calls, part of the contract in ipc.ts. */
export const safetyCalls = {
  /** What an entry would do; a country may be written without its braces. */
  'blocks.check': call(z.object({ target: z.string().max(200) }), blockCheck),
  'diagnostics.get': call(nothing, file),
  /** `move`: the relay here stops and stays stopped until `identity.keep`. */
  'identity.export': call(z.object({ password, move: z.boolean() }), file),
  'identity.inspect': call(z.object({ text: identityText, password: z.string().max(1000) }), identityFacts),
  'identity.import': call(
    z.object({
      text: identityText,
      password: z.string().max(1000),
      /** The identity that is here may be put aside. */
      replace: z.boolean(),
      /** The owner says that the relay no longer runs elsewhere, whatever the network has seen. */
      stoppedElsewhere: z.boolean(),
    }),
    /** `keptAs`: where the keys that were here are now. */
    z.object({ fingerprint, keptAs: z.string().max(200).optional() }),
  ),
  /** Unlocks an identity that was moved away: it runs here after all. */
  'identity.keep': call(nothing, nothing),
  /** The ports at which a policy for members lets out what neither the usual one nor the saved one does. */
  'policy.widens': call(z.object({ text: z.string().max(32_000) }), policyWidening),
  'policy.check': call(z.object({ text: z.string().max(32_000) }), policyCheck),
} as const

/** Whose relay this is, as AppState has it. */
export const identityState = z.object({
  /** Absent before the first start, and while the key files are damaged. */
  fingerprint: fingerprint.optional(),
  /** When it was moved away; it does not run here. */
  movedAt: time.optional(),
})
