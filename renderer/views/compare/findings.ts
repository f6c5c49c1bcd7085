import { useEffect } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CompareState } from '../../../shared/compare.ts'
import type { Finding } from '../../compare-model.ts'
import { useBridge } from '../../context.tsx'

/** What was fetched of one comparison: the host keeps it, the window shows it. `pictures` are addresses of images. */
interface Findings {
  readonly id: number
  readonly columns: readonly Finding[]
  readonly pictures: readonly (string | undefined)[]
}

const store = createStore<Findings>(() => ({ id: 0, columns: [], pictures: [] }))
/** What is on its way, so that nothing is asked for twice. */
const asked = new Set<string>()

const put = <T>(list: readonly T[], at: number, value: T): T[] => {
  const copy = [...list]
  copy[at] = value
  return copy
}

/** The findings of the comparison, each fetched as soon as it is there. */
export function useFindings(state: CompareState): Findings {
  const bridge = useBridge()
  const found = useStore(store)
  useEffect(() => {
    const { id } = state
    if (store.getState().id !== id) {
      asked.clear()
      store.setState({ id, columns: [], pictures: [] })
    }
    const fetch = (key: string, ask: () => Promise<(found: Findings) => Partial<Findings>>) => {
      if (asked.has(key)) return
      asked.add(key)
      ask().then(
        // Put in when it is there: others may have come meanwhile.
        change => store.setState(found => (found.id === id ? change(found) : found)),
        // Another comparison has begun, or the connection was lost: the next change of state asks again.
        () => asked.delete(key),
      )
    }
    for (const [column, { step, picture }] of state.columns.entries()) {
      // A picture that failed has put its reason into the column.
      if (step === 'done')
        fetch(`${id} ${column} ${picture === 'failed'}`, async () => {
          const seen = await bridge.call('compare.column', { id, column })
          return ({ columns }) => ({ columns: put(columns, column, seen) })
        })
      if (picture === 'done')
        fetch(`${id} ${column} picture`, async () => {
          const { png } = await bridge.call('compare.picture', { id, column })
          return ({ pictures }) => ({ pictures: put(pictures, column, `data:image/png;base64,${png}`) })
        })
    }
  }, [bridge, state])
  return found.id === state.id ? found : { id: state.id, columns: [], pictures: [] }
}
