import { useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { FileField, fileFault, useChosenFile } from '../../components/file-field.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { blockFault, MAX_LIST_BYTES, partsOf } from './model.ts'

interface Outcome {
  readonly total: number
  readonly passedOver: number
  /** The first line that was passed over. */
  readonly first?: { readonly line: number; readonly text: string; readonly reason: string }
}

/** Loads a list from a file; lines that are not understood are passed over, and the first of them is shown. */
export function ImportBlocks({ onClose, onLoaded }: { onClose: () => void; onLoaded: () => void }) {
  const text = words.safety.blocks
  const { file: known, choose, read } = useChosenFile()
  const [mode, setMode] = useState<'add' | 'replace'>('add')
  const [tried, setTried] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  const load = useCall('blocks.import')
  const list = useCall('blocks.get')

  async function run(): Promise<void> {
    setTried(true)
    const file = await read()
    const fault = fileFault(file)
    if (fault !== undefined || !file || 'fault' in file) return announce(fault ?? '')
    setOutcome(undefined)
    const content = file.text.replace(/^\uFEFF/, '')
    const lines = content.split(/\r?\n/)
    let passedOver = 0
    let first: Outcome['first']
    const parts = partsOf(content)
    const id = crypto.randomUUID()
    for (const [index, part] of parts.entries()) {
      // Nothing changes before the last part is there.
      const answer = await load.run({ id, text: part.text, part: index, last: index === parts.length - 1, replace: mode === 'replace' })
      if (!answer.ok) return onLoaded()
      const { errors } = answer.result
      passedOver += errors.length
      const [error] = errors
      if (error && !first) {
        const line = part.before + error.line
        first = { line, text: lines[line - 1] ?? '', reason: error.reason }
      }
    }
    const now = await list.run(undefined)
    setOutcome({ total: now.ok ? now.result.entries.length : 0, passedOver, ...(first ? { first } : {}) })
    announce(now.ok ? text.imported(now.result.entries.length) : '')
    onLoaded()
  }

  return (
    <Dialog
      title={text.importTitle}
      onClose={onClose}
      action={
        <Button kind="primary" off={load.busy || list.busy} onClick={run}>
          {text.importDo}
        </Button>
      }
    >
      <FileField
        label={words.safety.chooseFile}
        hint={text.importText}
        error={tried || (known && 'fault' in known) ? fileFault(known) : undefined}
        limit={MAX_LIST_BYTES}
        onChoose={chosen => {
          choose(chosen)
          setTried(false)
          setOutcome(undefined)
        }}
      />
      <ChoiceField
        name="import-mode"
        label={text.importMode}
        value={mode}
        options={text.importModes}
        hints={text.importModeHints}
        onChange={setMode}
      />
      {outcome && (
        <Notice kind={outcome.passedOver > 0 ? 'warn' : 'info'} title={text.imported(outcome.total)}>
          {outcome.first && (
            <p>
              {text.passedOver(outcome.passedOver)} {text.firstFault(outcome.first.line, plainText(outcome.first.text.trim(), 60))}{' '}
              {text.faults[blockFault(outcome.first.reason)]}
            </p>
          )}
        </Notice>
      )}
      <FailureNotice failure={load.failure} onDismiss={load.dismiss} />
    </Dialog>
  )
}
