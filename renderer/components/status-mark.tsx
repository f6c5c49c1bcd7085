/** How something stands: proved, so but unproved, under way, wrong, not yet, not wanted. Each has a shape of its own, so that colour is never the only sign. */
export type Standing = 'good' | 'fact' | 'busy' | 'bad' | 'idle' | 'off'

const drawings: Record<Standing, React.ReactNode> = {
  good: (
    <>
      <circle className="fill" cx="10" cy="10" r="8.5" />
      <path className="cut" d="m6 10.4 2.8 2.8L14 7.4" />
    </>
  ),
  fact: <circle className="dot" cx="10" cy="10" r="4.5" />,
  busy: (
    <>
      <circle cx="10" cy="10" r="7.5" strokeDasharray="4.2 3.66" />
      <circle className="dot" cx="10" cy="10" r="2" />
    </>
  ),
  bad: (
    <>
      <path className="fill" d="M10 1.6 19 17.6H1z" />
      <path className="cut" d="M10 7.4v4.4M10 14.6v.1" />
    </>
  ),
  idle: <circle cx="10" cy="10" r="7.5" />,
  off: <path d="M4 10h12" />,
}

/** The sign alone; its words must stand beside it. */
export function StatusMark({ standing }: { standing: Standing }) {
  return (
    <svg className="status-mark" data-standing={standing} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {drawings[standing]}
    </svg>
  )
}

/** A mark and its words on one line. */
export function Status({ standing, children }: { standing: Standing; children: React.ReactNode }) {
  return (
    <span className="status" data-standing={standing}>
      <StatusMark standing={standing} />
      <span>{children}</span>
    </span>
  )
}
