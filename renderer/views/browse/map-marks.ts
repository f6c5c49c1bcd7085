/** A country with members, where its mark belongs on the map. */
export interface MarkPlan {
  readonly country: string
  readonly relays: number
  readonly at: readonly [x: number, y: number]
  /** What the mark says, for its width. */
  readonly label: string
}

/** A mark as it is drawn: its middle, and its size, in units of the map. */
export interface Mark extends MarkPlan {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Part of the map that is shown: left, top, width, height in its units. */
export type Frame = readonly [x: number, y: number, width: number, height: number]

export const REGIONS = {
  world: [80, 0, 1880, 907],
  europe: [805, 62, 390, 235],
  asia: [1070, 130, 700, 430],
  africa: [760, 265, 520, 505],
  north: [180, 20, 640, 470],
  south: [380, 430, 440, 470],
  oceania: [1420, 480, 560, 400],
} as const satisfies Record<string, Frame>
export type Region = keyof typeof REGIONS
export const REGION_NAMES = Object.keys(REGIONS) as Region[]

/** Width to height of the map's picture. */
export const ASPECT = 2

/** A frame made as wide, or as high, as the picture shows. */
export function fitted([x, y, width, height]: Frame): Frame {
  if (width > height * ASPECT) return [x, y - (width / ASPECT - height) / 2, width, width / ASPECT]
  return [x - (height * ASPECT - width) / 2, y, height * ASPECT, height]
}

/** Sizes of a mark in px: its height, what a letter takes, what stands beside the letters; and the least between two marks. */
const HEIGHT = 24
const LETTER = 7.6
const AROUND = 14
const BETWEEN = 2
/** Where a mark may stand instead, in its own widths and heights from the place that it means. */
const ELSEWHERE: readonly (readonly [x: number, y: number])[] = [
  [0, 0],
  [0, -1],
  [0, 1],
  [-1, 0],
  [1, 0],
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
]

/**
 * Sets marks where their countries are, beside them where another mark stands, and not at all where there is no room near; the first plans
 * have the first choice. `unit` is the map's units in one px.
 */
export function placeMarks(plans: readonly MarkPlan[], frame: Frame, unit: number): { marks: Mark[]; hidden: number } {
  const [left, top, wide, high] = frame
  const marks: Mark[] = []
  let hidden = 0
  for (const plan of plans) {
    const [atX, atY] = plan.at
    if (atX < left || atX > left + wide || atY < top || atY > top + high) continue
    const width = (plan.label.length * LETTER + AROUND) * unit
    const height = HEIGHT * unit
    const gap = BETWEEN * unit
    const spot = ELSEWHERE.map(([stepX, stepY]) => ({ x: atX + stepX * (width + gap), y: atY + stepY * (height + gap) })).find(
      ({ x, y }) =>
        x - width / 2 >= left &&
        x + width / 2 <= left + wide &&
        y - height / 2 >= top &&
        y + height / 2 <= top + high &&
        marks.every(other => Math.abs(other.x - x) >= (other.width + width) / 2 + gap || Math.abs(other.y - y) >= height + gap),
    )
    if (spot) marks.push({ ...plan, ...spot, width, height })
    else hidden++
  }
  return { marks, hidden }
}

/** The mark that an arrow key leads to: the nearest that lies more in its direction than beside it. */
export function nextMark(marks: readonly Mark[], from: Mark, direction: readonly [x: number, y: number]): Mark | undefined {
  let best: Mark | undefined
  let least = Number.POSITIVE_INFINITY
  for (const mark of marks) {
    const [x, y] = [mark.x - from.x, mark.y - from.y]
    const ahead = x * direction[0] + y * direction[1]
    const beside = Math.abs(x * direction[1] + y * direction[0])
    if (mark.country === from.country || ahead <= 0 || beside > ahead * 2) continue
    const cost = ahead + beside * 2
    if (cost < least) {
      least = cost
      best = mark
    }
  }
  return best
}
