import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'

/** The way to the page that compares places. */
export function CompareCard() {
  const text = words.compare
  return (
    <Card title={text.cardTitle}>
      <p>{text.cardText}</p>
      <div className="row">
        <Button onClick={() => go('compare')}>{text.cardButton}</Button>
      </div>
    </Card>
  )
}
