import { z } from 'zod'

const byteCount = z.object({ read: z.number(), written: z.number() })
const streamCount = byteCount.extend({ streams: z.number() })

/** What was given and taken in some time. Bytes; `or` and `dir` on the wire, the others payload; `read` is what came in. */
export const contributionSum = z.object({
  /** Cells carried for Tor, what we ourselves did through Tor taken off. */
  or: byteCount,
  /** Directory documents: `read` requests, `written` answers. */
  dir: byteCount,
  /** Others through our perspective door. */
  served: streamCount,
  /** We through others' doors. */
  used: streamCount,
  /** We through ordinary Tor circuits. */
  tor: streamCount,
  /** Peers turned away at our door. */
  refused: z.number(),
  uptimeSeconds: z.number(),
  /** Circuits of Tor that were made through us; absent where no day of it counted them, as days before this was kept. */
  circuits: z.number().optional(),
  /** Processor time that the program spent while the relay ran, on all cores together: measured, and of the whole program. Absent as above. */
  cpuSeconds: z.number().optional(),
  /** What others had of us, and we of them: the two numbers of the ratio. */
  given: z.number(),
  taken: z.number(),
})
export type ContributionSum = z.infer<typeof contributionSum>

/** One relay's part of a day; an empty fingerprint stands for all that were too many to keep apart. */
export const contributionPeer = streamCount.extend({
  fingerprint: z.string().regex(/^([0-9A-F]{40})?$/),
  nickname: z.string().max(19).optional(),
})
export type ContributionPeer = z.infer<typeof contributionPeer>

/** One day of the contribution book, by the clock of this computer. Nothing finer is kept, no addresses and no destinations. */
export const contributionDay = contributionSum.extend({
  day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  servedPeers: z.array(contributionPeer),
  usedPeers: z.array(contributionPeer),
})
export type ContributionDay = z.infer<typeof contributionDay>

const JOULES_PER_KWH = 3_600_000

/** What the processor took for so much time, in kWh: an estimate, from watts that the owner supposes for one busy core. */
export const estimatedKwh = (cpuSeconds: number, coreWatts: number): number => (cpuSeconds * coreWatts) / JOULES_PER_KWH
