import { Card } from '../../components/card.tsx'
import { SwitchField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'

/** Starting with the session and keeping the computer awake: what the desktop program can do and the headless one cannot. */
export function ComputerCard() {
  const { background, keepAwake, host } = useApp(app => ({
    background: app.background,
    keepAwake: app.settings.keepAwake,
    host: app.product.host,
  }))
  const update = useCall('settings.update')
  const login = useCall('login.set')
  const text = words.background.computer
  const failed = update.failure ? update : login
  if (host === 'headless')
    return (
      <Card title={text.title} anchor="computer">
        <p>{text.loginNot}</p>
        <p className="hint">{text.awakeNot}</p>
      </Card>
    )
  return (
    <Card title={text.title} anchor="computer">
      <SwitchField label={text.login} hint={text.loginHint} checked={background.login === 'on'} onChange={on => login.run({ on })} />
      <SwitchField
        label={text.awake}
        hint={background.awake ? `${text.awakeHint} ${text.awakeNow}` : text.awakeHint}
        checked={keepAwake}
        onChange={next => update.run({ keepAwake: next })}
      />
      <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />
    </Card>
  )
}
