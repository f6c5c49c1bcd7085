import { z } from 'zod'
import { backgroundCalls } from './background.ts'
import { browseCalls } from './browse.ts'
import { compareCalls } from './compare.ts'
import { contributionDay } from './contribution.ts'
import { notices } from './notices.ts'
import { accessQuery, accessRecord, blockEntry, complaint, suspect } from './perspective-server.ts'
import { problem, problemCode } from './problem.ts'
import { safetyCalls } from './safety.ts'
import { settings, settingsPatch } from './settings.ts'
import { appState, choice, lookChoice, statePatch } from './state.ts'

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
const door = z.enum(['or', 'dir', 'pa'])
const nothing = z.undefined().optional()
const call = <A extends z.ZodType, R extends z.ZodType>(argument: A, result: R) => ({ argument, result })

/**
 * The IPC contract: every call the UI can make and every event it can get, with run-time schemas. Bound three times:
 * Electron's ipcMain, the headless host's WebSocket, and in memory for tests. A call fails with a {@link Problem}.
 */
export const calls = {
  'state.get': call(nothing, appState),
  /** The two consents; withdrawing relay withdraws both. */
  'consent.set': call(z.object({ relay: z.boolean(), perspective: z.boolean() }), nothing),
  'settings.update': call(settingsPatch, settings),
  'relay.start': call(nothing, nothing),
  'relay.stop': call(nothing, nothing),
  /** Maps and proves all ports again. */
  'ports.retest': call(nothing, nothing),
  /** Doors that cannot be used where they are get other ports that are free here; answers with their numbers, which the settings keep. */
  'ports.move': call(z.object({ doors: z.array(door).min(1).max(3) }), z.partialRecord(door, z.number())),
  'perspective.choose': call(choice, nothing),
  /** Opens a tab through `choice`, or through what is chosen (Electron); `opened: false` where there are no tabs (headless). */
  'perspective.open': call(
    z.object({ url: z.string().max(2000).optional(), choice: lookChoice.optional() }),
    z.object({ opened: z.boolean() }),
  ),
  /** What the practice or chosen web page says of where we are, fetched through the chosen perspective; and where the country data puts that address. */
  'perspective.whereAmI': call(
    nothing,
    z.object({ address: z.string().max(45), by: z.string().max(100), country: z.string().max(2).optional() }),
  ),
  /** The answer to the question `failover`: another choice, or none ("I will wait"). */
  'perspective.failover': call(z.object({ take: choice.optional() }), nothing),
  /** The contribution book, oldest day first; `from` and `to` are days (YYYY-MM-DD), both included. */
  'contribution.get': call(z.object({ from: day.optional(), to: day.optional() }).optional(), z.object({ days: z.array(contributionDay) })),
  /** The same as a table for a file. */
  'contribution.csv': call(nothing, z.object({ name: z.string().max(100), text: z.string() })),
  'contribution.clear': call(nothing, nothing),
  ...safetyCalls,
  ...compareCalls,
  ...browseCalls,
  ...backgroundCalls,
  /** The block list; in force, and on disk, when the call is answered. */
  'blocks.get': call(nothing, z.object({ entries: z.array(blockEntry) })),
  'blocks.add': call(blockEntry, nothing),
  'blocks.remove': call(z.object({ target: z.string().max(100) }), nothing),
  /**
   * In parts of whole lines, numbered from 0, all with the same `id`; the last one puts all of them in force and on disk together, in the place of the
   * list (`replace`) or added to it. Lines that cannot be understood are passed over and named, by their place in the part.
   */
  'blocks.import': call(
    z.object({
      id: z.string().min(1).max(40),
      text: z.string().max(200_000),
      part: z.number().int().min(0).max(1000),
      last: z.boolean(),
      replace: z.boolean(),
    }),
    z.object({ errors: z.array(z.object({ line: z.number(), reason: z.string() })) }),
  ),
  'blocks.export': call(nothing, z.object({ name: z.string().max(100), text: z.string() })),
  /** The newest matches first, 200 unless another `limit` is given; `total` counts all of them. */
  'accessLog.search': call(
    accessQuery.extend({ limit: z.number().int().min(1).max(1000).optional() }),
    z.object({ records: z.array(accessRecord), total: z.number() }),
  ),
  /** At most the newest 50 000 matches. */
  'accessLog.csv': call(accessQuery, z.object({ name: z.string().max(100), text: z.string(), total: z.number() })),
  'accessLog.clear': call(nothing, nothing),
  /** Which peers had streams that fit a complaint, and a letter to answer it with. `logged`: the log reaches back that far. */
  'abuse.find': call(complaint, z.object({ suspects: z.array(suspect), logged: z.boolean(), letter: z.string() })),
  /** The licences of all that this program holds of others; none in a checkout that was not built. */
  'about.licences': call(nothing, notices),
  /** Something that happened has been read. */
  'problems.dismiss': call(z.object({ code: problemCode, at: z.number() }), nothing),
  quit: call(nothing, nothing),
} as const

export const events = {
  state: statePatch,
} as const

export type Calls = typeof calls
export type CallName = keyof Calls
export type CallArgument<N extends CallName> = z.infer<Calls[N]['argument']>
export type CallResult<N extends CallName> = z.infer<Calls[N]['result']>
export type EventName = keyof typeof events
export type EventPayload<N extends EventName> = z.infer<(typeof events)[N]>

/** What a call is answered with. JSON drops undefined, so `result` may be absent; a problem always wins. */
export const callReply = z.union([z.object({ problem }), z.object({ result: z.unknown().optional() })])

/** The frames of the WebSocket binding; Electron's binding carries the same three over its own channels. */
export const clientFrame = z.object({ id: z.number().int(), call: z.string().max(50), argument: z.unknown().optional() })
export const eventFrame = z.object({ event: z.enum(['state']), payload: z.unknown() })
export const serverFrame = z.union([
  z.object({ id: z.number().int(), problem }),
  z.object({ id: z.number().int(), result: z.unknown().optional() }),
  eventFrame,
])

/** What the renderer talks to, whichever host is behind it. */
export interface Bridge {
  call<N extends CallName>(name: N, argument: CallArgument<N>): Promise<CallResult<N>>
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void
}

/** The bridge's raw ends, as the preload exposes them under `PRELOAD_KEY`. */
export interface PreloadEnds {
  /** Answers with a {@link callReply}; does not reject for a {@link Problem}, since errors lose their class between worlds. */
  call(name: string, argument: unknown): Promise<unknown>
  /** Hands over every {@link eventFrame}; answers with the end of the listening. */
  listen(listener: (frame: unknown) => void): () => void
}

export * from './channels.ts'
