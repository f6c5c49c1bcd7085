import { useRef, useState } from 'react'
import { words } from '../i18n/words.ts'
import { Field } from './form.tsx'

/** What became of choosing a file. */
export type ChosenFile = { readonly name: string; readonly text: string } | { readonly fault: 'large' | 'unreadable' }

/** Reads a text file that a person chose; one over `limit` bytes is not read. */
async function read(file: File, limit: number): Promise<ChosenFile> {
  if (file.size > limit) return { fault: 'large' }
  try {
    return { name: file.name, text: await file.text() }
  } catch {
    return { fault: 'unreadable' }
  }
}

type Reading = Promise<ChosenFile | undefined>

/** The file that a form has been given: what is known of it, and what it comes to once it is read, for whoever presses a button before that. */
export function useChosenFile(): {
  readonly file: ChosenFile | undefined
  choose(reading: Reading | undefined): void
  /** Nothing, when no file is chosen. */
  read(): Reading | undefined
} {
  const [file, setFile] = useState<ChosenFile>()
  const newest = useRef<Reading>(undefined)
  function choose(reading: Reading | undefined): void {
    newest.current = reading
    setFile(undefined)
    void reading?.then(chosen => newest.current === reading && setFile(chosen))
  }
  return { file, choose, read: () => newest.current }
}

/** Chooses a text file; its content goes nowhere but to `onChoose`. */
export function FileField({
  label,
  hint,
  error,
  limit,
  onChoose,
}: {
  label: string
  hint?: string
  error?: string | undefined
  /** Bytes. */
  limit: number
  onChoose: (reading: Reading | undefined) => void
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {wiring => (
        <input
          {...wiring}
          type="file"
          onChange={event => {
            const file = event.currentTarget.files?.[0]
            onChoose(file && read(file, limit))
          }}
        />
      )}
    </Field>
  )
}

/** What is wrong with a chosen file, in words. */
export function fileFault(file: ChosenFile | undefined): string | undefined {
  if (!file) return words.safety.fileMissing
  if (!('fault' in file)) return undefined
  return file.fault === 'large' ? words.safety.fileTooLarge : words.safety.fileUnreadable
}
