import { useStore } from 'zustand'
import { announcer } from '../announcer.ts'

/** Says announcements to screen readers. The same words again get an invisible change, or they would not be read. */
export function LiveRegion() {
  const { text, count } = useStore(announcer)
  return (
    <div className="for-screen-readers" aria-live="polite" role="status">
      {text}
      {count % 2 === 0 ? '' : '\u00a0'}
    </div>
  )
}
