import { z } from 'zod'
import { LANGUAGES } from './settings.ts'
import { countryCode, countryCount, fingerprint, lookChoice } from './state.ts'

/**
 * The little contract of a perspective window's own page: tabs and toolbar around untrusted pages. Kept apart from the app's contract, so
 * that this page can do nothing but steer its window.
 */

/** Untrusted text, made harmless by main. */
const text = (limit: number) => z.string().max(limit)
const id = z.number().int().positive()

/** Colours of frames. Perspectives that are looked through at once differ while there are no more than these. */
export const FRAME_COLOURS = 8

/** Why the proxy of a tab opened nothing; see `ProxyRefusal` in main. */
export const REFUSALS = [
  'general',
  'not-allowed',
  'locked',
  'no-relay',
  'network-unreachable',
  'host-unreachable',
  'name-unknown',
  'connection-refused',
  'timeout',
  'command-unsupported',
] as const
export type Refusal = (typeof REFUSALS)[number]

export const toolbarTab = z.object({
  id,
  /** The page's own text. */
  title: text(200),
  loading: z.boolean(),
  choice: lookChoice,
  /** The relay through which the newest connection of this tab left (of Tor: the exit), as far as it is known. */
  through: z.object({ fingerprint, nickname: text(19).optional(), country: countryCode.optional() }).optional(),
  colour: z
    .number()
    .int()
    .min(0)
    .max(FRAME_COLOURS - 1),
})
export type ToolbarTab = z.infer<typeof toolbarTab>

/** What stands in the place of a page that is not shown. */
export const obstacle = z.discriminatedUnion('kind', [
  /** A new tab. */
  z.object({ kind: z.literal('empty') }),
  /** `code`: Chromium's name of the error ("ERR_TIMED_OUT"); `refusal`: what our own proxy said, where it was that. */
  z.object({ kind: z.literal('failed'), host: text(260), code: text(100), refusal: z.enum(REFUSALS).optional() }),
  /** There is no way past this one. Times in ms; the names are the certificate's own. */
  z.object({
    kind: z.literal('certificate'),
    host: text(260),
    code: text(100),
    certificate: z.object({ subject: text(200), issuer: text(200), from: z.number(), until: z.number() }).optional(),
  }),
  /** The site does not answer when asked encrypted: a question. */
  z.object({ kind: z.literal('plain'), host: text(260), code: text(100) }),
  z.object({ kind: z.literal('crashed') }),
])
export type Obstacle = z.infer<typeof obstacle>

export const download = z.object({
  id,
  /** Safe as a file name. */
  name: text(200),
  /** Bytes, where the site said how many. */
  size: z.number().optional(),
  received: z.number(),
  /** Host from which it comes, encrypted or not, over which perspective. */
  host: text(260),
  encrypted: z.boolean(),
  choice: lookChoice,
  step: z.enum(['asked', 'running', 'saved', 'failed']),
})
export type Download = z.infer<typeof download>

/** Zoom in percent. */
export const ZOOM_STEPS = [30, 50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300, 400, 500] as const

export const toolbarState = z.object({
  tabs: z.array(toolbarTab),
  active: id,
  page: z.object({
    /** Empty while there is none. */
    url: text(5000),
    loading: z.boolean(),
    canGoBack: z.boolean(),
    canGoForward: z.boolean(),
    zoom: z.number(),
    obstacle: obstacle.optional(),
    /** What was found of the text looked for: which one of how many. */
    found: z.object({ at: z.number(), of: z.number() }).optional(),
  }),
  downloads: z.array(download),
  /** Where one can look from now; empty while that is locked. */
  countries: z.array(countryCount),
  locked: z.boolean(),
  /** The owner's named sets of places. */
  lists: z.array(z.object({ id: z.string(), name: text(200) })),
  /** The settings of the same names. */
  language: z.enum(['system', ...LANGUAGES]),
  theme: z.enum(['system', 'light', 'dark']),
})
export type ToolbarState = z.infer<typeof toolbarState>

export const toolbarAction = z.discriminatedUnion('do', [
  z.object({ do: z.literal('go'), url: z.string().max(2000) }),
  z.object({ do: z.enum(['back', 'forward', 'reload', 'stop', 'new-identity', 'private-tab', 'load-plain', 'end-find']) }),
  /** Through the perspective of the tab in front, unless another is named. */
  z.object({ do: z.literal('new-tab'), choice: lookChoice.optional() }),
  z.object({ do: z.enum(['select-tab', 'close-tab']), id }),
  /** The tab in front is seen from elsewhere: everything it held is forgotten, its page loaded anew. */
  z.object({ do: z.literal('look'), choice: lookChoice }),
  z.object({ do: z.literal('find'), text: z.string().min(1).max(500), forward: z.boolean(), next: z.boolean() }),
  z.object({ do: z.literal('zoom'), by: z.enum(['in', 'out', 'reset']) }),
  z.object({ do: z.literal('download'), id, answer: z.enum(['save', 'cancel', 'show', 'forget']) }),
  /** So many CSS pixels the toolbar takes; the page lies below. */
  z.object({ do: z.literal('layout'), top: z.number().int().min(0).max(2000) }),
])
export type ToolbarAction = z.infer<typeof toolbarAction>

/** What main tells the toolbar: how everything stands, or that the keyboard is wanted there. */
export const toolbarFrame = z.union([z.object({ state: toolbarState }), z.object({ focus: z.enum(['address', 'find']) })])
export type ToolbarFrame = z.infer<typeof toolbarFrame>

/** What the toolbar's preload exposes under `TOOLBAR_KEY`. */
export interface ToolbarEnds {
  /** Answers false when the action was not understood. */
  act(action: ToolbarAction): Promise<boolean>
  listen(listener: (frame: unknown) => void): () => void
}

export * from './channels.ts'
