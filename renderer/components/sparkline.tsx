import { formatRate, words } from '../i18n/words.ts'
import { niceTop } from '../model.ts'
import { type RateSample, SAMPLE_SPAN_MS } from '../store.ts'

const WIDTH = 600
const HEIGHT = 120

function line(samples: readonly RateSample[], of: 'read' | 'written', now: number, top: number): string {
  return samples
    .map(sample => {
      const x = WIDTH - ((now - sample.at) / SAMPLE_SPAN_MS) * WIDTH
      const y = HEIGHT - (Math.min(sample[of], top) / top) * HEIGHT
      return `${Math.max(0, x).toFixed(1)},${y.toFixed(1)}`
    })
    .join(' ')
}

/** Bytes per second of the last two minutes, both directions: one line full, one dashed, on one scale. */
export function RateGraph({ samples, now }: { samples: readonly RateSample[]; now: number }) {
  const last = samples.at(-1)
  // The last value holds until the next one comes.
  const shown = last ? [...samples.filter(sample => now - sample.at <= SAMPLE_SPAN_MS), { ...last, at: Math.max(now, last.at) }] : []
  const top = niceTop(Math.max(0, ...shown.flatMap(sample => [sample.read, sample.written])))
  const received = formatRate(last?.read ?? 0)
  const sent = formatRate(last?.written ?? 0)
  return (
    <figure className="graph">
      <svg viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`} preserveAspectRatio="none" role="img" aria-label={words.relay.rateGraph(received, sent)}>
        <path className="graph-grid" d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} />
        <polyline className="graph-read" points={line(shown, 'read', now, top)} />
        <polyline className="graph-written" points={line(shown, 'written', now, top)} />
      </svg>
      <figcaption>
        <span>{words.relay.rateTop(formatRate(top))}</span>
        <span>{words.relay.rateSpan}</span>
      </figcaption>
    </figure>
  )
}
