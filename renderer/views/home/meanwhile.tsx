import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { useApp } from '../../context.tsx'
import { formatCount, words } from '../../i18n/words.ts'
import { torPossible } from '../../model.ts'
import { go, type View } from '../../navigation.ts'
import { picker } from '../browse/picker-state.ts'
import { useAdmitting } from '../browse/use-admitting.ts'

/** How many members would let us in as we are, and the way to use that. */
function Early() {
  const { all, admitting } = useAdmitting()
  const open = useApp(app => app.perspective.locks.length === 0)
  const text = words.record.meanwhile
  if (all === 0) return <p>{words.browse.emptyTitle}</p>
  return (
    <>
      <p>
        <strong>{words.places.accepting(formatCount(admitting), all)}</strong> {admitting > 0 ? text.early : text.onlyStable}
      </p>
      {admitting > 0 && (
        <div className="row">
          <Button kind={open ? 'primary' : undefined} onClick={() => go('browse')}>
            {open ? text.look : text.missing}
          </Button>
        </div>
      )}
    </>
  )
}

function Way({ name, hint, to, off = false, onGo }: { name: string; hint: string; to: View; off?: boolean; onGo?: () => void }) {
  return (
    <li>
      <Button
        off={off}
        onClick={() => {
          onGo?.()
          go(to)
        }}
      >
        {name}
      </Button>
      <span className="hint">{hint}</span>
    </li>
  )
}

/** What a person can do while the authorities measure. */
export function MeanwhileCard() {
  const tor = useApp(torPossible)
  const text = words.record.meanwhile
  return (
    <Card title={text.title}>
      <Early />
      <ul className="ways">
        <Way name={text.places} hint={text.placesText} to="browse" onGo={() => picker.setState({ kind: 'country', map: true })} />
        <Way name={text.tor} hint={text.torText} to="browse" off={!tor} onGo={() => picker.setState({ kind: 'tor' })} />
        <Way name={text.limits} hint={text.limitsText} to="settings" />
      </ul>
    </Card>
  )
}
