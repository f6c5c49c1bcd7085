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
  onChoose: (file: ChosenFile | undefined) => void
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {wiring => (
        <input
          {...wiring}
          type="file"
          onChange={async event => {
            const file = event.currentTarget.files?.[0]
            onChoose(file && (await read(file, limit)))
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
