import type { ReactNode } from 'react'

/** Line drawings on a 20-unit grid; stroke and size come from the style sheet. */
const drawings = {
  home: <path d="M3 9.5 10 3.5l7 6V16a1 1 0 0 1-1 1h-3.5v-4.5h-5V17H4a1 1 0 0 1-1-1z" />,
  browse: (
    <>
      <path d="M1.8 10S5 4.5 10 4.5 18.2 10 18.2 10 15 15.5 10 15.5 1.8 10 1.8 10z" />
      <circle cx="10" cy="10" r="2.6" />
    </>
  ),
  relay: (
    <>
      <circle cx="4" cy="10" r="2" />
      <circle cx="16" cy="4.5" r="2" />
      <circle cx="16" cy="15.5" r="2" />
      <path d="m5.8 9.2 8.4-3.9M5.8 10.8l8.4 3.9" />
    </>
  ),
  safety: (
    <>
      <path d="M10 2.5 16.5 5v4.6c0 3.9-2.7 6.6-6.5 7.9-3.8-1.3-6.5-4-6.5-7.9V5z" />
      <path d="m7.2 10 2 2 3.6-4" />
    </>
  ),
  settings: (
    <>
      <path d="M2.5 5.5h8M14.5 5.5h3M2.5 14.5h3M9.5 14.5h8" />
      <circle cx="12.5" cy="5.5" r="2" />
      <circle cx="7.5" cy="14.5" r="2" />
    </>
  ),
  about: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="M10 9.2v4.6M10 6.2v.1" />
    </>
  ),
  clock: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="M10 5.8V10l2.8 2" />
    </>
  ),
  star: <path d="m10 2.6 2.2 4.7 5.2.6-3.8 3.5 1 5.1-4.6-2.5-4.6 2.5 1-5.1L2.6 7.9l5.2-.6z" />,
  lock: (
    <>
      <rect x="4" y="9" width="12" height="8" rx="1.5" />
      <path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9" />
    </>
  ),
  warn: <path d="M10 3 18 17H2zM10 8.2v4M10 14.4v.1" />,
  copy: (
    <>
      <rect x="7" y="7" width="10" height="10" rx="1.5" />
      <path d="M13 7V4.5A1.5 1.5 0 0 0 11.5 3h-7A1.5 1.5 0 0 0 3 4.5v7A1.5 1.5 0 0 0 4.5 13H7" />
    </>
  ),
  search: (
    <>
      <circle cx="8.7" cy="8.7" r="5.2" />
      <path d="m12.6 12.6 4.4 4.4" />
    </>
  ),
  check: <path d="m4 10.5 4 4 8-9" />,
  cross: <path d="m5 5 10 10M15 5 5 15" />,
  back: <path d="M16 10H4M8.5 5.5 4 10l4.5 4.5" />,
  reload: <path d="M16 10a6 6 0 1 1-1.8-4.3L16 7.5M16 3.5v4h-4" />,
  plus: <path d="M10 4v12M4 10h12" />,
  arrow: <path d="M4 10h12M11.5 5.5 16 10l-4.5 4.5" />,
  up: <path d="M10 16V4M5.5 8.5 10 4l4.5 4.5" />,
  down: <path d="M10 4v12M5.5 11.5 10 16l4.5-4.5" />,
} as const satisfies Record<string, ReactNode>

export type IconName = keyof typeof drawings

/** A decorative sign; what it means stands beside it as words. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {drawings[name]}
    </svg>
  )
}
