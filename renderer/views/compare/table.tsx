import type { ReactNode } from 'react'
import { type CompareCertificate, type CompareState, placeKey } from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import { answerKind, certificatesOf, type Finding, factsOf, lastHop } from '../../compare-model.ts'
import { Card, ScrollTable } from '../../components/card.tsx'
import { Difference } from '../../components/difference-mark.tsx'
import { Status } from '../../components/status-mark.tsx'
import { useApp } from '../../context.tsx'
import { formatBytes, formatDay, formatMilliseconds, words } from '../../i18n/words.ts'
import { HeaderRows } from './header-rows.tsx'
import { OpenThere } from './open-there.tsx'
import { PictureRows } from './picture-rows.tsx'
import { comparePlaceName, PlaceSign, placeNote } from './place-name.tsx'
import { TextRows } from './text-rows.tsx'

export interface ColumnsProps {
  readonly state: CompareState
  readonly columns: readonly Finding[]
}

/** One thing, what it is over the whole width, and below what each place has of it. */
function FactRows({
  title,
  differs,
  note,
  children,
}: {
  title: string
  differs?: boolean | undefined
  note?: ReactNode
  children: readonly ReactNode[]
}) {
  return (
    <tbody data-differs={differs}>
      <tr className="fact-title">
        <th scope="rowgroup" colSpan={children.length}>
          <span>{title}</span>
          {differs !== undefined && <Difference differs={differs} />}
          {note}
        </th>
      </tr>
      <tr>
        {children.map((cell, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their order
          <td key={index}>{cell}</td>
        ))}
      </tr>
    </tbody>
  )
}

/** What a place's last answer was, or why there is none. */
function StatusCell({ column }: { column: Finding }) {
  const text = words.compare
  if (!column) return null
  const status = lastHop(column)?.status
  return (
    <>
      {status !== undefined && (
        <Status standing={status < 400 ? 'fact' : 'bad'}>
          <span className="answer-code">{status}</span>
          <small>{text.answers[answerKind(status)]}</small>
        </Status>
      )}
      {column.failure && <Status standing={column.failure === 'cancelled' ? 'off' : 'bad'}>{text.failures[column.failure]}</Status>}
    </>
  )
}

function CertificateCell({ column, certificate }: { column: Finding; certificate: CompareCertificate | undefined }) {
  const text = words.compare
  if (!column) return null
  if (!certificate)
    return (
      <span className="hint">{column.hops.some(({ url }) => url.startsWith('https:')) ? text.noCertificateSeen : text.noCertificate}</span>
    )
  const { issuer, subject, validFrom, validTo, fingerprint, problem } = certificate
  return (
    <>
      {problem && <Status standing="bad">{text.problems[problem]}</Status>}
      <dl className="cell-facts">
        <dt>{text.issuer}</dt>
        <dd>
          <bdi dir="ltr">{plainText(issuer)}</bdi>
        </dd>
        <dt>{text.subject}</dt>
        <dd>
          <bdi dir="ltr">{plainText(subject)}</bdi>
        </dd>
        <dt>{text.valid}</dt>
        <dd>{text.validFromTo(formatDay(validFrom), formatDay(validTo))}</dd>
        <dt>{text.fingerprint}</dt>
        <dd>
          <code title={fingerprint}>{fingerprint.slice(0, 12)}…</code>
        </dd>
      </dl>
    </>
  )
}

