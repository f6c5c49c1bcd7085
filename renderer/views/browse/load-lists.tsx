import { useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { FileField, fileFault, useChosenFile } from '../../components/file-field.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { type FaultyLine, MAX_PLACE_FILE, parsePlaceLists } from './place-list-text.ts'

/** Lines that were passed over, named at most. */
const NAMED = 5

/** A line that was passed over, in words. */
function faultWords({ line, text, fault }: FaultyLine): string {
  const { lineFaults, faults, lineFault } = words.places.lists
  const reason = fault in lineFaults ? lineFaults[fault as keyof typeof lineFaults] : faults[fault as keyof typeof faults]
  return lineFault(line, plainText(text, 60), reason)
}

/** Loads lists from a file, beside those that there are; what is not understood is passed over and named. */
export function LoadLists({ onClose }: { onClose: () => void }) {
  const lists = useApp(app => app.settings.lists)
  const update = useCall('settings.update')
  const { file: known, choose, read: reading } = useChosenFile()
  const [tried, setTried] = useState(false)
  const [outcome, setOutcome] = useState<{ added: number; faults: readonly FaultyLine[] }>()
  const text = words.places.lists

  async function load(): Promise<void> {
    setTried(true)
    const file = await reading()
    const fault = fileFault(file)
    if (fault !== undefined || !file || 'fault' in file) return announce(fault ?? '')
    const read = parsePlaceLists(file.text, lists)
    if (read.lists.length > 0 && !(await update.run({ lists: [...lists, ...read.lists] })).ok) return
    setOutcome({ added: read.lists.length, faults: read.faults })
    announce(`${text.loaded(read.lists.length)} ${read.faults.length > 0 ? text.passedOver(read.faults.length) : ''}`)
  }

  return (
    <Dialog
      title={text.loadTitle}
      onClose={onClose}
      action={
        <Button kind="primary" off={update.busy} onClick={load}>
          {text.loadButton}
        </Button>
      }
    >
      <p>{text.loadText}</p>
      <FileField
        label={text.file}
        limit={MAX_PLACE_FILE}
        error={tried ? fileFault(known) : undefined}
        onChoose={next => {
          choose(next)
          setTried(false)
          setOutcome(undefined)
        }}
      />
      {outcome && (
        <Notice kind={outcome.faults.length > 0 ? 'warn' : 'info'} title={text.loaded(outcome.added)}>
          {outcome.faults.length > 0 && (
            <>
              <p>{text.passedOver(outcome.faults.length)}</p>
              <ul className="points">
                {outcome.faults.slice(0, NAMED).map(fault => (
                  <li key={fault.line}>{faultWords(fault)}</li>
                ))}
              </ul>
              {outcome.faults.length > NAMED && <p>{text.moreFaults(outcome.faults.length - NAMED)}</p>}
            </>
          )}
        </Notice>
      )}
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
    </Dialog>
  )
}
