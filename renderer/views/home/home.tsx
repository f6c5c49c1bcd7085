import { useStore } from 'zustand'
import { Horizon } from '../../components/horizon.tsx'
import { LanguageField } from '../../components/language-field.tsx'
import { Page } from '../../components/page.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { BlockedStep } from './blocked.tsx'
import { ConsentNotices } from './consent-notices.tsx'
import { DetailsStep } from './details.tsx'
import { MeanwhileCard } from './meanwhile.tsx'
import { MilestonesCard } from './milestones.tsx'
import { PausedStep } from './paused.tsx'
import { PhasesCard } from './phases.tsx'
import { PortsCard } from './ports.tsx'
import { ProblemList } from './problem-list.tsx'
import { PublicationsCard } from './publications.tsx'
import { RunCard } from './run.tsx'
import { Stages } from './stages.tsx'
import { StartingStep } from './starting.tsx'
import { StoppedStep } from './stopped.tsx'
import { RelayingStep, UnlockedStep } from './unlocked.tsx'
import { VotesCard, WaitingFacts, WaitingTips } from './waiting.tsx'
import { WelcomeStep } from './welcome.tsx'
import { welcome } from './welcome-state.ts'
import { WhatIfCard } from './what-if.tsx'

function Body({ details }: { details: boolean }) {
  const { journey, running } = useApp(app => ({ journey: app.journey, running: app.relay.running }))
  switch (journey.step) {
    case 'consent':
      return details ? <DetailsStep /> : <WelcomeStep />
    case 'starting':
      return <StartingStep />
    case 'ports':
      return <PortsCard />
    case 'publishing':
      return (
        <>
          <WaitingFacts />
          <PublicationsCard />
          <PortsCard folded />
        </>
      )
    case 'waiting-for-listing':
      return (
        <>
          <WaitingFacts />
          <VotesCard wanted="running" />
          <MilestonesCard />
          <PublicationsCard folded />
          <PortsCard folded />
        </>
      )
    case 'waiting-for-stable':
      return (
        <>
          <WaitingFacts />
          <div className="pair">
            <MeanwhileCard />
            <WaitingTips />
          </div>
          <VotesCard wanted="stable" />
          <WhatIfCard />
          <RunCard />
          <div className="pair">
            <MilestonesCard />
            <PhasesCard />
          </div>
          <PortsCard folded />
        </>
      )
    case 'relaying':
      return (
        <>
          <RelayingStep />
          <PortsCard folded />
        </>
      )
    case 'unlocked':
      return (
        <>
          <UnlockedStep />
          <PortsCard folded />
        </>
      )
    case 'blocked':
      return (
        <>
          <BlockedStep problem={journey.problem} />
          {running && <PortsCard folded />}
        </>
      )
    case 'stopped':
      return <StoppedStep />
    case 'paused':
      return <PausedStep />
    default:
      return journey satisfies never
  }
}

/** The way from the first start to the open view, one screen a step. */
export function HomeView() {
  const step = useApp(app => app.journey.step)
  const details = useStore(welcome, ({ page }) => page === 'details') && step === 'consent'
  const { title, lead } = details ? words.journey.details : words.journey.steps[step]
  return (
    <Page
      view="home"
      title={title}
      lead={lead}
      // Of a way that is interrupted nobody is at a stage.
      head={step !== 'stopped' && step !== 'paused' && <Stages />}
      picture={
        step === 'consent' &&
        !details && (
          <div className="welcome-side">
            <LanguageField />
            <Horizon open={false} />
          </div>
        )
      }
    >
      <ConsentNotices />
      <ProblemList />
      <Body details={details} />
    </Page>
  )
}
