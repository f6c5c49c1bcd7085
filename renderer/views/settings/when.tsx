import { plainText } from '../../../shared/format.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { SwitchField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'

/** Rest on battery and where bytes cost money; what the computer tells of both, and what it does not. */
export function WhenCard() {
  const { background, settings } = useApp(app => ({ background: app.background, settings: app.settings }))
  const update = useCall('settings.update')
  const tick = useCall('network.metered')
  const text = words.background.when
  const { network } = background
  const others = settings.meteredNetworks.filter(id => id !== network?.id).length
  const failed = update.failure ? update : tick
  return (
    <Card title={text.title} anchor="when">
      <SwitchField
        label={text.battery}
        hint={text.batteryHints[background.power]}
        checked={settings.pauseOnBattery}
        onChange={pauseOnBattery => update.run({ pauseOnBattery })}
      />
      <SwitchField
        label={text.metered}
        hint={network ? text.meteredHints[network.system] : text.noNetwork}
        checked={settings.pauseOnMetered}
        onChange={pauseOnMetered => update.run({ pauseOnMetered })}
      />
      {settings.pauseOnMetered && network && (
        <SwitchField
          label={text.thisNetwork}
          hint={text.networkHint(plainText(network.id, 100))}
          checked={settings.meteredNetworks.includes(network.id)}
          onChange={metered => tick.run({ id: network.id, metered })}
        />
      )}
      {settings.pauseOnMetered && others > 0 && (
        <div className="row">
          <p className="hint">{text.others(others)}</p>
          <Button
            kind="link"
            onClick={() => update.run(now => ({ meteredNetworks: now.settings.meteredNetworks.filter(id => id === network?.id) }))}
          >
            {text.forget}
          </Button>
        </div>
      )}
      <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />
    </Card>
  )
}
