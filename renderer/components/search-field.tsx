import { useId } from 'react'
import { words } from '../i18n/words.ts'
import { Icon } from './icons.tsx'

/** A search field that Escape clears. */
export function SearchField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId()
  return (
    <div className="search">
      <label htmlFor={id} className="for-screen-readers">
        {label}
      </label>
      <Icon name="search" />
      <input
        id={id}
        type="search"
        placeholder={label}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={event => onChange(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && value !== '') {
            event.preventDefault()
            onChange('')
          }
        }}
      />
      {value !== '' && (
        <button type="button" className="icon-button" aria-label={words.browse.clearSearch} onClick={() => onChange('')}>
          <Icon name="cross" />
        </button>
      )}
    </div>
  )
}
