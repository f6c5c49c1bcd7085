import { type FormEvent, useState } from 'react'
import { useStore } from 'zustand'
import type { ComparePlace } from '../../../shared/compare.ts'
import { announce } from '../../announcer.ts'
import { canCompare } from '../../compare-model.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { SwitchField, TextField } from '../../components/form.tsx'
import { Icon } from '../../components/icons.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { isLocked, torPossible, webAddress } from '../../model.ts'
import { compareForm } from './form-state.ts'
import { PlacePicker } from './places.tsx'

/** Addresses of the practice network that answer differently by place. */
function PracticeAddresses() {
  const { site, secureSite, tamperedSite } = useApp(app => app.network)
  const text = words.compare
  if (!site) return null
  const addresses = [
    [text.practiceSite, site],
    [text.practiceShop, new URL('/offers', site).href],
    [text.practiceSecure, secureSite],
    [text.practiceTampered, tamperedSite],
  ] as const
  return (
    <div className="practice-addresses">
      <span className="hint">{text.practice}</span>
      {addresses.map(([name, url]) =>
        url ? (
          <button key={name} type="button" className="quiet-button" onClick={() => compareForm.setState({ url })}>
            {name}
          </button>
        ) : null,
      )}
    </div>
  )
}

/** What to compare and from where; starts it. */
export function CompareForm({ running }: { running: boolean }) {
  const { url, places, home, pictures } = useStore(compareForm)
  const { host, locked, tor } = useApp(app => ({ host: app.product.host, locked: isLocked(app), tor: torPossible(app) }))
  const [wrong, setWrong] = useState<'url' | 'places'>()
  const start = useCall('compare.start')
  const text = words.compare
  const hasCamera = host === 'electron'
  const chosen: ComparePlace[] = [
    ...places.filter(place => canCompare(place, { locked, tor })),
    ...(home ? [{ kind: 'home' } as const] : []),
  ]

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const address = webAddress(url)
    const fault = address === undefined ? 'url' : chosen.length < 2 ? 'places' : undefined
    setWrong(fault)
    if (fault === 'places') announce(text.tooFew)
    if (fault !== undefined || address === undefined) return
    const { ok } = await start.run({ url: address, places: chosen, pictures: pictures && hasCamera })
    if (ok) announce(text.started)
  }

  return (
    <Card title={text.setUp}>
      <form onSubmit={submit} noValidate className="stack compare-form">
        <div className="open-form">
          <TextField
            label={words.browse.url}
            inputMode="url"
            dir="ltr"
            placeholder="https://"
            value={url}
            error={
              wrong === 'url' && webAddress(url) === undefined
                ? url.trim() === ''
                  ? text.addressMissing
                  : words.browse.urlInvalid
                : undefined
            }
            onChange={event => {
              compareForm.setState({ url: event.currentTarget.value })
              setWrong(undefined)
            }}
          />
          <Button type="submit" kind="primary" off={start.busy || running}>
            {text.start}
          </Button>
        </div>
        <PracticeAddresses />
        <div className="compare-set-up">
          <PlacePicker />
          <div className="stack">
            <SwitchField label={text.home} hint={text.homeHint} checked={home} onChange={next => compareForm.setState({ home: next })} />
            {hasCamera ? (
              <SwitchField
                label={text.pictures}
                hint={text.picturesHint}
                checked={pictures}
                onChange={next => compareForm.setState({ pictures: next })}
              />
            ) : (
              <p className="hint">{text.picturesNone}</p>
            )}
            <div className="who-sees">
              <Icon name="about" />
              <div>
                <strong>{text.who}</strong>
                <p className="hint">{text.whoText}</p>
              </div>
            </div>
          </div>
        </div>
        {wrong === 'places' && chosen.length < 2 && <p className="error">{text.tooFew}</p>}
        <FailureNotice failure={start.failure} onDismiss={start.dismiss} />
      </form>
    </Card>
  )
}
