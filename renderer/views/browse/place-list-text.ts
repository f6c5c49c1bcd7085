import {
  type ListNameFault,
  listNameFault,
  MAX_LIST_PLACES,
  MAX_LISTS,
  newListId,
  type PlaceList,
  place,
  tidyListName,
} from '../../../shared/place-lists.ts'

/** Largest file that is read, in bytes. */
export const MAX_PLACE_FILE = 1_000_000

/** Why a line was passed over. */
export type LineFault = ListNameFault | 'no-list' | 'not-a-place' | 'repeated' | 'list-full' | 'too-many-lists'

/** A line that was passed over, from 1, as it was written. */
export interface FaultyLine {
  readonly line: number
  readonly text: string
  readonly fault: LineFault
}

/**
 * Lists as a text, UTF-8: the name in brackets, then its places, one a line; `#` begins a note.
 *
 *     [Nordic news]
 *     se
 *     $9695DFC35FFEB861329B9F1AB04C46397020CE31  # Midnattsol
 */
export function placeListText(lists: readonly PlaceList[], noteOf: (place: string) => string | undefined = () => undefined): string {
  const line = (one: string) => {
    const note = noteOf(one)
    return `${one.length === 2 ? one : `$${one}`}${note === undefined ? '' : `  # ${note}`}\n`
  }
  return lists.map(({ name, places }) => `[${name}]\n${places.map(line).join('')}`).join('\n')
}

/** "Name 2" (3, …) where the name is taken; cut so that it still fits. */
function freeName(name: string, taken: readonly string[]): string {
  for (let number = 2; listNameFault(name, taken) === 'taken'; number++)
    name = `${[...name.replace(/ \d+$/, '')].slice(0, 36).join('')} ${number}`
  return name
}

/**
 * Reads lists beside those that there are, which stay as they are; a name that is taken gets a number. What cannot be understood is passed
 * over and named, and the places below a name that is refused with it.
 */
export function parsePlaceLists(text: string, present: readonly PlaceList[]): { lists: PlaceList[]; faults: FaultyLine[] } {
  const lists: { id: string; name: string; places: string[] }[] = []
  const faults: FaultyLine[] = []
  let current: (typeof lists)[number] | 'refused' | undefined
  const read = (line: string): LineFault | undefined => {
    const heading = /^\[(.*)\]$/u.exec(line)
    if (heading) {
      const name = tidyListName(heading[1]!)
      const all = [...present, ...lists]
      const fault = all.length >= MAX_LISTS ? 'too-many-lists' : listNameFault(name)
      if (fault) {
        current = 'refused'
        return fault
      }
      const names = all.map(list => list.name)
      current = { id: newListId(name, all), name: freeName(name, names), places: [] }
      lists.push(current)
      return undefined
    }
    // Its name was refused already; its places go with it.
    if (current === 'refused') return undefined
    if (!current) return 'no-list'
    const one = /^\$[0-9a-f]{40}$/i.test(line) ? line.slice(1).toUpperCase() : line.toLowerCase()
    if (!place.safeParse(one).success) return 'not-a-place'
    if (current.places.includes(one)) return 'repeated'
    if (current.places.length >= MAX_LIST_PLACES) return 'list-full'
    current.places.push(one)
    return undefined
  }
  for (const [index, whole] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = whole.startsWith('[') ? whole.trim() : whole.replace(/#.*$/s, '').trim()
    if (line === '') continue
    const fault = read(line)
    if (fault) faults.push({ line: index + 1, text: whole.slice(0, 200), fault })
  }
  return { lists, faults }
}
