/** How authorities come to one value from many (dir-spec 3.8). Everything is exact: all must compute the same bytes. */

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The lower median. */
export function lowMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!
}

/** The value that occurs most; of several the last in order. `undefined` for none. */
export function mostFrequent(values: readonly string[], compare: (a: string, b: string) => number = compareText): string | undefined {
  const sorted = [...values].sort(compare)
  let best: string | undefined
  let bestCount = 0
  for (let i = 0; i < sorted.length; ) {
    let end = i + 1
    while (sorted[end] === sorted[i]) end++
    if (end - i >= bestCount) {
      best = sorted[i]
      bestCount = end - i
    }
    i = end
  }
  return best
}

/** Each value that occurs more than `min` times, in the order of first occurrence. */
export function moreFrequentThan(values: readonly string[], min: number): string[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].filter(([, count]) => count > min).map(([value]) => value)
}
