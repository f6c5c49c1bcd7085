import { words } from '../i18n/words.ts'

/** Whether things are the same or differ: two lines, crossed out where they differ, and the word. */
export function Difference({ differs }: { differs: boolean }) {
  return (
    <span className="difference" data-differs={differs}>
      <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
        <path d="M4 7.5h12M4 12.5h12" />
        {differs && <path d="m13.5 3-7 14" />}
      </svg>
      {differs ? words.compare.differs : words.compare.same}
    </span>
  )
}
