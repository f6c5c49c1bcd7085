import { Button } from '../../components/button.tsx'
import { Field, TextField } from '../../components/form.tsx'
import { formatMilliseconds, words } from '../../i18n/words.ts'
import { activeFilters, NO_FILTER, type RelayFilter } from './relay-index.ts'

/** Round trips to choose from, in ms. */
const LATENCIES = [50, 100, 200, 400]

/** A port as typed; undefined when the field is empty, `invalid` when it is none. */
function portOf(text: string): number | undefined | 'invalid' {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const port = /^\d{1,5}$/.test(trimmed) ? Number(trimmed) : 0
  return port >= 1 && port <= 65535 ? port : 'invalid'
}

/** What is typed and ticked, and the filter that it means; a port that is none filters nothing and is named. */
export interface FilterState {
  readonly filter: RelayFilter
  readonly port: string
}

interface FiltersProps extends FilterState {
  readonly onChange: (next: FilterState) => void
}

/** What relays to show, folded away until it is wanted. */
export function Filters({ filter, port, onChange }: FiltersProps) {
  const text = words.places.filters
  const set = (part: Partial<RelayFilter>) => onChange({ filter: { ...filter, ...part }, port })
  const on = activeFilters(filter)
  return (
    <details className="fold filters">
      <summary>
        {text.title}
        {on > 0 && <span className="count">{text.active(on)}</span>}
      </summary>
      <div className="filter-fields">
        <label className="tick">
          <input type="checkbox" checked={filter.accepts} onChange={event => set({ accepts: event.currentTarget.checked })} />
          <span>
            {text.accepts}
            <small>{text.acceptsHint}</small>
          </span>
        </label>
        <label className="tick">
          <input type="checkbox" checked={filter.quiet} onChange={event => set({ quiet: event.currentTarget.checked })} />
          <span>
            {text.quiet}
            <small>{text.quietHint}</small>
          </span>
        </label>
        <div className="pair">
          <TextField
            label={text.port}
            inputMode="numeric"
            dir="ltr"
            maxLength={6}
            value={port}
            error={portOf(port) === 'invalid' ? text.portInvalid : undefined}
            onChange={event => {
              const typed = event.currentTarget.value
              const next = portOf(typed)
              onChange({ filter: { ...filter, port: next === 'invalid' ? undefined : next }, port: typed })
            }}
          />
          <Field label={text.latency}>
            {wiring => (
              <select
                {...wiring}
                value={filter.latency ?? ''}
                onChange={event => set({ latency: event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value) })}
              >
                <option value="">{text.latencyAny}</option>
                {LATENCIES.map(ms => (
                  <option key={ms} value={ms}>
                    {formatMilliseconds(ms)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        {on > 0 && (
          <div className="row">
            <Button onClick={() => onChange({ filter: NO_FILTER, port: '' })}>{text.clear}</Button>
          </div>
        )}
      </div>
    </details>
  )
}
