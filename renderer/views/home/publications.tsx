import { plainText } from '../../../shared/format.ts'
import type { AppState } from '../../../shared/state.ts'
import { Card, ScrollTable } from '../../components/card.tsx'
import { type Standing, Status } from '../../components/status-mark.tsx'
import { useApp, useNow } from '../../context.tsx'
import { formatTime, words } from '../../i18n/words.ts'

type Publication = AppState['relay']['publications'][number]

const standings: Record<Publication['answer'], Standing> = {
  waiting: 'busy',
  accepted: 'fact',
  'not-new': 'fact',
  rejected: 'bad',
  unreachable: 'bad',
}

/** What each authority answered to the relay's description, and whether it was found there afterwards: only that is proof. */
export function PublicationsTable() {
  const publications = useApp(app => app.relay.publications)
  const now = useNow()
  const text = words.journey.publishing
  if (publications.length === 0) return <p className="hint">{words.relay.publicationsNone}</p>
  return (
    <ScrollTable caption={text.caption}>
      <thead>
        <tr>
          <th scope="col">{text.authority}</th>
          <th scope="col">{text.answer}</th>
          <th scope="col">{text.readBack}</th>
        </tr>
      </thead>
      <tbody>
        {publications.map(publication => (
          <tr key={publication.authority}>
            <th scope="row">
              {plainText(publication.authority, 40)}
              {publication.at !== undefined && <small>{formatTime(publication.at, now)}</small>}
            </th>
            <td>
              <Status standing={standings[publication.answer]}>
                {text.answers[publication.answer]}
                {publication.text && publication.answer !== 'accepted' && <small>{text.itsWords(plainText(publication.text))}</small>}
              </Status>
            </td>
            <td>
              <Status standing={publication.readBack ? 'good' : 'idle'}>{publication.readBack ? text.readBackYes : text.readBackNo}</Status>
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

/** The publications with their sum; folded away where they are only kept to be looked up, unless somebody refused. */
export function PublicationsCard({ folded = false }: { folded?: boolean }) {
  const publications = useApp(app => app.relay.publications)
  const text = words.journey.publishing
  const has = publications.filter(({ answer }) => answer === 'accepted' || answer === 'not-new').length
  const sum = text.summary(has, publications.length)
  if (!folded)
    return (
      <Card title={text.caption} aside={<span className="verdict">{sum}</span>}>
        <PublicationsTable />
      </Card>
    )
  return (
    <details className="card fold" open={publications.some(({ answer }) => answer === 'rejected') || undefined}>
      <summary>
        <span className="fold-title">{text.caption}</span>
        <span className="fold-sum">{sum}</span>
      </summary>
      <PublicationsTable />
    </details>
  )
}
