import { plainText } from '../../../shared/format.ts'
import type { PortState } from '../../../shared/state.ts'
import { Button } from '../../components/button.tsx'
import { Card, ScrollTable } from '../../components/card.tsx'
import { CopyField } from '../../components/copy-field.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { type Standing, Status, StatusMark } from '../../components/status-mark.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatAgo, formatList, portFailureWords, words } from '../../i18n/words.ts'
import { PORT_KEYS, type PortKey, portSettled } from '../../model.ts'

/** The sign before a port: green only by proof from outside. */
function standingOf(port: PortState): Standing {
  if (port.wanted === 'off') return 'off'
  if (port.wanted === 'virtual') return 'fact'
  if (port.proof.state === 'proved') return 'good'
  if (port.proof.state === 'failed') return 'bad'
  if (port.proof.state === 'testing' || port.mapping.state === 'asking') return 'busy'
  return 'idle'
}

function Mapping({ mapping }: { mapping: PortState['mapping'] }) {
  const text = words.journey.ports
  switch (mapping.state) {
    case 'off':
      return <Status standing="off">{text.mapping.off}</Status>
    case 'not-needed':
      return <Status standing="off">{text.mapping['not-needed']}</Status>
    case 'asking':
      return <Status standing="busy">{text.mapping.asking}</Status>
    case 'mapped':
      return (
        <Status standing="fact">
          {text.listening(mapping.externalPort)}
          <small>{text.mapping.by(plainText(mapping.method, 30))}</small>
        </Status>
      )
    case 'failed':
      return <Status standing="bad">{portFailureWords('mapping', mapping.reason)[0]}</Status>
    default:
      return mapping satisfies never
  }
}

function Proof({ proof, now }: { proof: PortState['proof']; now: number }) {
  const text = words.journey.ports
  switch (proof.state) {
    case 'untested':
      return <Status standing="idle">{text.proof.untested}</Status>
    case 'testing':
      return <Status standing="busy">{text.proof.testing}</Status>
    case 'proved':
      return (
        <Status standing="good">
          {text.proof.proved(proof.by)}
          <small>{formatAgo(proof.at, now)}</small>
        </Status>
      )
    case 'failed':
      return (
        <Status standing="bad">
          {portFailureWords('proof', proof.reason)[0]}
          <small>{formatAgo(proof.at, now)}</small>
        </Status>
      )
    default:
      return proof satisfies never
  }
}

/** What is wrong with a port and the ways on; the outside test has the last word, so a failed mapping behind a proof is not told. */
function waysOn(port: PortState): readonly string[] {
  if (port.wanted === 'off' || port.wanted === 'virtual' || port.proof.state === 'proved') return []
  const ways: string[] = []
  if (port.mapping.state === 'failed') ways.push(portFailureWords('mapping', port.mapping.reason)[1])
  if (port.proof.state === 'failed') ways.push(portFailureWords('proof', port.proof.reason)[1])
  return ways
}

function PortRow({ name, port, now }: { name: PortKey; port: PortState; now: number }) {
  const text = words.journey.ports
  const own = port.wanted !== 'off' && port.wanted !== 'virtual'
  return (
    <tbody className="port" data-standing={standingOf(port)}>
      <tr>
        <th scope="row">
          <StatusMark standing={standingOf(port)} />
          <span>
            {text.names[name]}
            <small>{text.purposes[name]}</small>
          </span>
        </th>
        {own ? (
          <>
            <td>
              {port.listening ? (
                <Status standing="fact">
                  {text.listening(port.listening.port)}
                  <small>
                    <bdi dir="ltr">{plainText(port.listening.address, 60)}</bdi>
                  </small>
                </Status>
              ) : (
                <Status standing="off">{text.notListening}</Status>
              )}
            </td>
            <td>
              <Mapping mapping={port.mapping} />
            </td>
            <td>
              <Proof proof={port.proof} now={now} />
            </td>
          </>
        ) : (
          <td colSpan={3}>
            {port.wanted === 'off' ? <Status standing="off">{text.off}</Status> : <Status standing="fact">{text.virtualText}</Status>}
          </td>
        )}
      </tr>
    </tbody>
  )
}

