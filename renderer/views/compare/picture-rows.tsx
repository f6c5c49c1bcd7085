import { useId, useState } from 'react'
import { type CompareState, placeKey } from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import type { Finding } from '../../compare-model.ts'
import { Status } from '../../components/status-mark.tsx'
import { words } from '../../i18n/words.ts'

interface PictureProps {
  readonly state: CompareState['columns'][number]
  readonly column: Finding
  readonly picture: string | undefined
  readonly name: string
}

/** Why there is no picture, or that it is on its way. */
function NoPicture({ state, column }: Pick<PictureProps, 'state' | 'column'>) {
  const text = words.compare
  const isTaking = state.picture === 'taking' || state.picture === 'waiting'
  const code = column?.pictureFailure
  return (
    <div className="page-picture empty-picture">
      {isTaking ? (
        <Status standing="busy">{text.takingPicture}</Status>
      ) : (
        <span className="hint">{code ? text.noPictureCode(plainText(code, 60)) : text.noPicture}</span>
      )}
    </div>
  )
}

/** The page as each place sees it; one that is pressed is shown large below. */
export function PictureRows(props: {
  readonly places: CompareState['columns']
  readonly columns: readonly Finding[]
  readonly pictures: readonly (string | undefined)[]
  readonly names: readonly string[]
}) {
  const { places, columns, pictures, names } = props
  const [large, setLarge] = useState<number>()
  const id = useId()
  const text = words.compare
  const shown = large === undefined ? undefined : pictures[large]
  return (
    <tbody>
      <tr className="fact-title">
        <th scope="rowgroup" colSpan={places.length}>
          <span>{text.rows.picture}</span>
        </th>
      </tr>
      <tr>
        {places.map((state, index) => (
          <td key={placeKey(state.place)}>
            {pictures[index] ? (
              <button
                type="button"
                className="picture-button"
                aria-expanded={large === index}
                aria-controls={id}
                onClick={() => setLarge(large === index ? undefined : index)}
              >
                <img className="page-picture" src={pictures[index]} alt={text.pictureOf(names[index]!)} />
              </button>
            ) : (
              <NoPicture state={state} column={columns[index]} />
            )}
          </td>
        ))}
      </tr>
      <tr id={id} hidden={shown === undefined}>
        <td colSpan={places.length}>
          {shown !== undefined && (
            <figure className="large-picture">
              <figcaption className="hint">{text.pictureOf(names[large!]!)}</figcaption>
              {/* The caption says what it is. */}
              <img className="page-picture" src={shown} alt="" />
            </figure>
          )}
        </td>
      </tr>
    </tbody>
  )
}
