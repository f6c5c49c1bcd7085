import { plainText } from '../../../shared/format.ts'
import { type Finding, headerFacts } from '../../compare-model.ts'
import { Difference } from '../../components/difference-mark.tsx'
import { words } from '../../i18n/words.ts'

/** The headers that differ, one below the other; those that are the same only counted. */
export function HeaderRows({ columns }: { columns: readonly Finding[] }) {
  const text = words.compare
  const headers = headerFacts(columns)
  const different = headers.filter(({ differs }) => differs)
  const same = headers.length - different.length
  return (
    <tbody data-differs={different.length > 0}>
      <tr className="fact-title">
        <th scope="rowgroup" colSpan={columns.length}>
          <span>{text.rows.headers}</span>
          {headers.length > 0 && <Difference differs={different.length > 0} />}
          <small>{headers.length === 0 ? text.headersNone : same > 0 && text.headersSame(same)}</small>
        </th>
      </tr>
      {different.map(({ name, values }) => (
        <tr key={name}>
          {values.map((value, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their order
            <td key={index}>
              {value !== undefined && (
                <>
                  <small>
                    <bdi dir="ltr">{plainText(name, 60)}</bdi>
                  </small>
                  {value === '' ? <span className="hint">{text.noHeader}</span> : <code>{plainText(value, 500)}</code>}
                </>
              )}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}
