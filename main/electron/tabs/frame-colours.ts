import { FRAME_COLOURS } from '../../../shared/toolbar.ts'

/**
 * Gives each perspective that is looked through the colour of its frame. The same perspective gets the same colour, at another time too,
 * unless another one that is open has it.
 */
export class FrameColours {
  readonly #taken = new Map<string, { colour: number; tabs: number }>()

  /** A tab through this perspective was opened; `name` is unique to the perspective. */
  take(name: string): number {
    const known = this.#taken.get(name)
    if (known) {
      known.tabs++
      return known.colour
    }
    const used = new Set([...this.#taken.values()].map(({ colour }) => colour))
    const own = favourite(name)
    const colour = Array.from({ length: FRAME_COLOURS }, (_, i) => (own + i) % FRAME_COLOURS).find(free => !used.has(free)) ?? own
    this.#taken.set(name, { colour, tabs: 1 })
    return colour
  }

  /** One tab less looks through it. */
  release(name: string): void {
    const known = this.#taken.get(name)
    if (known && --known.tabs === 0) this.#taken.delete(name)
  }
}

/** Any even spread will do (FNV-1a, 32 bits). */
function favourite(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % FRAME_COLOURS
}
