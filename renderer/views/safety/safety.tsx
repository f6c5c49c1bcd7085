import { useStore } from 'zustand'
import { ChoiceField } from '../../components/form.tsx'
import { Page } from '../../components/page.tsx'
import { words } from '../../i18n/words.ts'
import { BlocksSection } from './blocks.tsx'
import { ComplaintSection } from './complaint.tsx'
import { DiagnosticsSection } from './diagnostics.tsx'
import { IdentitySection } from './identity.tsx'
import { LogSection } from './log.tsx'
import { section } from './section.ts'

const sections = {
  blocks: BlocksSection,
  log: LogSection,
  complaint: ComplaintSection,
  identity: IdentitySection,
  diagnostics: DiagnosticsSection,
}

/** Who may come in, what is remembered, whose relay this is, and what to tell helpers: one part at a time. */
export function SafetyView() {
  const text = words.safety
  const { shown } = useStore(section)
  const Section = sections[shown]
  return (
    <Page view="safety" title={text.title} lead={text.lead}>
      <ChoiceField
        segments
        name="safety-section"
        label={text.section}
        value={shown}
        options={text.sections}
        onChange={next => section.setState({ shown: next })}
      />
      <Section key={shown} />
    </Page>
  )
}
