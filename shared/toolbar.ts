import { z } from 'zod'
import { LANGUAGES } from './settings.ts'

/**
 * The little contract of a perspective window's toolbar: our own page above the untrusted one. Kept apart from the app's contract, so
 * that the toolbar can do nothing but steer its window.
 */
export const toolbarState = z.object({
  /** What is looked through, in words: "Sweden", "Tor, three hops, Sweden". */
  through: z.string().max(100),
  /** One hop: the relay there knows who we are and what we visit. */
  oneHop: z.boolean(),
  url: z.string().max(5000),
  /** The page's own, untrusted text. */
  title: z.string().max(200),
  loading: z.boolean(),
  canGoBack: z.boolean(),
  canGoForward: z.boolean(),
  /** Why the last page did not come: Chromium's name of the error, "ERR_SOCKS_CONNECTION_FAILED". */
  failed: z.string().max(100).optional(),
  /** The setting of the same name; absent: the system's. */
  language: z.enum(['system', ...LANGUAGES]).optional(),
})
export type ToolbarState = z.infer<typeof toolbarState>

export const toolbarAction = z.discriminatedUnion('do', [
  z.object({ do: z.literal('go'), url: z.string().max(2000) }),
  z.object({ do: z.enum(['back', 'forward', 'reload', 'stop']) }),
])
export type ToolbarAction = z.infer<typeof toolbarAction>

/** What the toolbar's preload exposes under `TOOLBAR_KEY`. */
export interface ToolbarEnds {
  /** Answers with the state now; false when the action was not understood. */
  act(action: ToolbarAction): Promise<boolean>
  listen(listener: (state: unknown) => void): () => void
}

export * from './channels.ts'
