import { plainText } from '../../shared/format.ts'
import type { Download, ToolbarAction, ToolbarState } from '../../shared/toolbar.ts'
import { Button } from '../components/button.tsx'
import { formatBytes, words } from '../i18n/words.ts'
import { choiceName } from './tab-words.ts'

type Answer = Extract<ToolbarAction, { do: 'download' }>['answer']

/** Questions first to be answered, and what became of them. They never take the keyboard's focus: a page chooses when they come. */
export function DownloadList({ state, act }: { state: ToolbarState; act(action: ToolbarAction): void }) {
  const { downloads, lists } = state
  if (downloads.length === 0) return null
  return (
    <ul className="downloads" aria-label={words.toolbar.downloads} aria-live="polite">
      {downloads.map(download => (
        <li key={download.id} data-step={download.step}>
          <DownloadRow
            download={download}
            place={choiceName(download.choice, lists)}
            answer={answer => act({ do: 'download', id: download.id, answer })}
          />
        </li>
      ))}
    </ul>
  )
}

function DownloadRow({ download, place, answer }: { download: Download; place: string; answer(answer: Answer): void }) {
  const { size, received, host, encrypted, step } = download
  const text = words.toolbar
  const name = plainText(download.name)
  switch (step) {
    case 'asked':
      return (
        <>
          <div>
            <strong>{text.saveQuestion(name)}</strong>
            <p>
              {text.saveFacts(size === undefined ? text.sizeUnknown : formatBytes(size), plainText(host, 260), place)}
              {!encrypted && ` ${text.savePlain}`}
            </p>
          </div>
          <Button kind="primary" onClick={() => answer('save')}>
            {text.save}
          </Button>
          <Button onClick={() => answer('cancel')}>{text.dontSave}</Button>
        </>
      )
    case 'running':
      return (
        <>
          <p>{text.saving(name, formatBytes(received))}</p>
          <progress max={size ?? 1} value={size === undefined ? undefined : received} aria-label={name} />
          <Button onClick={() => answer('cancel')}>{text.cancelDownload}</Button>
        </>
      )
    case 'saved':
      return (
        <>
          <p>{text.saved(name)}</p>
          <Button onClick={() => answer('show')}>{text.showSaved}</Button>
          <Button onClick={() => answer('forget')}>{text.forgetDownload}</Button>
        </>
      )
    case 'failed':
      return (
        <>
          <p>{text.notSaved(name)}</p>
          <Button onClick={() => answer('forget')}>{text.forgetDownload}</Button>
        </>
      )
    default:
      return step satisfies never
  }
}
