import type { ReactNode } from 'react'
import { Card } from '../../components/card.tsx'
import { type Standing, Status } from '../../components/status-mark.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { endpoint, PORT_KEYS } from '../../model.ts'

/** While keys, cryptography and directory are made ready. */
export function StartingStep() {
  const { fingerprint, consensus, ports } = useApp(app => ({
    fingerprint: app.relay.fingerprint,
    consensus: app.network.consensus,
    ports: app.ports,
  }))
  const text = words.journey.starting
  const heard = PORT_KEYS.flatMap(key => ports[key].listening ?? [])
  const listening = <bdi dir="ltr">{heard.map(({ address, port }) => endpoint(address, port)).join(' · ')}</bdi>
  const rows: [string, Standing, ReactNode][] = [
    [text.keys, fingerprint ? 'fact' : 'busy', fingerprint ? text.keysReady : words.working],
    [
      text.directory,
      consensus?.live ? 'fact' : 'busy',
      consensus ? (consensus.live ? text.directoryLive : text.directoryOld)(consensus.relays) : text.directoryNone,
    ],
    [text.listening, heard.length > 0 ? 'fact' : 'idle', heard.length > 0 ? listening : words.notYet],
  ]
  return (
    <Card>
      <dl className="rows">
        {rows.map(([name, standing, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Status standing={standing}>{value}</Status>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
