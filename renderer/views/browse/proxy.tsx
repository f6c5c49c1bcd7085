import { Card, ScrollTable } from '../../components/card.tsx'
import { CopyField } from '../../components/copy-field.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { proxyUserName } from '../../model.ts'

/** The local proxy's addresses, and how a program asks for another place. */
export function ProxyCard() {
  const { socks, http, site, secret, pac, choice, country } = useApp(app => ({
    socks: app.perspective.socks,
    http: app.perspective.http,
    site: app.network.site,
    secret: app.perspective.secret,
    pac: app.perspective.pac,
    choice: app.perspective.choice,
    country: app.perspective.countries[0]?.country ?? 'se',
  }))
  const userName = proxyUserName(choice)
  const text = words.browse
  return (
    <Card title={text.proxyTitle}>
      <p>{socks || http ? text.proxyText : text.proxyOff}</p>
      {socks && <CopyField label={text.socks} value={`${socks.host}:${socks.port}`} />}
      {http && <CopyField label={text.http} value={`${http.host}:${http.port}`} />}
      {secret && <CopyField label={text.secret} value={secret} />}
      {pac && <CopyField label={text.pac} value={pac} />}
      {socks && (
        <details className="fold">
          <summary>{text.userNames}</summary>
          <ScrollTable caption={text.userNames}>
            <tbody>
              {text.userNameRows.map(([name, meaning]) => (
                <tr key={name}>
                  <th scope="row">
                    <code>{name}</code>
                  </th>
                  <td>{meaning}</td>
                </tr>
              ))}
            </tbody>
          </ScrollTable>
          {userName && <CopyField label={text.userNameNow} value={userName} />}
          <CopyField
            label={text.example}
            value={`curl -x socks5h://${country}:${secret ?? 'x'}@${socks.host}:${socks.port} ${site ?? 'https://example.org/'}`}
          />
        </details>
      )}
    </Card>
  )
}
