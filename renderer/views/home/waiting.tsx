import { plainText } from '../../../shared/format.ts'
import type { AppState } from '../../../shared/state.ts'
import { earliestListing, nextVoting } from '../../../shared/voting-times.ts'
import { Card, Figure, ScrollTable } from '../../components/card.tsx'
import { type Standing, Status } from '../../components/status-mark.tsx'
import { useApp, useFigures, useNow } from '../../context.tsx'
import { formatAgo, formatBytes, formatCount, formatDuration, formatPercent, formatTime, formatUntil, words } from '../../i18n/words.ts'
import { countVotes } from '../../model.ts'
import { RunFigure } from './run.tsx'

type Vote = AppState['votes']['entries'][number]

/** How far it has come, and when the next list comes: clock times, never a promise. */
export function WaitingFacts() {
  const text = words.journey.waiting
  const { journey, consensus, kind } = useApp(app => ({ journey: app.journey, consensus: app.network.consensus, kind: app.network.kind }))
  const { stable, needed, record } = useApp(app => ({
    stable: countVotes(app, 'stable'),
    needed: app.votes.needed,
    record: app.record,
  }))
  const carried = useFigures(app => app.relay.carried)
  const now = useNow()
  if (journey.step !== 'publishing' && journey.step !== 'waiting-for-listing' && journey.step !== 'waiting-for-stable') return null
  const next = consensus && nextVoting(consensus, now)
  const published = journey.step === 'waiting-for-listing' ? journey.publishedAt : now
  const moment = (label: string, at: number | undefined) => (
    <Figure
      label={label}
      value={at === undefined ? text.nextConsensusUnknown : formatTime(at, now)}
      note={at === undefined ? undefined : formatUntil(at, now)}
    />
  )
  return (
    <>
      <dl className="figures">
        {journey.step === 'waiting-for-listing' && (
          <Figure label={text.published} value={formatTime(journey.publishedAt, now)} note={formatAgo(journey.publishedAt, now)} />
        )}
        {journey.step === 'waiting-for-stable' && (
          <>
            <Figure label={text.callStable} value={formatCount(stable)} note={text.needed(needed)} />
            <RunFigure record={record} now={now} />
          </>
        )}
        {moment(words.record.schedule.nextVote, next?.voteAt)}
        {journey.step !== 'waiting-for-stable' && moment(text.nextConsensus, next?.listAt)}
        {journey.step === 'waiting-for-stable' ? (
          <Figure
            label={words.journey.unlocked.youGave}
            value={formatBytes(carried.read + carried.written)}
            note={words.journey.unlocked.sinceStart}
          />
        ) : (
          moment(words.record.schedule.earliest, consensus && earliestListing(consensus, published, now))
        )}
      </dl>
      {journey.step !== 'waiting-for-stable' && (
        <p className="hint">
          {words.record.schedule.text} {kind === 'tor' && words.record.schedule.fetched}
        </p>
      )}
    </>
  )
}

function Flag({ vote, flag }: { vote: Vote; flag: 'listed' | 'running' | 'stable' }) {
  if (vote.fetchedAt === undefined) return <span className="hint">–</span>
  const standing: Standing = vote[flag] ? 'good' : 'idle'
  return (
    <span className="number">
      <Status standing={standing}>{vote[flag] ? words.yes : words.notYet}</Status>
    </span>
  )
}

/** Our measured time between failures as a bar up to what this authority wants, and both as words. */
function StableMeasure({ vote }: { vote: Vote }) {
  const text = words.journey.waiting
  if (vote.mtbf === undefined) return <span className="hint">–</span>
  const { mtbf, stableMtbf, stableUptime } = vote
  const share = stableMtbf ? Math.min(1, mtbf / stableMtbf) : 0
  return (
    <span className="measure">
      <span>{formatDuration(mtbf)}</span>
      {stableMtbf !== undefined && (
        <>
          <svg className="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect className="bar-track" width="100" height="6" />
            <rect className="bar-value" width={share * 100} height="6" />
          </svg>
          <small>{text.wants(formatDuration(stableMtbf), stableUptime === undefined ? undefined : formatDuration(stableUptime))}</small>
        </>
      )}
    </span>
  )
}

function VoteRow({ vote, wanted, now }: { vote: Vote; wanted: 'running' | 'stable'; now: number }) {
  const text = words.journey.waiting
  const dash = <span className="hint">–</span>
  return (
    <tr>
      <th scope="row">
        {plainText(vote.authority, 40)}
        <small>{vote.fetchedAt === undefined ? text.notFetched : formatAgo(vote.fetchedAt, now)}</small>
      </th>
      {wanted === 'running' && (
        <td>
          <Flag vote={vote} flag="listed" />
        </td>
      )}
      <td>
        <Flag vote={vote} flag="running" />
      </td>
      {wanted === 'stable' && (
        <>
          <td>
            <Flag vote={vote} flag="stable" />
          </td>
          <td>
            <StableMeasure vote={vote} />
          </td>
        </>
      )}
      <td className="number">{vote.timeKnown === undefined ? dash : formatDuration(vote.timeKnown)}</td>
      <td className="number">{vote.wfu === undefined ? dash : formatPercent(vote.wfu)}</td>
    </tr>
  )
}

/** Each authority's newest vote on us with its own numbers and thresholds, and how many are needed. */
export function VotesCard({ wanted }: { wanted: 'running' | 'stable' }) {
  const text = words.journey.waiting
  const { entries, needed, count } = useApp(app => ({ ...app.votes, count: countVotes(app, wanted) }))
  const now = useNow()
  const verdict = (wanted === 'stable' ? text.verdictStable : text.verdictListing)(count, needed)
  return (
    <Card
      title={text.votesTitle}
      aside={entries.some(({ fetchedAt }) => fetchedAt !== undefined) && <span className="verdict">{verdict}</span>}
    >
      {entries.length === 0 ? (
        <p className="hint">{text.noVotes}</p>
      ) : (
        <ScrollTable caption={text.caption}>
          <thead>
            <tr>
              <th scope="col">{text.columns.authority}</th>
              {wanted === 'running' && <th scope="col">{text.columns.listed}</th>}
              <th scope="col">{text.columns.running}</th>
              {wanted === 'stable' && <th scope="col">{text.columns.stable}</th>}
              {wanted === 'stable' && <th scope="col">{text.columns.mtbf}</th>}
              <th scope="col">{text.columns.known}</th>
              <th scope="col">{text.columns.wfu}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(vote => (
              <VoteRow key={vote.authority} vote={vote} wanted={wanted} now={now} />
            ))}
          </tbody>
        </ScrollTable>
      )}
      <p className="decide">{text.decide}</p>
    </Card>
  )
}

/** What a person can do for a long run. */
export function WaitingTips() {
  const text = words.journey.waiting
  return (
    <Card title={text.tipsTitle}>
      <ul className="points">
        {text.tips.map(([strong, rest]) => (
          <li key={strong}>
            <strong>{strong}</strong> {rest}
          </li>
        ))}
      </ul>
    </Card>
  )
}
