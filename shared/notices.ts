import { z } from 'zod'

/** Other people's work in this program. The texts are long: a runtime's licence names all that it is made of. */
export const notices = z.object({
  components: z
    .array(
      z.object({
        name: z.string().max(214),
        version: z.string().max(64),
        /** An SPDX expression. */
        licence: z.string().max(100),
        text: z.string().max(400_000),
      }),
    )
    .max(200),
})
export type Notices = z.infer<typeof notices>
