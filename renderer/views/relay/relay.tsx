import { useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card, Figure } from '../../components/card.tsx'
import { CopyField } from '../../components/copy-field.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Icon } from '../../components/icons.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { RateGraph } from '../../components/sparkline.tsx'
import { Status } from '../../components/status-mark.tsx'
import { useApp, useBridge, useCall, useFigures, useNow } from '../../context.tsx'
import { formatBytes, formatCount, formatDuration, formatRate, formatTime, words } from '../../i18n/words.ts'
import { groupedFingerprint } from '../../model.ts'
import { go } from '../../navigation.ts'
import { quitting } from '../../quitting.ts'
import { MilestonesCard } from '../home/milestones.tsx'
import { usePhase } from '../home/phases.tsx'
import { PublicationsCard } from '../home/publications.tsx'
import { RunCard } from '../home/run.tsx'
import { ContributionCard } from './contribution.tsx'
import { PauseDialog, ShareCard } from './rest.tsx'

/** Starting, stopping and quitting; what costs uptime asks first. */
function Controls() {
  const text = words.relay
  const { running, agreed } = useApp(app => ({ running: app.relay.running, agreed: app.consents.relay !== undefined }))
  const start = useCall('relay.start')
  const stop = useCall('relay.stop')
  const quit = useCall('quit')
  const bridge = useBridge()
  const resume = useCall('pause.end')
  const resting = useApp(app => app.journey.step === 'paused')
  const [asking, setAsking] = useState<'stop' | 'quit' | 'pause'>()
  const failed = [start, stop, quit, resume].find(({ failure }) => failure)
  return (
    <>
      <div className="row">
        {resting ? (
          <Button kind="primary" off={resume.busy} onClick={() => resume.run(undefined)}>
            {words.host.resume}
          </Button>
        ) : running ? (
          <>
            <Button onClick={() => setAsking('pause')}>{words.host.pause}</Button>
            <Button onClick={() => setAsking('stop')}>{text.stop}</Button>
          </>
        ) : agreed ? (
          <Button kind="primary" off={start.busy} onClick={() => start.run(undefined)}>
            {text.start}
          </Button>
        ) : (
          <Button kind="primary" onClick={() => go('home')}>
            {text.agree}
          </Button>
        )}
        <Button onClick={() => setAsking('quit')}>{text.quit}</Button>
      </div>
      {failed && <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />}
      {asking === 'pause' && <PauseDialog onClose={() => setAsking(undefined)} />}
      {(asking === 'stop' || asking === 'quit') && (
        <ConfirmDialog
          title={asking === 'stop' ? text.stopTitle : text.quitTitle}
          confirm={asking === 'stop' ? text.stopConfirm : text.quitConfirm}
          onClose={() => setAsking(undefined)}
          onConfirm={async () => {
            if (asking === 'stop') return void stop.run(undefined)
            // From now on: a program that ends at once may not come to an answer.
            quitting.setState({ asked: bridge.connection === 'open' })
            const { ok } = await quit.run(undefined)
            if (ok) announce(text.quitDone)
            else if (bridge.connection === 'open') quitting.setState({ asked: false })
          }}
        >
          <p>{asking === 'stop' ? text.stopText : text.quitText}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function Traffic() {
  const text = words.relay
  const { carried, rate, samples } = useFigures((app, ui) => ({ ...app.relay, samples: ui.samples }))
  const now = useNow()
  const phase = usePhase()
  return (
    <Card title={text.carried} className="traffic">
      <div>
        <p className="big-number">{formatBytes(carried.read + carried.written)}</p>
        <p className="hint">{text.carriedNote}</p>
        <p className="hint">
          {formatBytes(carried.read)} {words.browse.active.received} · {formatBytes(carried.written)} {words.browse.active.sent}
        </p>
        {phase && phase !== 'steady' && (
          <p className="hint phase-note">
            {words.record.phases.low} {words.record.phases.texts[phase]}
          </p>
        )}
      </div>
      <div className="traffic-now">
        <p className="legend">
          <span className="legend-read">
            <Icon name="down" /> {text.received} {formatRate(rate.read)}
          </span>
          <span className="legend-written">
            <Icon name="up" /> {text.sent} {formatRate(rate.written)}
          </span>
        </p>
        <RateGraph samples={samples} now={now} />
      </div>
    </Card>
  )
}

function Identity() {
  const text = words.relay
  const { nickname, fingerprint, address, flags } = useApp(app => ({
    nickname: app.relay.nickname,
    fingerprint: app.relay.fingerprint,
    address: app.relay.address,
    flags: app.relay.flags,
  }))
  return (
    <Card title={text.identity}>
      <dl className="rows">
        <div>
          <dt>{text.nickname}</dt>
          <dd>{plainText(nickname, 19)}</dd>
        </div>
        <div>
          <dt>{text.address}</dt>
          <dd>{address ? <bdi dir="ltr">{plainText(address, 60)}</bdi> : text.addressUnknown}</dd>
        </div>
        <div>
          <dt>{text.flags}</dt>
          <dd>
            {flags.length === 0 ? (
              <span className="hint">{text.flagsNone}</span>
            ) : (
              <ul className="chips">
                {flags.map(flag => {
                  const name = plainText(flag, 30)
                  const meaning = Object.hasOwn(text.flagMeanings, flag) ? text.flagMeanings[flag] : undefined
                  return (
                    <li key={flag} title={meaning}>
                      {name}
                      {meaning && <span className="for-screen-readers">: {meaning}</span>}
                    </li>
                  )
                })}
              </ul>
            )}
          </dd>
        </div>
      </dl>
      {fingerprint && <CopyField label={text.fingerprint} value={groupedFingerprint(fingerprint)} text={fingerprint} />}
    </Card>
  )
}

/** What the relay does and is, in numbers that are measured. */
export function RelayView() {
  const text = words.relay
  const { running, startedAt, agreed, never } = useApp(app => ({
    running: app.relay.running,
    startedAt: app.relay.startedAt,
    agreed: app.consents.relay !== undefined,
    never: app.consents.relay === undefined && app.contribution.since === undefined,
  }))
  const relay = useFigures(app => app.relay)
  const now = useNow()
  return (
    <Page
      view="relay"
      title={text.title}
      lead={<Status standing={running ? 'fact' : 'off'}>{running ? text.running : text.stopped}</Status>}
    >
      {!agreed && <p>{text.agreeFirst}</p>}
      <Controls />
      {!never && (
        <>
          <Traffic />
          {running && <ShareCard />}
          <dl className="figures">
            <Figure label={text.circuits} value={formatCount(relay.circuits)} note={text.circuitsNote} />
            <Figure label={text.channels} value={formatCount(relay.channels)} note={text.channelsNote} />
            <Figure
              label={text.uptime}
              value={startedAt === undefined ? '–' : formatDuration((now - startedAt) / 1000)}
              note={startedAt === undefined ? undefined : words.record.run.since(formatTime(startedAt, now))}
            />
          </dl>
          <Given />
        </>
      )}
    </Page>
  )
}

/** What it gave and came to, and who it is. */
function Given() {
  const text = words.relay
  const served = useFigures(app => app.relay.perspectiveServed)
  const { read, written, peers, streams, refused } = served
  return (
    <>
      <ContributionCard />
      <Card title={text.served}>
        <p className="hint">{text.servedNote}</p>
        <dl className="figures inner">
          <Figure label={text.peers} value={formatCount(peers)} />
          <Figure label={text.streams} value={formatCount(streams)} />
          <Figure label={text.received} value={formatBytes(read)} />
          <Figure label={text.sent} value={formatBytes(written)} />
          <Figure label={text.refused} value={formatCount(refused)} />
        </dl>
      </Card>
      <Identity />
      <MilestonesCard />
      <RunCard />
      <PublicationsCard folded />
    </>
  )
}
