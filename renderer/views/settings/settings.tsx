import { Card } from '../../components/card.tsx'
import { ChoiceField, SwitchField } from '../../components/form.tsx'
import { LanguageField } from '../../components/language-field.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { Agreements } from './agreements.tsx'
import { ComputerCard } from './computer.tsx'
import { Excluded } from './excluded.tsx'
import { Jumps } from './jumps.tsx'
import { NoticesCard } from './notices.tsx'
import { Places } from './places.tsx'
import { PlanCard } from './plan.tsx'
import { SettingsForm } from './settings-form.tsx'
import { WhenCard } from './when.tsx'

/** Theme and language are applied at once: there is nothing to think over. */
function AppearancePart() {
  const text = words.settings
  const { theme, contrast } = useApp(app => app.settings)
  const update = useCall('settings.update')
  return (
    <Card title={text.sections.appearance} anchor="appearance">
      <ChoiceField
        segments
        name="theme"
        label={text.theme}
        value={theme}
        options={text.themes}
        onChange={next => update.run({ theme: next })}
      />
      <SwitchField
        label={words.background.contrast}
        hint={words.background.contrastHint}
        checked={contrast === 'more'}
        onChange={more => update.run({ contrast: more ? 'more' : 'system' })}
      />
      <LanguageField />
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
    </Card>
  )
}

/** Everything a person can choose. */
export function SettingsView() {
  const text = words.settings
  const { background, places } = words
  return (
    <Page view="settings" title={text.title}>
      <div className="with-jumps">
        <Jumps
          parts={[
            ['appearance', text.sections.appearance],
            ['identity', text.sections.identity],
            ['ports', text.sections.ports],
            ['limits', text.sections.limits],
            ['cap', background.cap.title],
            ['policies', text.sections.policies],
            ['proxy', text.sections.proxy],
            ['book', text.sections.book],
            ['plan', background.plan.title],
            ['when', background.when.title],
            ['computer', background.computer.title],
            ['notices', background.notices.title],
            ['excluded', text.sections.excluded],
            ['places', places.settings.title],
            ['consents', text.sections.consents],
          ]}
        />
        <div className="stack">
          <AppearancePart />
          <SettingsForm />
          <PlanCard />
          <WhenCard />
          <ComputerCard />
          <NoticesCard />
          <Excluded />
          <Places />
          <Agreements />
        </div>
      </div>
    </Page>
  )
}
