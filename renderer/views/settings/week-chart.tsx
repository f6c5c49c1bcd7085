import type { PlanSpan } from '../../../shared/background.ts'
import { dayParts } from '../../../shared/week-plan.ts'
import { useNow } from '../../context.tsx'
import { formatMinute, formatWeekday, weekOrder, words } from '../../i18n/words.ts'

const DAY_MINUTES = 1440

/** The plan as a picture: seven days of 24 hours. The list beside it says the same in words, so readers pass over this. */
export function WeekChart({ plan }: { plan: readonly PlanSpan[] }) {
  const text = words.background.plan
  const now = new Date(useNow())
  const minute = now.getHours() * 60 + now.getMinutes()
  const legend = [...new Set(plan.map(({ rate }) => (rate === 0 ? 'rest' : 'limit') as 'rest' | 'limit'))]
  return (
    <div className="week" aria-hidden="true">
      {weekOrder().map(day => (
        <div className="week-day" key={day} data-today={day === now.getDay() || undefined}>
          <span>{formatWeekday(day)}</span>
          <svg viewBox={`0 0 ${DAY_MINUTES} 10`} preserveAspectRatio="none" focusable="false">
            <title>{formatWeekday(day, 'long')}</title>
            {[360, 720, 1080].map(at => (
              <path key={at} className="week-hour" d={`M${at} 0v10`} />
            ))}
            {dayParts(plan, day).map(({ from, to, rate }) => (
              <rect key={from} data-kind={rate === 0 ? 'rest' : 'limit'} x={from} y={0} width={to - from} height={10} />
            ))}
            {day === now.getDay() && <path className="week-now" d={`M${minute} 0v10`} />}
          </svg>
        </div>
      ))}
      <div className="week-day week-hours">
        <span />
        <div>
          {[0, 360, 720, 1080, DAY_MINUTES].map(at => (
            <span key={at}>{formatMinute(at)}</span>
          ))}
        </div>
      </div>
      <p className="week-legend hint">
        {legend.map(kind => (
          <span key={kind} data-kind={kind}>
            {text.legend[kind]}
          </span>
        ))}
        <span data-kind="now">{text.legend.now}</span>
      </p>
    </div>
  )
}
