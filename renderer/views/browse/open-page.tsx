import { type FormEvent, useState } from 'react'
import { useStore } from 'zustand'
import type { AppState } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CopyField } from '../../components/copy-field.tsx'
import { TextField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { isLocked, shellQuoted, torPossible, webAddress } from '../../model.ts'
import { picker } from './picker-state.ts'

/** Why no page can be opened now, with what to do about it; undefined when one can be. */
function obstacle(app: AppState): string | undefined {
  const { choice, failover } = app.perspective
  const text = words.browse
  if (failover) return text.openAsked
  if (choice.kind === 'tor') return undefined
  if (!isLocked(app)) return choice.kind === 'off' ? text.openFirst : undefined
  return torPossible(app) ? text.openLockedTor : text.openLocked
}

/** Opens pages through the choice. */
export function OpenCard() {
  const { site, why, socks } = useApp(app => ({ site: app.network.site, why: obstacle(app), socks: app.perspective.socks }))
  const on = why === undefined
  const url = useStore(picker, ({ url }) => url)
  const [invalid, setInvalid] = useState(false)
  const [byHand, setByHand] = useState<string>()
  const opening = useCall('perspective.open')
  const text = words.browse

  async function open(address: string): Promise<void> {
    setByHand(undefined)
    const answer = await opening.run({ url: address })
    if (!answer.ok) return
    if (answer.result.opened) announce(text.opened)
    else {
      setByHand(address)
      announce(text.notOpenedTitle)
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault()
    const address = webAddress(url)
    setInvalid(address === undefined)
    if (address !== undefined && on) void open(address)
  }

  return (
    <Card title={text.openTitle}>
      <form className="open-form" onSubmit={submit} noValidate>
        <TextField
          label={text.url}
          inputMode="url"
          dir="ltr"
          placeholder="https://"
          value={url}
          error={invalid ? text.urlInvalid : undefined}
          onChange={event => {
            picker.setState({ url: event.currentTarget.value })
            setInvalid(false)
          }}
        />
        <Button type="submit" kind="primary" off={!on || opening.busy}>
          {text.openPage}
        </Button>
      </form>
      {site && (
        <div className="row">
          <Button off={!on || opening.busy} onClick={() => open(site)}>
            {text.openSite}
          </Button>
        </div>
      )}
      {why && <p className="hint">{why}</p>}
      <FailureNotice failure={opening.failure} onDismiss={opening.dismiss} />
      {byHand !== undefined && (
        <>
          <Notice kind="info" title={text.notOpenedTitle} onDismiss={() => setByHand(undefined)}>
            <p>{socks ? text.notOpenedText : text.proxyOff}</p>
          </Notice>
          {socks && (
            <CopyField
              label={text.exampleCommand}
              value={`chromium --user-data-dir="$(mktemp -d)" --proxy-server=socks5://${socks.host}:${socks.port} --proxy-bypass-list="<-loopback>" '${shellQuoted(byHand)}'`}
            />
          )}
        </>
      )}
    </Card>
  )
}