/** The ways on, each once with the doors that it is about. */
function Ways() {
  const text = words.journey.ports
  const ports = useApp(app => app.ports)
  const doors = new Map<string, string[]>()
  for (const key of PORT_KEYS) for (const way of waysOn(ports[key])) doors.set(way, [...(doors.get(way) ?? []), text.names[key]])
  if (doors.size === 0) return null
  return (
    <Notice kind="bad" title={text.waysTitle}>
      <ul className="points">
        {[...doors].map(([way, names]) => (
          <li key={way}>
            <strong>{formatList(names)}.</strong> {way}
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** Whether a port is closed in a way that opening it in the router may mend. */
const openedByHand = ({ mapping, proof }: PortState) => mapping.state === 'failed' && proof.state === 'failed'
const sharesAddress = ({ mapping }: PortState) => mapping.state === 'failed' && mapping.reason === 'address-shared'

/** The values to type into a router, for whoever opens the ports by hand. */
function ByHand() {
  const text = words.journey.ports
  const { ports, router } = useApp(app => ({ ports: app.ports, router: app.relay.router }))
  const rows = PORT_KEYS.flatMap(key => {
    const port = ports[key]
    if (!port.listening || typeof port.wanted !== 'number') return []
    const outside = port.mapping.state === 'mapped' ? port.mapping.externalPort : port.wanted || port.listening.port
    return [{ key, outside, inside: port.listening.port }]
  })
  if (rows.length === 0) return null
  const helps = PORT_KEYS.some(key => openedByHand(ports[key])) && !PORT_KEYS.some(key => sharesAddress(ports[key]))
  return (
    <details className="fold" open={helps || undefined}>
      <summary>{text.byHandTitle}</summary>
      <p>{text.byHandText}</p>
      {router?.name && <p>{text.byHandName(plainText(router.name, 60))}</p>}
      {router && (
        <div className="field-pair">
          <CopyField label={text.byHandRouter} value={`http://${router.address}/`} />
          <CopyField label={text.byHandComputer} value={router.computer} />
        </div>
      )}
      <ScrollTable caption={text.byHandTitle}>
        <thead>
          <tr>
            <th scope="col">{words.relay.doors}</th>
            <th scope="col">{text.byHandColumns.protocol}</th>
            <th scope="col">{text.byHandColumns.outside}</th>
            <th scope="col">{text.byHandColumns.inside}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.key}>
              <th scope="row">{text.names[row.key]}</th>
              <td>TCP</td>
              <td className="number">{row.outside}</td>
              <td className="number">{row.inside}</td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </details>
  )
}

/** The three doors with what is known of each, and the button that tests them again. Folded, it shows the sum until opened. */
export function PortsCard({ folded = false }: { folded?: boolean }) {
  const text = words.journey.ports
  const ports = useApp(app => app.ports)
  const retest = useCall('ports.retest')
  const now = useNow()
  const testing = retest.busy || PORT_KEYS.some(key => ports[key].proof.state === 'testing')
  const table = (
    <>
      <ScrollTable caption={text.caption}>
        <thead>
          <tr>
            <th scope="col">
              <span className="for-screen-readers">{words.relay.doors}</span>
            </th>
            <th scope="col">{text.columns.listening}</th>
            <th scope="col">{text.columns.mapping}</th>
            <th scope="col">{text.columns.proof}</th>
          </tr>
        </thead>
        {PORT_KEYS.map(key => (
          <PortRow key={key} name={key} port={ports[key]} now={now} />
        ))}
      </ScrollTable>
      <Ways />
      <FailureNotice failure={retest.failure} onDismiss={retest.dismiss} />
      <div className="row">
        <Button off={testing} onClick={() => retest.run(undefined)}>
          {testing ? text.retesting : text.retest}
        </Button>
      </div>
      <ByHand />
    </>
  )
  if (!folded) return <Card title={text.caption}>{table}</Card>
  const settled = PORT_KEYS.every(key => portSettled(ports[key]))
  return (
    <details className="card fold" open={!settled || undefined}>
      <summary>
        <span className="fold-title">{text.caption}</span>
        <span className="fold-sum">
          {PORT_KEYS.map(key => (
            <Status key={key} standing={standingOf(ports[key])}>
              {text.names[key]}
              <span className="for-screen-readers">{`: ${ports[key].proof.state === 'proved' ? words.yes : words.notYet}`}</span>
            </Status>
          ))}
        </span>
      </summary>
      {table}
    </details>
  )
}
