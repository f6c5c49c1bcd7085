import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { announce } from './announcer.ts'
import { Boundary } from './components/boundary.tsx'
import { LiveRegion } from './components/live-region.tsx'
import { Mark } from './components/mark.tsx'
import { Notice } from './components/notice.tsx'
import { useApp, useUi } from './context.tsx'
import { problemWords, speech, words } from './i18n/words.ts'
import { followAddress, navigation } from './navigation.ts'
import { quitting } from './quitting.ts'
import { Rail } from './rail.tsx'
import { AboutView } from './views/about.tsx'
import { BrowseView } from './views/browse/browse.tsx'
import { CompareView } from './views/compare/compare.tsx'
import { HomeView } from './views/home/home.tsx'
import { RelayView } from './views/relay/relay.tsx'
import { SafetyView } from './views/safety/safety.tsx'
import { SettingsView } from './views/settings/settings.tsx'

const views = {
  home: HomeView,
  browse: BrowseView,
  compare: CompareView,
  relay: RelayView,
  safety: SafetyView,
  settings: SettingsView,
  about: AboutView,
}

/** Announces what changes by itself: the steps of the journey. */
function useJourneyAnnouncements(): void {
  const step = useApp(app => app.journey.step)
  const before = useRef(step)
  useEffect(() => {
    if (before.current !== step) announce(words.journey.steps[step].announcement)
    before.current = step
  }, [step])
}

/** Announces problems that come up by themselves. */
function useProblemAnnouncements(): void {
  const problems = useApp(app => app.problems)
  const known = useRef(problems)
  useEffect(() => {
    const fresh = problems.filter(({ code, at }) => !known.current.some(other => other.code === code && other.at === at))
    known.current = problems
    if (fresh.length > 0) announce(fresh.map(problem => problemWords(problem).title).join('. '))
  }, [problems])
}

function useTheme(): void {
  const { theme, contrast } = useApp(app => ({ theme: app.settings.theme, contrast: app.settings.contrast }))
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
    document.documentElement.dataset['contrast'] = contrast
  }, [theme, contrast])
}

function ConnectionNotice() {
  const connection = useUi(ui => ui.connection)
  const before = useRef(connection)
  useEffect(() => {
    if (before.current !== connection) announce(connection === 'lost' ? words.lostAnnouncement : words.backAnnouncement)
    before.current = connection
  }, [connection])
  if (connection !== 'lost') return null
  return (
    <Notice kind="warn" title={words.lostTitle}>
      <p>
        {words.lostText} {words.lostNever}
      </p>
    </Notice>
  )
}

/** Said once, when the host had to open the window again. The address says it, and is then an ordinary one, so that a reload does not repeat it. */
function LostNotice() {
  const [lost, setLost] = useState(() => location.search === '?lost')
  useEffect(() => {
    if (!lost) return
    history.replaceState(undefined, '', location.pathname + location.hash)
    announce(words.windowLostTitle)
  }, [lost])
  if (!lost) return null
  return (
    <Notice kind="info" title={words.windowLostTitle} onDismiss={() => setLost(false)}>
      <p>{words.windowLostText}</p>
    </Notice>
  )
}

/** Marks the page with the revision that is shown, for whoever drives the window from outside. */
function RevisionMark() {
  const revision = useApp(app => app.revision)
  const loading = useStore(speech, state => state.loading)
  useEffect(() => {
    if (!loading) document.documentElement.dataset['revision'] = String(revision)
  }, [revision, loading])
  return null
}

function Shell() {
  const view = useStore(navigation, state => state.view)
  useJourneyAnnouncements()
  useProblemAnnouncements()
  useTheme()
  const main = useRef<HTMLElement>(null)
  const View = views[view]
  return (
    <div className="shell">
      {/* biome-ignore lint/a11y/useValidAnchor: a skip link is a link; the address is the view's, so the jump is made by hand */}
      <a
        className="skip-link"
        href="#content"
        onClick={event => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        {words.skipToContent}
      </a>
      <Rail />
      <main ref={main} id="content" tabIndex={-1}>
        <ConnectionNotice />
        <LostNotice />
        <Boundary key={view}>
          <View />
        </Boundary>
      </main>
      <LiveRegion />
      <RevisionMark />
    </div>
  )
}

/** Instead of a page: a quiet sign, and one sentence. */
function Splash({ text }: { text: string }) {
  return (
    <main className="splash">
      <Mark />
      <h1>{words.productName}</h1>
      <p role="status">{text}</p>
    </main>
  )
}

/** Before the first snapshot, with help when that stays. */
function Waiting() {
  const connection = useUi(ui => ui.connection)
  return <Splash text={connection === 'lost' ? `${words.lostTitle}. ${words.lostNever}` : words.connecting} />
}

/** Whether the program is gone because this window asked it to; started again, it is as before. */
function useHasQuit(): boolean {
  const connection = useUi(ui => ui.connection)
  const asked = useStore(quitting, state => state.asked)
  const gone = asked && connection === 'lost'
  useEffect(() => (gone ? () => quitting.setState({ asked: false }) : undefined), [gone])
  return gone
}

/** The whole window. */
export function App() {
  const ready = useUi(ui => ui.app !== undefined)
  // The words are read while drawing, so a change of the language draws everything below anew; nothing loses its state or the focus.
  const { language, direction, loading } = useStore(speech)
  // Before anything was shown there is nothing to keep: the first words are in the right language.
  const [begun, setBegun] = useState(!loading)
  if (!loading && !begun) setBegun(true)
  useLayoutEffect(() => {
    document.documentElement.lang = language
    document.documentElement.dir = direction
  }, [language, direction])
  useEffect(followAddress, [])
  const hasQuit = useHasQuit()
  if (!begun) return null
  if (hasQuit) return <Splash text={words.relay.quitDone} />
  return ready ? <Shell /> : <Waiting />
}
