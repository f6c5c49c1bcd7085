import { NOTICE_KINDS } from '../../../shared/background.ts'
import { Card } from '../../components/card.tsx'
import { SwitchField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatAgo, words } from '../../i18n/words.ts'
import { withEntry } from '../../model.ts'

/** So many of the latest are shown. */
const LATEST = 5

/** What the desktop tells, each kind to be switched off, and the latest that there was to tell. */
export function NoticesCard() {
  const { muted, notices, host } = useApp(app => ({
    muted: app.settings.mutedNotices,
    notices: app.background.notices,
    host: app.product.host,
  }))
  const update = useCall('settings.update')
  const now = useNow()
  const text = words.background.notices
  return (
    <Card title={text.title} anchor="notices">
      <p className="hint">{host === 'electron' ? text.lead : text.leadHeadless}</p>
      <div className="switches">
        {NOTICE_KINDS.map(kind => (
          <SwitchField
            key={kind}
            label={text.kinds[kind]}
            checked={!muted.includes(kind)}
            onChange={on => update.run(({ settings }) => ({ mutedNotices: withEntry(settings.mutedNotices, kind, !on) }))}
          />
        ))}
      </div>
      {notices.length > 0 && (
        <>
          <h3>{text.latest}</h3>
          <dl className="rows">
            {[...notices]
              .reverse()
              .slice(0, LATEST)
              .map(({ what, at }) => (
                <div key={`${what} ${at}`}>
                  <dt>{words.host.notices[what].title}</dt>
                  <dd>{formatAgo(at, now)}</dd>
                </div>
              ))}
          </dl>
        </>
      )}
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
    </Card>
  )
}
