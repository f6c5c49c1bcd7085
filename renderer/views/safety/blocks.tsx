import { useCallback, useEffect, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { type BlockEntry, MISUSES, type Misuse } from '../../../shared/perspective-server.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card, ScrollTable } from '../../components/card.tsx'
import { Icon } from '../../components/icons.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { countryName, formatTime, words } from '../../i18n/words.ts'
import { saveFile } from '../../save-file.ts'
import { AddBlock } from './add-block.tsx'
import { ImportBlocks } from './import-blocks.tsx'
import { useKnownNames } from './known-names.ts'

/** Rows drawn at first, and more with each wish. */
const STEP = 50

/** A target for people: a country by its name, a relay by its name too. */
function Target({ target, nameOf }: { target: string; nameOf: (fingerprint: string) => string | undefined }) {
  const country = /^\{([a-z]{2})\}$/.exec(target)?.[1]
  if (country)
    return (
      <>
        {countryName(country)} <small>{target}</small>
      </>
    )
  const name = nameOf(target.slice(-40))
  return (
    <>
      {name !== undefined && (
        <>
          <bdi>{plainText(name, 19)}</bdi>{' '}
        </>
      )}
      <code dir="ltr">{plainText(target, 100)}</code>
    </>
  )
}

/** Why an entry is there; what Vantage notes by itself begins with "automatic:", and is told in the person's language. */
function Reason({ reason }: { reason: string }) {
  const cause = /^automatic: (.*)$/.exec(reason)?.[1]
  if (cause === undefined) return <bdi>{plainText(reason, 300)}</bdi>
  const misuse = (Object.keys(MISUSES) as Misuse[]).find(one => MISUSES[one] === cause)
  return (
    <>
      {words.safety.blocks.automatic}
      <small className="hint">
        <bdi>{misuse ? words.safety.blocks.misuses[misuse] : plainText(cause, 300)}</bdi>
      </small>
    </>
  )
}

function List({ entries, onChanged }: { entries: readonly BlockEntry[]; onChanged: () => void }) {
  const text = words.safety.blocks
  const now = useNow()
  const nameOf = useKnownNames()
  const [search, setSearch] = useState('')
  const [shown, setShown] = useState(STEP)
  const remove = useCall('blocks.remove')
  const save = useCall('blocks.export')
  const [loading, setLoading] = useState(false)
  const failed = [remove, save].find(({ failure }) => failure)
  const wanted = search.trim().toLowerCase()
  const found = entries.filter(({ target, reason, note }) => {
    const country = /^\{(..)\}$/.exec(target)?.[1]
    const all = [target, reason, note, nameOf(target.slice(-40)), country && countryName(country)]
    return all.some(part => part?.toLowerCase().includes(wanted))
  })
  return (
    <Card title={text.listTitle} aside={<span className="hint">{text.total(entries.length)}</span>}>
      {entries.length > 5 && (
        <div className="search">
          <Icon name="search" />
          <input
            type="search"
            aria-label={text.search}
            placeholder={text.search}
            value={search}
            onChange={event => setSearch(event.currentTarget.value)}
          />
        </div>
      )}
      {found.length === 0 ? (
        <p className="hint">{entries.length === 0 ? text.empty : text.emptySearch}</p>
      ) : (
        <ScrollTable caption={text.listTitle}>
          <thead>
            <tr>
              <th scope="col">{text.whom}</th>
              <th scope="col">{text.ends}</th>
              <th scope="col">{text.why}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {found.slice(0, shown).map(({ target, expires, reason, note }) => (
              <tr key={target}>
                <th scope="row" className="block-target">
                  <Target target={target} nameOf={nameOf} />
                </th>
                <td className="number">{expires === undefined ? text.ever : formatTime(expires, now)}</td>
                <td>
                  <Reason reason={reason ?? ''} />
                  {note && (
                    <small className="hint">
                      <bdi>{plainText(note, 300)}</bdi>
                    </small>
                  )}
                </td>
                <td className="row-action">
                  <Button
                    off={remove.busy}
                    aria-label={text.removeOf(plainText(target, 100))}
                    onClick={async () => {
                      const { ok } = await remove.run({ target })
                      if (ok) announce(text.removed)
                      onChanged()
                    }}
                  >
                    {text.remove}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
      <div className="row">
        {found.length > shown && <Button onClick={() => setShown(shown + STEP)}>{words.safety.seeMore}</Button>}
        <Button onClick={() => setLoading(true)}>{text.import}</Button>
        <Button
          off={save.busy || entries.length === 0}
          onClick={async () => {
            const answer = await save.run(undefined)
            if (!answer.ok) return
            saveFile(answer.result.name, answer.result.text)
            announce(words.safety.fileSaved(answer.result.name))
          }}
        >
          {text.export}
        </Button>
      </div>
      {failed && <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />}
      {loading && <ImportBlocks onClose={() => setLoading(false)} onLoaded={onChanged} />}
    </Card>
  )
}

/** The block list: who is kept out of perspective access, and until when. */
export function BlocksSection() {
  const { run: get, failure, dismiss } = useCall('blocks.get')
  const [entries, setEntries] = useState<readonly BlockEntry[]>()
  // Vantage itself blocks who misbehaves, and entries expire.
  const blocked = useApp(app => app.server.blocked)
  const load = useCallback(async () => {
    const answer = await get(undefined)
    if (answer.ok) setEntries(answer.result.entries)
  }, [get])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number is the sign that the list has changed
  useEffect(() => {
    void load()
  }, [load, blocked])
  return (
    <>
      <AddBlock onAdded={load} />
      <FailureNotice failure={failure} onDismiss={dismiss} />
      {entries && <List entries={entries} onChanged={load} />}
    </>
  )
}
