import { plainText } from '../../shared/format.ts'
import { Card } from '../components/card.tsx'
import { Mark } from '../components/mark.tsx'
import { Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useApp, useNow } from '../context.tsx'
import { isolate } from '../i18n/isolate.ts'
import { formatAgo, formatDay, words } from '../i18n/words.ts'
import { Licences } from './licences.tsx'

/** Electron is mended for about 24 weeks after a release, ms. */
const OLD_MS = 24 * 7 * 86_400_000

/** How old this build is, and how to get another: nobody is asked for versions. */
function BuildCard() {
  const { builtAt, host } = useApp(app => app.product)
  const now = useNow()
  const text = words.background.build
  // Only the desktop program has a browser in it, and that is what grows old.
  const old = host === 'electron' && builtAt !== undefined && now - builtAt >= OLD_MS
  return (
    <Card title={text.title}>
      <p>{builtAt === undefined ? text.source : text.age(formatDay(builtAt), formatAgo(builtAt, now))}</p>
      {old && (
        <Notice kind="warn">
          <p>{text.old}</p>
        </Notice>
      )}
      <p>{text.how}</p>
    </Card>
  )
}

/** What this is, and what it is not. */
export function AboutView() {
  const { product, network } = useApp(app => ({ product: app.product, network: app.network }))
  const now = useNow()
  const text = words.about
  const rows: [string, string][] = [
    [text.version, plainText(product.version, 40)],
    [text.host, text.hosts[product.host]],
    [text.up, formatAgo(product.startedAt, now)],
    [text.network, `${words.networks[network.kind]}. ${words.networkNotes[network.kind]}`],
    [text.countryData, product.countryData ? plainText(product.countryData, 100) : text.countryDataUnknown],
    [text.systemData, product.systemData ? `${isolate(plainText(product.systemData, 100))}. ${text.systemDataNote}` : text.systemDataNone],
  ]
  return (
    <Page view="about" title={text.title} lead={text.lead} head={<Mark />}>
      <div className="pair">
        <Card title={text.isTitle}>
          <ul className="points">
            {text.is.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Card>
        <Card title={text.isNotTitle}>
          <ul className="points">
            {text.isNot.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Card>
      </div>
      <Card>
        <dl className="rows">
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <BuildCard />
      <Licences />
    </Page>
  )
}