/** Everything that each place saw, side by side. */
export function CompareTable({ state, columns, pictures }: ColumnsProps & { pictures: readonly (string | undefined)[] }) {
  const relays = useApp(app => app.perspective.relays)
  const text = words.compare
  const facts = factsOf(columns)
  const places = state.columns
  const names = places.map(({ place }) => comparePlaceName(place, relays))
  const each = (cell: (column: Finding, index: number) => ReactNode) => places.map((_, index) => cell(columns[index], index))
  const certificates = certificatesOf(columns)
  const ended = columns.some(column => column !== undefined)
  // Of what no place was sent nothing is the same.
  const answered = columns.some(column => column && lastHop(column)?.status !== undefined)
  const sent = columns.some(column => column?.page)
  return (
    <Card title={text.table} aside={<span className="hint">{text.asText}</span>}>
      <div className="compare-table" data-columns={places.length}>
        <ScrollTable caption={text.table}>
          <thead>
            <tr>
              {places.map((column, index) => (
                <th scope="col" key={placeKey(column.place)}>
                  <div className="place-head">
                    <PlaceSign place={column.place} relays={relays} country={column.through?.country} />
                    <span className="place-title">{names[index]}</span>
                    <small>{placeNote(column)}</small>
                    {column.step !== 'done' && (
                      <Status standing={column.step === 'waiting' ? 'idle' : 'busy'}>{text.steps[column.step]}</Status>
                    )}
                    <OpenThere place={column.place} name={names[index]!} url={state.url} />
                  </div>
                </th>
              ))}
            </tr>
          </thead>
          {places.some(({ picture }) => picture !== 'none') && (
            <PictureRows places={places} columns={columns} pictures={pictures} names={names} />
          )}
          <FactRows title={text.rows.status} differs={ended ? facts.status.differs : undefined}>
            {each(column => (
              <StatusCell column={column} />
            ))}
          </FactRows>
          {answered && (
            <>
              <FactRows title={text.rows.route} differs={facts.route.differs}>
                {each(column => column && <Route column={column} />)}
              </FactRows>
              <FactRows title={text.rows.time}>{each(column => column && <Times column={column} />)}</FactRows>
              <FactRows title={text.rows.server}>
                {each(column => column && <code>{plainText(lastHop(column)?.address ?? '–', 45)}</code>)}
              </FactRows>
            </>
          )}
          {answered && certificates.length === 0 && (
            <FactRows title={text.rows.certificate}>
              {each(column => (
                <CertificateCell column={column} certificate={undefined} />
              ))}
            </FactRows>
          )}
          {certificates.map(({ host, certificates: shown, differs, refused }) => (
            <FactRows
              key={host}
              title={`${text.rows.certificate}: ${plainText(host, 100)}`}
              differs={differs || refused.length > 0 ? differs : false}
            >
              {each((column, index) => (
                <CertificateCell column={column} certificate={shown[index]} />
              ))}
            </FactRows>
          ))}
          {sent && (
            <>
              <HeaderRows columns={places.map((_, index) => columns[index])} />
              <FactRows title={text.rows.content} differs={facts.content.differs}>
                {each(
                  column =>
                    column?.page && (
                      <>
                        {formatBytes(column.page.bytes)}
                        <small>
                          SHA-256 <code title={column.page.hash}>{column.page.hash.slice(0, 12)}…</code>
                        </small>
                      </>
                    ),
                )}
              </FactRows>
              <FactRows title={text.rows.title} differs={facts.title.differs}>
                {each(column => column?.page && <bdi>{plainText(column.page.title ?? '', 300) || text.noTitle}</bdi>)}
              </FactRows>
              <TextRows columns={places.map((_, index) => columns[index])} />
            </>
          )}
        </ScrollTable>
      </div>
    </Card>
  )
}

function Route({ column }: { column: NonNullable<Finding> }) {
  const [, ...others] = column.hops
  if (others.length === 0 && column.hops[0]?.status === undefined) return null
  if (others.length === 0) return <span className="hint">{words.compare.noRedirect}</span>
  return (
    <ol className="route">
      {others.map(({ url }, index) => (
        <li key={url}>
          <span className="answer-code">{column.hops[index]!.status}</span> <bdi dir="ltr">{plainText(url, 300)}</bdi>
        </li>
      ))}
    </ol>
  )
}

function Times({ column }: { column: NonNullable<Finding> }) {
  const { firstByteMs, connectMs } = lastHop(column) ?? {}
  if (connectMs === undefined) return null
  return (
    <dl className="cell-facts">
      <dt>{words.compare.firstByte}</dt>
      <dd>{firstByteMs === undefined ? '–' : formatMilliseconds(firstByteMs)}</dd>
      <dt>{words.compare.connect}</dt>
      <dd>{formatMilliseconds(connectMs)}</dd>
    </dl>
  )
}
