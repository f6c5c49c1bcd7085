import { type FormEvent, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CopyField } from '../../components/copy-field.tsx'
import { TextField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { shellQuoted, webAddress } from '../../model.ts'
import { picker } from './picker-state.ts'

/** Opens pages through the choice. It has another place once something is chosen: what is being typed then goes along. */
export function OpenCard() {
  const { site, on, socks } = useApp(app => ({
    site: app.network.site,
    on: app.perspective.choice.kind !== 'off',
    socks: app.perspective.socks,
  }))
  const url = useStore(picker, ({ url }) => url)
  const form = useRef<HTMLFormElement>(null)
  const [invalid, setInvalid] = useState(false)
  const [byHand, setByHand] = useState<string>()
  const opening = useCall('perspective.open')
  const text = words.browse

  useLayoutEffect(() => {
    const field = form.current?.querySelector('input')
    if (picker.getState().typing) field?.focus()
    return () => picker.setState({ typing: field !== undefined && field === document.activeElement })
  }, [])

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
      <form ref={form} className="open-form" onSubmit={submit} noValidate>
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
      {!on && <p className="hint">{text.openFirst}</p>}
      <FailureNotice failure={opening.failure} onDismiss={opening.dismiss} />
      {byHand !== undefined && (
        <Notice kind="info" title={text.notOpenedTitle} onDismiss={() => setByHand(undefined)}>
          {socks ? (
            <>
              <p>{text.notOpenedText}</p>
              <CopyField
                label={text.exampleCommand}
                value={`chromium --user-data-dir="$(mktemp -d)" --proxy-server=socks5://${socks.host}:${socks.port} --proxy-bypass-list="<-loopback>" '${shellQuoted(byHand)}'`}
              />
            </>
          ) : (
            <p>{text.proxyOff}</p>
          )}
        </Notice>
      )}
    </Card>
  )
}
