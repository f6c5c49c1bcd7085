import { useStore } from 'zustand'
import { Horizon } from '../../components/horizon.tsx'
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
  const journey = useApp(app => app.journey)
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
          <MilestonesCard />
          <VotesCard wanted="running" />
          <PublicationsCard />
          <PortsCard folded />
        </>
      )
    case 'waiting-for-stable':
      return (
        <>
          <WaitingFacts />
          <MeanwhileCard />
          <MilestonesCard />
          <VotesCard wanted="stable" />
          <RunCard />
          <WhatIfCard />
          <PhasesCard />
          <WaitingTips />
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
          <PortsCard folded />
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
    <Page view="home" title={title} lead={lead} head={<Stages />} picture={step === 'consent' && !details && <Horizon open={false} />}>
      <ConsentNotices />
      <ProblemList />
      <Body details={details} />
    </Page>
  )
}
