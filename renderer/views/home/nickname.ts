const FIRST = [
  'Amber',
  'Brisk',
  'Clear',
  'Dawn',
  'Early',
  'Far',
  'Gentle',
  'High',
  'Inland',
  'Lively',
  'Mellow',
  'North',
  'Quiet',
  'Silver',
  'Tidal',
  'Wide',
]
const SECOND = [
  'Bay',
  'Bridge',
  'Cape',
  'Cliff',
  'Field',
  'Ford',
  'Grove',
  'Harbour',
  'Hill',
  'Lane',
  'Meadow',
  'Pier',
  'Ridge',
  'Shore',
  'Vale',
  'View',
]

/** A nickname made up from nothing about the person or the computer: two words and two digits, 19 letters at most. */
export function suggestNickname(random: (below: number) => number = randomBelow): string {
  return `${FIRST[random(FIRST.length)]}${SECOND[random(SECOND.length)]}${10 + random(90)}`
}

function randomBelow(limit: number): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % limit
}
