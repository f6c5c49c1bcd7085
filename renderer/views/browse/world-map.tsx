import { type KeyboardEvent, memo, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { AppState, Choice } from '../../../shared/state.ts'
import { ChoiceField } from '../../components/form.tsx'
import { useApp } from '../../context.tsx'
import { countryName, formatCount, words } from '../../i18n/words.ts'
import { fitted, type Mark, nextMark, placeMarks, REGION_NAMES, REGIONS, type Region } from './map-marks.ts'
import { WORLD } from './world-data.ts'

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
}

/** An element's width in px, followed through its changes. */
function useWidth(ref: RefObject<Element | null>): number {
  const [width, setWidth] = useState(900)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(200, Math.round(entry.contentRect.width))))
    observer.observe(ref.current!)
    return () => observer.disconnect()
  }, [ref])
  return width
}

/** The land, drawn once and again only when countries come or go. */
const Land = memo(function Land({ inhabited, chosen }: { inhabited: string; chosen: string | undefined }) {
  const set = new Set(inhabited.split(' '))
  return (
    <g>
      <path className="land" d={WORLD.rest} />
      {Object.entries(WORLD.countries).map(([code, { d }]) => (
        <path key={code} className={code === chosen ? 'land chosen' : set.has(code) ? 'land inhabited' : 'land'} d={d} />
      ))}
    </g>
  )
})

interface WorldMapProps {
  readonly off: boolean
  readonly onChoose: (choice: Choice, name: string) => void
}

/** Countries with members on a map of the world; an extra beside the country list, which has the same. */
export function WorldMap({ off, onChoose }: WorldMapProps) {
  const { countries, excluded, choice } = useApp(app => ({
    countries: app.perspective.countries,
    excluded: app.settings.excluded,
    choice: app.perspective.choice,
  }))
  const [region, setRegion] = useState<Region>('world')
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const chosen = choice.kind === 'country' ? choice.country : undefined
  const shown = countries.filter(({ country }) => !excluded.includes(country))
  // A patch of anything else brings the same numbers in a new array.
  const key = JSON.stringify(shown)
  const frame = fitted(REGIONS[region])
  const unit = frame[2] / width
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for `shown`, `region` for `frame`
  const { marks, hidden } = useMemo(() => placeMarks(plansOf(shown, chosen), frame, unit), [key, chosen, region, unit])
  const elsewhere = shown.reduce((sum, { country, relays }) => sum + (WORLD.countries[country] ? 0 : relays), 0)
  const text = words.places.map
  return (
    <div className="stack">
      <p className="hint">{text.text}</p>
      <ChoiceField
        segments
        name="map-region"
        label={text.region}
        value={region}
        options={Object.fromEntries(REGION_NAMES.map(name => [name, text.regions[name]])) as Record<Region, string>}
        onChange={setRegion}
      />
      <div className="map-box" ref={box} dir="ltr">
        <svg className="map" viewBox={frame.join(' ')} aria-labelledby={id}>
          <title id={id}>{text.title}</title>
          <Land inhabited={shown.map(({ country }) => country).join(' ')} chosen={chosen} />
          <Leads marks={marks} unit={unit} />
          <Marks
            marks={marks}
            unit={unit}
            chosen={chosen}
            off={off}
            onChoose={({ country }) => onChoose({ kind: 'country', country }, words.browse.lookingCountry(countryName(country)))}
          />
        </svg>
      </div>
      {hidden > 0 && <p className="hint">{text.hidden(hidden)}</p>}
      {elsewhere > 0 && <p className="hint">{text.elsewhere(elsewhere)}</p>}
    </div>
  )
}

/** What is to be marked: the chosen country before the others, those with many members before those with few. */
function plansOf(countries: AppState['perspective']['countries'], chosen: string | undefined) {
  return countries
    .flatMap(({ country, relays }) => {
      const at = WORLD.countries[country]?.at
      return at ? [{ country, relays, at, label: `${country.toUpperCase()} ${formatCount(relays)}` }] : []
    })
    .sort((a, b) => Number(b.country === chosen) - Number(a.country === chosen) || b.relays - a.relays || (a.country < b.country ? -1 : 1))
}

/** Lines from the marks that stand beside their countries to these. */
function Leads({ marks, unit }: { marks: readonly Mark[]; unit: number }) {
  return marks
    .filter(({ at, x, y }) => Math.abs(at[0] - x) + Math.abs(at[1] - y) > 0.5)
    .map(({ country, at, x, y }) => (
      <g key={country}>
        <line className="mark-line" x1={at[0]} y1={at[1]} x2={x} y2={y} strokeWidth={unit} />
        <circle className="mark-dot" cx={at[0]} cy={at[1]} r={2.5 * unit} />
      </g>
    ))
}

interface MarksProps {
  readonly marks: readonly Mark[]
  readonly unit: number
  readonly chosen: string | undefined
  readonly off: boolean
  readonly onChoose: (mark: Mark) => void
}

/** The marks as a list to choose from: one tab stop, arrows lead to the next one in their direction, Enter or Space chooses. */
function Marks({ marks, unit, chosen, off, onChoose }: MarksProps) {
  const group = useRef<SVGGElement>(null)
  const [current, setCurrent] = useState<string>()
  const stop = marks.find(({ country }) => country === current) ?? marks.find(({ country }) => country === chosen) ?? marks[0]
  if (!stop) return null

  function focus(mark: Mark | undefined): void {
    if (!mark) return
    setCurrent(mark.country)
    group.current?.querySelector<SVGGElement>(`[data-country="${mark.country}"]`)?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    const direction = ARROWS[event.key]
    if (direction) focus(nextMark(marks, stop!, direction))
    else if (event.key === 'Home') focus(marks[0])
    else if (event.key === 'End') focus(marks.at(-1))
    else if (event.key === 'Enter' || event.key === ' ') {
      if (!off) onChoose(stop!)
    } else return
    event.preventDefault()
  }

  return (
    <g role="listbox" aria-label={words.places.map.label} aria-disabled={off || undefined} ref={group} onKeyDown={onKeyDown}>
      {marks.map(mark => {
        const { country, relays, x, y, width, height, label } = mark
        return (
          // The keys are handled once, on the group.
          <g
            key={country}
            className="mark"
            role="option"
            data-country={country}
            tabIndex={mark === stop ? 0 : -1}
            aria-selected={country === chosen}
            aria-disabled={off || undefined}
            aria-label={`${label}: ${words.places.map.mark(countryName(country), words.browse.count(relays))}`}
            onFocus={() => setCurrent(country)}
            onClick={() => !off && onChoose(mark)}
          >
            <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx={height / 2} strokeWidth={1.5 * unit} />
            <text x={x} y={y} fontSize={12.5 * unit} textAnchor="middle" dominantBaseline="central">
              {label}
            </text>
          </g>
        )
      })}
    </g>
  )
}
