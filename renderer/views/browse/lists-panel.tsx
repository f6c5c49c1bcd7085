import { type FormEvent, useState } from 'react'
import { listNameFault, MAX_LISTS, newListId, type PlaceList, tidyListName } from '../../../shared/place-lists.ts'
import type { Choice } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { saveFile } from '../../save-file.ts'
import { LoadLists } from './load-lists.tsx'
import { OneList } from './one-list.tsx'
import { placeListText } from './place-list-text.ts'

/** The owner's lists of places: to look through, make, change, keep as a file. */
export function ListsPanel({ off, onChoose }: { off: boolean; onChoose: (choice: Choice, name: string) => void }) {
  const { lists, relays } = useApp(app => ({ lists: app.settings.lists, relays: app.perspective.relays }))
  const update = useCall('settings.update')
  const [name, setName] = useState('')
  const [fault, setFault] = useState<string>()
  const [loading, setLoading] = useState(false)
  const [opened, setOpened] = useState<string>()
  const text = words.places.lists

  /** Changes the lists as they are when its turn comes; says so when that worked. */
  async function keep(change: (lists: readonly PlaceList[]) => PlaceList[], said: string): Promise<boolean> {
    const { ok } = await update.run(({ settings }) => ({ lists: change(settings.lists) }))
    if (ok) announce(said)
    return ok
  }

  async function make(event: FormEvent): Promise<void> {
    event.preventDefault()
    const tidy = tidyListName(name)
    const wrong = listNameFault(
      tidy,
      lists.map(list => list.name),
    )
    const problem = wrong ? text.faults[wrong] : lists.length >= MAX_LISTS ? text.full : undefined
    setFault(problem)
    if (problem !== undefined) return announce(problem)
    const id = newListId(tidy, lists)
    if (!(await keep(now => [...now, { id, name: tidy, places: [] }], text.made(tidy)))) return
    // What was typed meanwhile is the next one.
    setName(now => (now === name ? '' : now))
    setOpened(id)
  }

  function save(): void {
    const names = new Map(relays.map(({ fingerprint, nickname }) => [fingerprint, nickname]))
    saveFile(
      'vantage-lists.txt',
      placeListText(lists, place => names.get(place)),
    )
  }

  return (
    <div className="stack">
      <p>{text.text}</p>
      {lists.length === 0 && <p className="hint">{text.none}</p>}
      {lists.length > 0 && (
        <ul className="place-lists">
          {lists.map(list => (
            <li key={list.id}>
              <OneList list={list} lists={lists} open={opened === list.id} off={off} keep={keep} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      )}
      <form className="open-form" onSubmit={make} noValidate>
        <TextField
          label={text.name}
          value={name}
          maxLength={80}
          error={fault}
          onChange={event => {
            setName(event.currentTarget.value)
            setFault(undefined)
          }}
        />
        <Button type="submit" off={update.busy}>
          {text.make}
        </Button>
      </form>
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
      <div className="row">
        <button type="button" className="quiet-button" onClick={() => setLoading(true)}>
          {text.load}
        </button>
        {lists.length > 0 && (
          <button type="button" className="quiet-button" onClick={save}>
            {text.save}
          </button>
        )}
      </div>
      {loading && <LoadLists onClose={() => setLoading(false)} />}
    </div>
  )
}
