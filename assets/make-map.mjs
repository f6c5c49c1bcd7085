// Draws the world map of the Browse page: renderer/views/browse/world-data.ts, one path and one point a country.
//   npm install --no-save world-atlas@2.0.2 d3-geo@3.1.1 topojson-client@3.1.0 topojson-simplify@3.0.3 && node assets/make-map.mjs
//
// The shapes are Natural Earth's (public domain), as the package world-atlas (ISC) cuts them. They are projected here and not in the window, so
// that what ships is a list of paths and no library.
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { geoArea, geoCentroid, geoContains, geoNaturalEarth1, geoPath } from 'd3-geo'
import { feature } from 'topojson-client'
import { presimplify, quantile, simplify } from 'topojson-simplify'

const WIDTH = 2000
/** This part of the points of the 1:50 million map goes; rings smaller than so many square units go too, unless they are all of a country. */
const GONE = 0.8
const SMALLEST_RING = 4
/** Antarctica has no relays and half the ink. */
const LEFT_OUT = new Set(['AQ'])

const require = createRequire(import.meta.url)
const atlas = presimplify(JSON.parse(await readFile(require.resolve('world-atlas/countries-50m.json'), 'utf8')))
const topology = simplify(atlas, quantile(atlas, 1 - GONE))
const { features } = feature(topology, topology.objects.countries)

/** ISO 3166-1 numbers are regions of language tags too, and their canonical form has the letters. */
function lettersOf(id) {
  if (id === undefined) return undefined
  const [tag] = Intl.getCanonicalLocales(`und-${id}`)
  return /^und-([A-Z]{2})$/.exec(tag)?.[1]
}

const shown = features.filter(one => !LEFT_OUT.has(lettersOf(one.id)))
const projection = geoNaturalEarth1().rotate([-11, 0]).fitWidth(WIDTH, { type: 'FeatureCollection', features: shown })
const path = geoPath(projection)
const [[, top], [, bottom]] = path.bounds({ type: 'FeatureCollection', features: shown })

/** Rings as whole numbers, relative to one another: "M12 30l4 0 0-3z". */
function drawing(geometry, all) {
  const rings = []
  let ring
  geoPath(projection)
    .digits(null)(geometry)
    ?.replace(/([MLZ])([^MLZ]*)/g, (_, command, at) => {
      if (command === 'M') rings.push((ring = []))
      if (command !== 'Z') {
        const [x, y] = at.split(',').map(Number)
        const point = [Math.round(x), Math.round(y - top)]
        const last = ring.at(-1)
        if (!last || last[0] !== point[0] || last[1] !== point[1]) ring.push(point)
      }
    })
  const area = points =>
    Math.abs(
      points.reduce((sum, [x, y], i) => {
        const [u, v] = points[(i + 1) % points.length]
        return sum + x * v - u * y
      }, 0),
    ) / 2
  const drawn = rings.filter(points => points.length > 2 && area(points) >= SMALLEST_RING)
  const kept = drawn.length > 0 || !all ? drawn : rings.filter(points => points.length > 2).slice(0, 1)
  const step = ([x, y], i, points) => (i === 0 ? `M${x} ${y}` : `${i === 1 ? 'l' : ' '}${x - points[i - 1][0]} ${y - points[i - 1][1]}`)
  return kept.map(points => `${points.map(step).join('').replaceAll(' -', '-')}z`).join('')
}

/** Where a country's mark stands: in the middle of its largest piece of land. */
function middle(geometry) {
  const pieces = geometry.type === 'MultiPolygon' ? geometry.coordinates.map(coordinates => ({ type: 'Polygon', coordinates })) : [geometry]
  const largest = pieces.reduce((a, b) => (geoArea(b) > geoArea(a) ? b : a))
  const at = geoCentroid(largest)
  const [x, y] = projection(geoContains(largest, at) ? at : geoCentroid(geometry))
  return [Math.round(x), Math.round(y - top)]
}

const countries = {}
let rest = ''
/** The largest piece first: it says where the mark stands. Some countries come in several pieces. */
for (const one of shown.sort((a, b) => geoArea(b) - geoArea(a))) {
  const code = lettersOf(one.id)?.toLowerCase()
  const d = drawing(one.geometry, code !== undefined && !countries[code])
  if (code === undefined) rest += d
  else if (countries[code]) countries[code].d += d
  else countries[code] = { d, at: middle(one.geometry) }
}
const world = { width: WIDTH, height: Math.ceil(bottom - top), countries: Object.fromEntries(Object.entries(countries).sort()), rest }
const lines = Object.entries(world.countries).map(([code, { d, at }]) => `    ${code}: { at: [${at.join(', ')}], d: '${d}' },`)
const text = `// Made by assets/make-map.mjs; not to be edited.
/** The countries of the world by their two letters: where a mark stands, and the outline as an SVG path. \`rest\` is land of no country. */
// biome-ignore format: one country a line
export const WORLD = {
  width: ${world.width},
  height: ${world.height},
  countries: {
${lines.join('\n')}
  } as Readonly<Record<string, { readonly at: readonly [x: number, y: number]; readonly d: string }>>,
  rest: '${rest}',
}
`
await writeFile(join(import.meta.dirname, '../renderer/views/browse/world-data.ts'), text)
process.stdout.write(`${lines.length} countries, ${text.length} bytes\n`)
