import type { CompareState } from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import { announce } from '../../announcer.ts'
import { certificatesOf, type Finding, factsOf, type HostCertificates, headerFacts } from '../../compare-model.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Difference } from '../../components/difference-mark.tsx'
import { Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatList, words } from '../../i18n/words.ts'
import { withEntry } from '../../model.ts'
import { comparePlaceName } from './place-name.tsx'

/** A certificate that somebody must look at: loud, with what it may mean, and the way to leave out a relay that shows a bad one. */
function CertificateNotice({ found, state }: { found: HostCertificates; state: CompareState }) {
  const { relays, excluded } = useApp(app => ({ relays: app.perspective.relays, excluded: app.settings.excluded }))
  const update = useCall('settings.update')
  const text = words.compare
  const host = plainText(found.host, 100)
  const places = found.refused.map(index => state.columns[index]!)
  const names = places.map(({ place }) => comparePlaceName(place, relays))
  // A relay that alone shows a bad certificate is what this page is for; when everybody sees it, it is the site's own.
  const others = found.certificates.filter(certificate => certificate && !certificate.problem).length
  const suspects = others > 0 ? places.flatMap(({ through }) => (through && !excluded.includes(through.fingerprint) ? [through] : [])) : []

  async function leaveOut({ fingerprint, nickname }: NonNullable<CompareState['columns'][number]['through']>): Promise<void> {
    const { ok } = await update.run(({ settings }) => ({ excluded: withEntry(settings.excluded, fingerprint, true) }))
    if (ok) announce(text.leftOut(plainText(nickname, 19)))
  }

  const title = found.refused.length > 0 ? text.certificateRefused(formatList(names), host) : text.certificateDiffers(host)
  return (
    <Notice
      kind={found.refused.length > 0 || found.issuersDiffer ? 'bad' : 'warn'}
      title={title}
      actions={
        suspects.length > 0 &&
        suspects.map(through => (
          <Button key={through.fingerprint} off={update.busy} onClick={() => leaveOut(through)}>
            {text.leaveOut}: {plainText(through.nickname, 19)}
          </Button>
        ))
      }
    >
      {found.refused.length > 0 && (
        <p>
          {formatList([...new Set(found.refused.map(index => text.problems[found.certificates[index]!.problem!]))])}.{' '}
          {text.certificateRefusedText}
        </p>
      )}
      {found.differs && <p>{found.issuersDiffer ? text.certificateIssuers : text.certificateOrdinary}</p>}
    </Notice>
  )
}

/** The comparison in a few words: what differs, and loudly what somebody should look at. */
export function Verdict({ state, columns }: { state: CompareState; columns: readonly Finding[] }) {
  const text = words.compare
  const through = columns.filter(column => column?.page).length
  const ended = columns.filter(column => column !== undefined).length
  if (ended === 0) return null
  const facts = factsOf(columns)
  const certificates = certificatesOf(columns)
  const alarming = certificates.filter(({ differs, refused }) => differs || refused.length > 0)
  const rows = [
    ['status', facts.status.differs],
    ['route', facts.route.differs],
    ['certificate', certificates.some(({ differs }) => differs)],
    ['headers', headerFacts(columns).some(({ differs }) => differs)],
    ['title', facts.title.differs],
    ['content', facts.content.differs],
  ] as const
  const different = rows.filter(([, differs]) => differs).map(([row]) => text.rows[row])
  return (
    <Card title={text.verdict}>
      {alarming.map(found => (
        <CertificateNotice key={found.host} found={found} state={state} />
      ))}
      <p className="verdict-sum">
        {ended > 1 && through > 0 && <Difference differs={different.length > 0} />}
        <span>
          {through === 0 && ended === state.columns.length
            ? text.nobodyAnswered
            : different.length > 0
              ? text.someDiffer(formatList(different))
              : through > 1
                ? state.running
                  ? text.allSameYet
                  : text.allSame
                : ''}
        </span>
      </p>
      {through > 0 && through < state.columns.length && !state.running && (
        <p className="hint">{text.notAll(through, state.columns.length)}</p>
      )}
    </Card>
  )
}
