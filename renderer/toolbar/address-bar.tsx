import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { ToolbarState } from '../../shared/toolbar.ts'
import { Icon } from '../components/icons.tsx'
import { formatPercent, words } from '../i18n/words.ts'
import { webAddress } from '../model.ts'
import type { TabStore } from './tab-store.ts'

/** Back, forward, reload, where we are, zoom. What somebody is typing is theirs until they go, or leave it. */
export function AddressBar({ store, page }: { store: TabStore; page: ToolbarState['page'] }) {
  const [typed, setTyped] = useState<string>()
  const [invalid, setInvalid] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const wish = useStore(store, ({ focus }) => focus)
  const text = words.toolbar
  const { act } = store

  useEffect(() => {
    if (wish?.on === 'address') input.current?.select()
  }, [wish])

  function submit(event: FormEvent): void {
    event.preventDefault()
    const url = webAddress(typed ?? page.url)
    setInvalid(url === undefined)
    if (url === undefined) return
    setTyped(undefined)
    input.current?.blur()
    act({ do: 'go', url })
  }

  function forget(): void {
    setTyped(undefined)
    setInvalid(false)
  }

  const isPlain = page.url.startsWith('http:')
  return (
    <form className="address-bar" aria-label={text.page} onSubmit={submit} noValidate>
      <button
        type="button"
        className="icon-button flip"
        aria-label={text.back}
        disabled={!page.canGoBack}
        onClick={() => act({ do: 'back' })}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        className="icon-button flip"
        aria-label={text.forward}
        disabled={!page.canGoForward}
        onClick={() => act({ do: 'forward' })}
      >
        <Icon name="arrow" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={page.loading ? text.stop : text.reload}
        onClick={() => act({ do: page.loading ? 'stop' : 'reload' })}
      >
        <Icon name={page.loading ? 'cross' : 'reload'} />
      </button>
      <div className="address" data-invalid={invalid || undefined}>
        {page.url !== '' && !page.obstacle && (
          <span className="secrecy" data-plain={isPlain || undefined}>
            <Icon name={isPlain ? 'warn' : 'lock'} />
            <span className={isPlain ? undefined : 'for-screen-readers'}>{isPlain ? text.notEncrypted : text.encrypted}</span>
          </span>
        )}
        <input
          ref={input}
          type="text"
          inputMode="url"
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          maxLength={2000}
          placeholder="https://"
          aria-label={text.address}
          aria-invalid={invalid}
          aria-describedby={invalid ? 'address-error' : undefined}
          value={typed ?? page.url}
          onFocus={event => event.currentTarget.select()}
          onBlur={forget}
          onChange={event => {
            setTyped(event.currentTarget.value)
            setInvalid(false)
          }}
          onKeyDown={event => {
            if (event.key === 'Escape') forget()
          }}
        />
        <span id="address-error" className="address-error" role="status">
          {invalid ? text.noAddress : ''}
        </span>
      </div>
      {page.zoom !== 100 && (
        <button
          type="button"
          className="quiet-button"
          aria-label={text.zoomReset(formatPercent(page.zoom / 100))}
          title={text.zoomReset(formatPercent(page.zoom / 100))}
          onClick={() => act({ do: 'zoom', by: 'reset' })}
        >
          {formatPercent(page.zoom / 100)}
        </button>
      )}
      <button type="button" className="quiet-button" title={text.newIdentityHint} onClick={() => act({ do: 'new-identity' })}>
        {text.newIdentity}
      </button>
    </form>
  )
}
