import { z } from 'zod'

/** Calls of the Browse page, part of the contract in ipc.ts. */
export const browseCalls = {
  /** Forgets the last choices. */
  'recents.clear': { argument: z.undefined().optional(), result: z.undefined().optional() },
} as const
