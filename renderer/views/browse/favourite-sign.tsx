import { Icon } from '../../components/icons.tsx'
import { words } from '../../i18n/words.ts'

/** A favourite's star. */
export function FavouriteSign() {
  return (
    <span className="favourite">
      <Icon name="star" />
      <span className="for-screen-readers">{words.browse.favourite}</span>
    </span>
  )
}
