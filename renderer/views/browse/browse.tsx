import { useEffect } from 'react'
import { Page } from '../../components/page.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { isLocked } from '../../model.ts'
import { ActiveCard } from './active.tsx'
import { CompareCard } from './compare-card.tsx'
import { DetailsCard } from './details.tsx'
import { FailoverCard } from './failover.tsx'
import { LeftOutNotice } from './left-out.tsx'
import { LocksCard } from './locks.tsx'
import { LookCard } from './look.tsx'
import { MapCard } from './map-card.tsx'
import { OpenCard } from './open-page.tsx'
import { picker } from './picker-state.ts'
import { ProxyCard } from './proxy.tsx'
import { WherePicker } from './where.tsx'

/** Looking at the web from elsewhere: the switch, the place, and what goes through it. */
export function BrowseView() {
  const { locked, choice, someone } = useApp(app => ({
    locked: isLocked(app),
    choice: app.perspective.choice,
    someone: app.perspective.relays.length > 0,
  }))
  useEffect(() => {
    if (choice.kind !== 'off') picker.setState({ last: choice })
  }, [choice])
  return (
    <Page view="browse" title={words.browse.title}>
      <LookCard />
      <LeftOutNotice />
      <FailoverCard />
      {locked && <LocksCard />}
      {someone && <MapCard />}
      {/* A place, and beside it the page to open there; neither moves when the other is chosen. */}
      <div className="browse-columns">
        <WherePicker />
        <div className="stack">
          <OpenCard />
          {choice.kind !== 'off' && <DetailsCard />}
          <CompareCard />
          <ActiveCard />
        </div>
        <ProxyCard />
      </div>
    </Page>
  )
}
