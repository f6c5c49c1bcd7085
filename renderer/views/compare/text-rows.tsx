import { useMemo } from 'react'
import { plainText } from '../../../shared/format.ts'
import { alignTexts, type Finding } from '../../compare-model.ts'
import { Difference } from '../../components/difference-mark.tsx'
import { words } from '../../i18n/words.ts'

/** Differences that are drawn. */
const DRAWN = 60

/** The text of the pages in reading order: what differs side by side, what all have only counted. */
export function TextRows({ columns }: { columns: readonly Finding[] }) {
  const text = words.compare
  const key = columns.map(column => column?.page?.hash ?? '').join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page never changes once it is there, and its hash says which one it is
  const parts = useMemo(() => alignTexts(columns.flatMap(({ page } = { hops: [] }) => (page ? [page.lines] : []))), [key])
  const read = columns.flatMap((column, index) => (column?.page ? [index] : []))
  const differences = parts.filter(({ kind }) => kind === 'differs').length
  const isEmpty = parts.length === 0
  const hidden = Math.max(0, differences - DRAWN)
  let drawn = 0
  return (
    <tbody data-differs={differences > 0} className="text-rows">
      <tr className="fact-title">
        <th scope="rowgroup" colSpan={columns.length}>
          <span>{text.rows.text}</span>
          {!isEmpty && read.length > 1 && <Difference differs={differences > 0} />}
          <small>
            {isEmpty ? text.textNone : differences === 0 && read.length > 1 ? text.textSame : ''}
            {columns.some(column => column?.page?.cut) && ` ${text.textCut}`}
          </small>
        </th>
      </tr>
      {read.length > 1 &&
        differences > 0 &&
        parts.map((part, index) => {
          if (drawn >= DRAWN) return null
          if (part.kind === 'same')
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts are made anew as a whole
              <tr key={index} className="same-lines">
                <td colSpan={columns.length}>{text.linesSame(part.lines.length)}</td>
              </tr>
            )
          drawn++
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts are made anew as a whole
            <tr key={index}>
              {columns.map((_, column) => {
                const at = read.indexOf(column)
                const lines = part.cells[at]
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their order
                  <td key={column} className="own-lines">
                    {lines?.map((line, number) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: lines may be the same
                      <p key={number} dir="auto" data-own={part.cells.every((other, place) => place === at || !other.includes(line))}>
                        {plainText(line, 300)}
                      </p>
                    ))}
                    {lines?.length === 0 && <span className="hint">{text.lineNone}</span>}
                  </td>
                )
              })}
            </tr>
          )
        })}
      {hidden > 0 && (
        <tr className="same-lines">
          <td colSpan={columns.length}>{text.linesMore(hidden)}</td>
        </tr>
      )}
    </tbody>
  )
}
