import { type FormEvent, useCallback, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { PolicyWidening } from '../../../shared/safety.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ChoiceField, SwitchField, TextField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { ceilingSentence, words } from '../../i18n/words.ts'
import { PolicyField } from '../safety/policy-field.tsx'
import { CapFacts } from './cap.tsx'
import { capNumber, type Draft, draftErrors, draftOf, isWiderThanWeb, letsOut, limitDraft, patchOf, rateNumber } from './draft.ts'
import { LineHelp } from './line.tsx'
import { keepOthers, unsaved } from './unsaved.ts'
import { WidenedPolicy } from './widened-policy.tsx'

/** The burst of a limit, as the usual values have it. */
const BURSTS = 2

interface PartProps {
  readonly draft: Draft
  readonly errors: Partial<Record<keyof Draft, string>>
  readonly change: (part: Partial<Draft>) => void
}

function Line({
  field,
  label,
  hint,
  draft,
  errors,
  change,
  ...rest
}: PartProps & { field: TextKey; label: string; hint?: string; inputMode?: 'numeric' | 'decimal' }) {
  return (
    <TextField
      {...rest}
      label={label}
      hint={hint}
      error={errors[field]}
      name={field}
      dir={field === 'contact' ? 'auto' : 'ltr'}
      value={draft[field]}
      onChange={event => change({ [field]: event.currentTarget.value })}
    />
  )
}
type TextKey = { [F in keyof Draft]: Draft[F] extends string ? (string extends Draft[F] ? F : never) : never }[keyof Draft]

function PortsPart(props: PartProps) {
  const text = words.settings
  const { draft, change } = props
  return (
    <Card title={text.sections.ports} anchor="ports">
      <div className="field-pair">
        <Line {...props} field="orPort" label={text.orPort} hint={text.portHint} inputMode="numeric" />
        <Line {...props} field="dirPort" label={text.dirPort} inputMode="numeric" />
      </div>
      <ChoiceField
        name="paKind"
        label={text.paPort}
        value={draft.paKind}
        options={text.paKinds}
        hints={text.paKindHints}
        onChange={paKind => change({ paKind })}
      />
      {draft.paKind === 'own' && <Line {...props} field="paPort" label={text.paPortNumber} inputMode="numeric" />}
      <SwitchField label={text.mapPorts} hint={text.mapPortsHint} checked={draft.mapPorts} onChange={mapPorts => change({ mapPorts })} />
    </Card>
  )
}

function LimitsPart(props: PartProps) {
  const text = words.settings
  const rate = rateNumber(props.draft.bandwidthRate)
  return (
    <Card title={text.sections.limits} anchor="limits">
      <div className="field-pair">
        <Line {...props} field="bandwidthRate" label={`${text.rate} (${text.rateUnit})`} hint={text.rateHint} inputMode="decimal" />
        <Line {...props} field="bandwidthBurst" label={`${text.burst} (${text.rateUnit})`} hint={text.burstHint} inputMode="decimal" />
      </div>
      {rate !== undefined && <p>{ceilingSentence(rate)}</p>}
      <LineHelp onTake={bytes => props.change(limitDraft(bytes, bytes * BURSTS))} />
    </Card>
  )
}

function CapPart(props: PartProps) {
  const text = words.background.cap
  const cap = capNumber(props.draft.monthlyCap)
  const rate = rateNumber(props.draft.bandwidthRate)
  return (
    <Card title={text.title} anchor="cap">
      <div className="field-pair">
        <Line {...props} field="monthlyCap" label={text.cap} hint={text.capHint} inputMode="decimal" />
        <Line {...props} field="capStartDay" label={text.day} hint={text.dayHint} inputMode="numeric" />
      </div>
      {cap !== undefined && rate !== undefined && <CapFacts cap={cap} rate={rate} />}
    </Card>
  )
}

/** Whether each policy, as the relay program judged it, can be saved; `undefined`: not looked at yet. */
interface PolicyVerdicts {
  readonly exitPolicy: boolean | undefined
  readonly perspectivePolicy: boolean | undefined
}

function PoliciesPart({ draft, errors, change, onVerdict }: PartProps & { onVerdict: (part: Partial<PolicyVerdicts>) => void }) {
  const text = words.settings
  const onExit = useCallback((exitPolicy: boolean | undefined) => onVerdict({ exitPolicy }), [onVerdict])
  const onPerspective = useCallback((perspectivePolicy: boolean | undefined) => onVerdict({ perspectivePolicy }), [onVerdict])
  return (
    <Card title={text.sections.policies} anchor="policies">
      <PolicyField
        label={text.perspectivePolicy}
        hint={text.perspectivePolicyHint}
        error={errors.perspectivePolicy}
        value={draft.perspectivePolicy}
        onChange={perspectivePolicy => change({ perspectivePolicy })}
        onVerdict={onPerspective}
      />
      {isWiderThanWeb(draft.perspectivePolicy) && (
        <Notice kind="warn">
          <p>{text.perspectiveWarning}</p>
        </Notice>
      )}
      <ChoiceField
        name="admits"
        label={text.admits}
        value={draft.perspectiveAdmits}
        options={text.admitsKinds}
        hints={text.admitsHints}
        onChange={perspectiveAdmits => change({ perspectiveAdmits })}
      />
      <PolicyField
        label={text.exitPolicy}
        hint={text.exitPolicyHint}
        error={errors.exitPolicy}
        value={draft.exitPolicy}
        onChange={exitPolicy => change({ exitPolicy })}
        onVerdict={onExit}
      />
      {letsOut(draft.exitPolicy) && (
        <Notice kind="warn">
          <p>{text.exitWarning}</p>
        </Notice>
      )}
    </Card>
  )
}

/** What is thought over before it is saved. Only what differs is sent, and only when all of it can be right. */
export function SettingsForm() {
  const text = words.settings
  const { saved, sharing } = useApp(app => ({ saved: app.settings, sharing: app.consents.perspective !== undefined }))
  const changes = useStore(unsaved, ({ changes }) => changes)
  const [tried, setTried] = useState(false)
  const [verdicts, setVerdicts] = useState<PolicyVerdicts>({ exitPolicy: undefined, perspectivePolicy: undefined })
  const onVerdict = useCallback((part: Partial<PolicyVerdicts>) => setVerdicts(before => ({ ...before, ...part })), [])
  const [widening, setWidening] = useState<PolicyWidening>()
  const widens = useCall('policy.widens')
  const update = useCall('settings.update')
  const form = useRef<HTMLFormElement>(null)
  const draft = { ...draftOf(saved), ...changes }
  const errors = draftErrors(draft)
  const judged = (['exitPolicy', 'perspectivePolicy'] as const).filter(field => verdicts[field] === false && errors[field] === undefined)
  const wrong = Object.keys(errors).length + judged.length
  const dirty = wrong > 0 || Object.keys(patchOf(draft, saved)).length > 0
  const change = (part: Partial<Draft>) => unsaved.setState({ changes: { ...unsaved.getState().changes, ...part } })
  const parts: PartProps = { draft, errors, change }

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault()
    setTried(true)
    if (wrong > 0) {
      announce(text.fix(wrong))
      const field = form.current?.querySelector<HTMLElement>('[aria-invalid=true]')
      field?.focus()
      // The bar that saves would cover a field at the foot of the window.
      field?.scrollIntoView({ block: 'center' })
      return
    }
    // What members may reach was part of the agreement to share; before there is one, it shows the policy itself.
    if (sharing && draft.perspectivePolicy.trim() !== saved.perspectivePolicy) {
      const answer = await widens.run({ text: draft.perspectivePolicy })
      if (!answer.ok) return
      if (answer.result.ports.length > 0) return setWidening(answer.result)
    }
    await send()
  }

  async function send(): Promise<void> {
    setWidening(undefined)
    const { ok } = await update.run(patchOf(draft, saved))
    if (!ok) return
    keepOthers(changes)
    setTried(false)
    announce(text.saved)
  }

  return (
    <>
      <form className="stack" ref={form} onSubmit={save} noValidate>
        <Card title={text.sections.identity} anchor="identity">
          <Line {...parts} field="nickname" label={text.nickname} hint={text.nicknameHint} />
          <Line {...parts} field="contact" label={text.contact} hint={text.contactHint} />
          <Line {...parts} field="address" label={text.address} hint={text.addressHint} />
        </Card>
        <PortsPart {...parts} />
        <LimitsPart {...parts} />
        <CapPart {...parts} />
        <PoliciesPart {...parts} onVerdict={onVerdict} />
        <Card title={text.sections.proxy} anchor="proxy">
          <div className="field-pair">
            <Line {...parts} field="socksPort" label={text.socksPort} hint={text.proxyHint} inputMode="numeric" />
            <Line {...parts} field="httpPort" label={text.httpPort} hint={text.proxyHint} inputMode="numeric" />
          </div>
          <SwitchField
            label={text.proxySecret}
            hint={text.proxySecretHint}
            checked={draft.proxySecret}
            onChange={proxySecret => change({ proxySecret })}
          />
        </Card>
        <Card title={text.sections.book} anchor="book">
          <Line {...parts} field="contributionDays" label={text.contributionDays} hint={text.contributionDaysHint} inputMode="numeric" />
          <Line {...parts} field="coreWatts" label={text.coreWatts} hint={text.coreWattsHint} inputMode="decimal" />
        </Card>
        <FailureNotice failure={update.failure ?? widens.failure} onDismiss={update.failure ? update.dismiss : widens.dismiss} />
        {dirty && (
          <div className="save-bar">
            <p>{tried && wrong > 0 ? text.fix(wrong) : text.unsaved}</p>
            <Button
              onClick={() => {
                unsaved.setState({ changes: {} })
                setTried(false)
              }}
            >
              {text.discard}
            </Button>
            <Button type="submit" kind="primary" off={update.busy || widens.busy}>
              {text.save}
            </Button>
          </div>
        )}
      </form>
      {widening && <WidenedPolicy widening={widening} onClose={() => setWidening(undefined)} onAgree={() => void send()} />}
    </>
  )
}
