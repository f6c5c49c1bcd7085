import { useMemo } from 'react'
import { useApp, useNow } from '../../context.tsx'
import { countAdmitting } from './relay-index.ts'

/** What members answered is looked at anew so often, in seconds. */
const ANSWERS_AGE = 60

/** How many members offer a view, and how many of them would let us in as we are. Counted when the list or our flags change, not with every figure. */
export function useAdmitting(): { readonly all: number; readonly admitting: number } {
  const { relays, flags } = useApp(app => ({ relays: app.perspective.relays, flags: app.relay.flags }))
  const now = useNow(ANSWERS_AGE)
  const admitting = useMemo(() => countAdmitting(relays, { flags }, now), [relays, flags, now])
  return { all: relays.length, admitting }
}
