import { useEffect, useRef, useState } from 'react'
import { announce } from '../announcer.ts'
import { words } from '../i18n/words.ts'
import { Icon } from './icons.tsx'

async function copy(text: string, from: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Without the permission the text is at least selected, ready for Ctrl+C.
    if (from) getSelection()?.selectAllChildren(from)
    return false
  }
}

/** A value to be carried elsewhere, with a button that copies it. `text` is what is copied when the shown form differs. */
export function CopyField({ label, value, text = value }: { label: string; value: string; text?: string }) {
  const code = useRef<HTMLElement>(null)
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <div className="copy-field">
      <span className="copy-label">{label}</span>
      <span className="copy-line">
        <code ref={code}>{value}</code>
        <button
          type="button"
          className="icon-button"
          aria-label={words.copyOf(label)}
          title={copied ? words.copied : words.copy}
          onClick={async () => {
            const done = await copy(text, code.current)
            setCopied(done)
            announce(done ? words.copied : words.copyFailed)
          }}
        >
          {copied ? <Icon name="check" /> : <Icon name="copy" />}
        </button>
      </span>
    </div>
  )
}
