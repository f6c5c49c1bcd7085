import { type FormEvent, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { listNameFault, MAX_LIST_PLACES, type PlaceList, tidyListName } from '../../../shared/place-lists.ts'
import type { Choice } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { TextField } from '../../components/form.tsx'
import { Icon } from '../../components/icons.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { withEntry } from '../../model.ts'
import { membersOf, placeTyped, withList } from './list-edit.ts'
import { placeName } from './place-words.ts'

interface OneListProps {
  readonly list: PlaceList
  readonly lists: readonly PlaceList[]
  readonly open: boolean
  readonly off: boolean
  readonly keep: (change: (lists: readonly PlaceList[]) => PlaceList[], said: string) => Promise<boolean>
  readonly onChoose: (choice: Choice, name: string) => void
}

/** One list: what is on it, and what can be done with it. */
export function OneList({ list, lists, open, off, keep, onChoose }: OneListProps) {
  const { relays, choice } = useApp(app => ({ relays: app.perspective.relays, choice: app.perspective.choice }))
  const text = words.places.lists
  const name = plainText(list.name, 40)
  const chosen = choice.kind === 'list' && choice.list === list.id
  return (
    <details className="fold place-list" open={open || undefined}>
      <summary>
        <span className="fold-name">{name}</span>
        <span className="fold-sum hint">
          <span>{text.size(list.places.length)}</span>
          <span>{text.members(membersOf(list, relays))}</span>
          {chosen && <Icon name="check" />}
        </span>
      </summary>
      <div className="stack">
        <div className="row">
          <Button
            kind="primary"
            off={off || list.places.length === 0}
            onClick={() => onChoose({ kind: 'list', list: list.id }, words.browse.lookingList(name))}
          >
            {text.look(name)}
          </Button>
        </div>
        <Places list={list} keep={keep} />
        <AddPlace list={list} keep={keep} />
        <Rename list={list} lists={lists} keep={keep} chosen={chosen} />
      </div>
    </details>
  )
}

type PartProps = Pick<OneListProps, 'list' | 'keep'>

function Places({ list, keep }: PartProps) {
  const relays = useApp(app => app.perspective.relays)
  const text = words.places.lists
  if (list.places.length === 0) return <p className="hint">{text.empty}</p>
  const nameOf = (place: string) =>
    placeName({ choice: place.length === 2 ? { kind: 'country', country: place } : { kind: 'relay', fingerprint: place }, relays })
  return (
    <ul className="place-chips">
      {list.places.map(place => (
        <li key={place}>
          {place.length === 2 && <CountryPlate code={place} />}
          <span>{nameOf(place)}</span>
          <button
            type="button"
            className="icon-button"
            aria-label={text.remove(nameOf(place))}
            onClick={() =>
              keep(
                lists => withList(lists, list.id, ({ places }) => ({ places: withEntry(places, place, false) })),
                text.removed(nameOf(place)),
              )
            }
          >
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  )
}

function AddPlace({ list, keep }: PartProps) {
  const relays = useApp(app => app.perspective.relays)
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  const text = words.places.lists

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault()
    const found = placeTyped(typed, relays)
    const problem =
      'fault' in found
        ? text[found.fault]
        : list.places.includes(found.place)
          ? text.there
          : list.places.length >= MAX_LIST_PLACES
            ? text.full
            : undefined
    setFault(problem)
    if (problem !== undefined || 'fault' in found) return announce(problem ?? '')
    const ok = await keep(
      lists => withList(lists, list.id, ({ places }) => ({ places: withEntry(places, found.place, true) })),
      text.added(plainText(typed, 60), list.name),
    )
    // What was typed meanwhile is the next one.
    if (ok) setTyped(now => (now === typed ? '' : now))
  }

  return (
    <form className="open-form" onSubmit={add} noValidate>
      <TextField
        label={text.add}
        value={typed}
        maxLength={80}
        error={fault}
        onChange={event => {
          setTyped(event.currentTarget.value)
          setFault(undefined)
        }}
      />
      <Button type="submit">{text.addButton}</Button>
    </form>
  )
}

function Rename({ list, lists, keep, chosen }: PartProps & Pick<OneListProps, 'lists'> & { chosen: boolean }) {
  const [asking, setAsking] = useState<'rename' | 'delete'>()
  const [next, setNext] = useState(list.name)
  const [fault, setFault] = useState<string>()
  const choose = useCall('perspective.choose')
  const text = words.places.lists
  const name = plainText(list.name, 40)

  async function rename(): Promise<void> {
    const tidy = tidyListName(next)
    const wrong = listNameFault(
      tidy,
      lists.filter(({ id }) => id !== list.id).map(other => other.name),
    )
    setFault(wrong && text.faults[wrong])
    if (wrong) return announce(text.faults[wrong])
    if (await keep(now => withList(now, list.id, () => ({ name: tidy })), text.renamed(tidy))) setAsking(undefined)
  }

  async function remove(): Promise<void> {
    // Off first: nothing may be looked through that its owner deletes.
    if (chosen && !(await choose.run({ kind: 'off' })).ok) return
    if (await keep(now => now.filter(({ id }) => id !== list.id), text.deleted(list.name))) setAsking(undefined)
  }

  return (
    <div className="row">
      <button type="button" className="quiet-button" onClick={() => setAsking('rename')}>
        {text.rename}
      </button>
      <button type="button" className="quiet-button" onClick={() => setAsking('delete')}>
        {text.delete}
      </button>
      {asking === 'rename' && (
        <Dialog
          title={text.rename}
          onClose={() => setAsking(undefined)}
          action={
            <Button kind="primary" onClick={rename}>
              {text.rename}
            </Button>
          }
        >
          <TextField
            label={text.renameTo}
            value={next}
            maxLength={80}
            error={fault}
            onChange={event => {
              setNext(event.currentTarget.value)
              setFault(undefined)
            }}
          />
        </Dialog>
      )}
      {asking === 'delete' && (
        <Dialog
          title={text.deleteTitle(name)}
          onClose={() => setAsking(undefined)}
          action={
            <Button kind="danger" onClick={remove}>
              {text.delete}
            </Button>
          }
        >
          <p>{text.deleteText}</p>
        </Dialog>
      )}
    </div>
  )
}
