import { join } from 'node:path'
import { z } from 'zod'
import { JsonFile } from '../app/json-file.ts'
import { Sequence } from '../lib/sequence.ts'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A window that was never moved; its content is laid out for this and down to the least. */
const USUAL = { width: 1120, height: 780 }
export const LEAST = { width: 640, height: 480 }
/** So much of a window must lie on a screen, in each direction, that it can be taken hold of. */
const GRIP = 120

const whole = z.number().int().min(-100_000).max(100_000)
const stored = z.object({
  bounds: z.object({ x: whole, y: whole, width: whole, height: whole }).optional(),
  maximized: z.boolean().default(false),
  /** The person was told that the relay goes on without the window. */
  explained: z.boolean().default(false),
})
export type WindowState = z.infer<typeof stored>

/**
 * Where a window is opened: where it was, as far as a screen is there still. `areas`: the free areas of the screens, the main one first. Without a
 * place, the system chooses one.
 */
export function fitBounds(
  saved: Rectangle | undefined,
  areas: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  const main = areas[0]
  const within = ({ width, height }: { width: number; height: number }, area: Rectangle | undefined) => ({
    width: Math.max(LEAST.width, Math.min(width, area?.width ?? USUAL.width)),
    height: Math.max(LEAST.height, Math.min(height, area?.height ?? USUAL.height)),
  })
  if (!saved) return within(USUAL, main)
  const seen = (area: Rectangle) => ({
    width: Math.min(saved.x + saved.width, area.x + area.width) - Math.max(saved.x, area.x),
    height: Math.min(saved.y + saved.height, area.y + area.height) - Math.max(saved.y, area.y),
  })
  const on = areas.find(area => {
    const { width, height } = seen(area)
    // The bar to move it by is at its top.
    return width >= GRIP && height >= Math.min(GRIP, saved.height) && saved.y >= area.y
  })
  return on ? { x: saved.x, y: saved.y, ...within(saved, on) } : within(saved, main)
}

/** Keeps the state of the app's own window in `window-state.json` of a folder. */
export class WindowMemory {
  readonly #file: JsonFile<WindowState>
  #state: WindowState
  readonly #writes = new Sequence()

  private constructor(file: JsonFile<WindowState>, state: WindowState) {
    this.#file = file
    this.#state = state
  }

  /** A damaged file is put aside: a window at the usual place is no loss. */
  static async load(folder: string, now: number): Promise<WindowMemory> {
    const file = new JsonFile<WindowState>(join(folder, 'window-state.json'), stored)
    const { value } = await file.load(now).catch(() => ({ value: stored.parse({}) }))
    return new WindowMemory(file, value)
  }

  get state(): WindowState {
    return this.#state
  }

  /** What cannot be written is forgotten. */
  keep(change: Partial<WindowState>): void {
    this.#state = { ...this.#state, ...change }
    const state = this.#state
    this.#writes.run(() => this.#file.save(state)).catch(() => {})
  }

  settled(): Promise<void> {
    return this.#writes.idle()
  }
}
