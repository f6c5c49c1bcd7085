import { type ComponentType, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Choice } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { isLocked } from '../../model.ts'
import { picker } from './picker-state.ts'

type MapView = ComponentType<{ off: boolean; onChoose: (choice: Choice, name: string) => void }>

/** The world map, folded away, and loaded only when it is opened. */
export function MapCard() {
  const open = useStore(picker, state => state.map)
  const text = words.places.map
  return (
    <details
      className="card fold map-card"
      open={open}
      onToggle={event => {
        const { open: now } = event.currentTarget
        if (now !== open) picker.setState({ map: now })
      }}
    >
      <summary>
        <span className="fold-title">{text.title}</span>
      </summary>
      {open && <LoadedMap />}
    </details>
  )
}

function LoadedMap() {
  const locked = useApp(isLocked)
  const choose = useCall('perspective.choose')
  const [view, setView] = useState<{ Map: MapView } | 'failed'>()
  useEffect(() => {
    let wanted = true
    import('./world-map.tsx').then(
      ({ WorldMap }) => wanted && setView({ Map: WorldMap }),
      () => wanted && setView('failed'),
    )
    return () => {
      wanted = false
    }
  }, [])

  async function look(next: Choice, name: string): Promise<void> {
    const { ok } = await choose.run(next)
    if (ok) announce(name)
  }

  if (view === undefined) return <p className="hint">{words.places.map.loading}</p>
  if (view === 'failed') return <p>{words.places.map.failed}</p>
  return (
    <div className="stack">
      <view.Map off={locked} onChoose={look} />
      <FailureNotice failure={choose.failure} onDismiss={choose.dismiss} />
    </div>
  )
}
