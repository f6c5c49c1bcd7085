import { z } from 'zod'

/** Milliseconds since 1970 (UTC), as far as a date can say them: what lies beyond makes every view that shows it fail. For what comes from files. */
export const moment = z.number().min(0).max(8.64e15)
