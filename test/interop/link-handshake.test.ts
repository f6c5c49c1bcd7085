import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { decodeAuthenticate, encodeAuthenticate, splitAuthentication } from '../../main/cell/auth.ts'
import { Command } from '../../main/cell/command.ts'
import { CellSplitter, encodeFixedCell, encodeVariableCell, encodeVersions } from '../../main/cell/frame.ts'
import type { Channel } from '../../main/channel/channel.ts'
import { ChannelMap, type ChannelTarget } from '../../main/channel/channel-map.ts'
import { LinkHandshake } from '../../main/channel/link-handshake.ts'
import { generateEd25519, signEd25519 } from '../../main/crypto/ed25519.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { buildServerDescriptor } from '../../main/document/server-descriptor.ts'
import { silentLog } from '../../main/lib/log.ts'
import { type Listener, listenTcp } from '../../main/net/listener.ts'
import { connectTcp } from '../../main/net/tcp.ts'
import { connectTls, LinkCertificates, listenTls } from '../../main/net/tls.ts'
import { makeLinkKeys, type TestKeys } from '../channel/test-keys.ts'
import { StockNetwork, type StockNode, until } from './stock-network.ts'

let network: StockNetwork
let relay: StockNode
let ours: TestKeys
let others: TestKeys
const maps: ChannelMap[] = []
const listeners: Listener[] = []

before(async () => {
  ;[network, ours, others] = await Promise.all([
    StockNetwork.start({ authorities: 1, relays: 1, client: false }),
    makeLinkKeys(),
    makeLinkKeys(),
  ])
  relay = network.relays[0]!
  await network.ready()
})
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close()
  for (const map of maps.splice(0)) await map.closeAll()
})
after(() => network?.stop())

const signal = AbortSignal.timeout(90_000)

/** Our end: as a relay with these keys, or as a client. */
function ourEnd(keys?: TestKeys, onOpen: (channel: Channel) => void = () => {}): ChannelMap {
  const map = new ChannelMap({
    keys: keys && (() => keys),
    log: silentLog,
    ownAddresses: () => ['127.0.0.1'],
    handlerFor: channel => {
      onOpen(channel)
      return { onCreate: () => {}, onControl: () => {}, onClose: () => {} }
    },
  })
  maps.push(map)
  return map
}

function targetOf(node: StockNode, changes: Partial<ChannelTarget> = {}): ChannelTarget {
  const addresses = [{ address: node.address, port: node.orPort }]
  return { rsaIdentity: node.rsaIdentity, ed25519Identity: node.ed25519Identity!, addresses, ...changes }
}

function hex(identity: Buffer): string {
  return identity.toString('hex').toUpperCase()
}

describe('we open a link to stock tor', () => {
  test('as a client: it proves who it is, on protocol 5, at the address it says it has', async () => {
    const channel = await ourEnd().open(targetOf(relay), { signal })
    assert.equal(channel.protocol, 5)
    assert.deepEqual(channel.peer, { rsaIdentity: relay.rsaIdentity, ed25519Identity: relay.ed25519Identity })
    assert.equal(channel.observedAddress, '127.0.0.1')
    assert.equal(channel.isCanonical, true)
    assert.ok(Math.abs(channel.clockSkew!) < 5000)
  })

  test('as a relay: it knows the link by our fingerprint', async () => {
    await ourEnd(ours).open(targetOf(relay), { signal })
    const known = () => relay.control.getInfo('orconn-status')
    await until('tor lists our link as authenticated', async () => (await known()).includes(`$${hex(ours.rsa.fingerprint)}`), 10_000, 20)
  })

  test('and wanted somebody else: it fails, and says that it is the identity', async () => {
    const client = ourEnd()
    const identity = { name: 'LinkError', code: 'identity' }
    await assert.rejects(client.open(targetOf(relay, { rsaIdentity: others.rsa.fingerprint }), { signal }), identity)
    await assert.rejects(client.open(targetOf(relay, { ed25519Identity: others.ed25519Identity }), { signal }), identity)
    assert.deepEqual(client.all(), [])
  })

  test('with certificates that are stolen, and no key: tor closes the link', async () => {
    const outcome = await pretend((command, raw, body) => {
      if (command !== Command.AUTHENTICATE) return raw
      const { signed } = splitAuthentication(decodeAuthenticate(body).authentication)
      const authentication = Buffer.concat([signed, signEd25519(generateEd25519(), signed)])
      return encodeVariableCell(0, Command.AUTHENTICATE, encodeAuthenticate({ type: 3, authentication }))
    })
    assert.equal(outcome, 'closed')
    assert.equal(await pretend((_, raw) => raw), 'open', 'and not because of how this test speaks')
  })

  test('with an AUTHENTICATE of an earlier link: tor closes the link', async () => {
    let recorded: Buffer | undefined
    const record = await pretend((command, raw) => {
      if (command === Command.AUTHENTICATE) recorded = raw
      return raw
    })
    assert.equal(record, 'open')
    assert.equal(await pretend((command, raw) => (command === Command.AUTHENTICATE ? recorded! : raw)), 'closed')
  })
})

/**
 * Speaks to the stock relay as `ours`, every cell of ours going through `change`. 'open' when tor then takes a cell and leaves the link open, that is,
 * answers a CREATE_FAST; 'closed' when it hangs up.
 */
async function pretend(change: (command: number, raw: Buffer, body: Buffer) => Buffer): Promise<'open' | 'closed'> {
  const link = await connectTls({ host: relay.address, port: relay.orPort, signal })
  const handshake = new LinkHandshake('initiator', {
    keys: ours,
    tls: { certificate: link.certificate, exporter: (length, label, context) => link.exportKeyingMaterial(length, label, context) },
    remoteAddress: relay.address,
    now: Date.now,
  })
  const flush = () => {
    for (const cell of handshake.output.splice(0)) {
      const wide = cell[2] !== Command.VERSIONS
      const command = cell[wide ? 4 : 2]!
      link.write(change(command, cell, cell.subarray(wide ? 7 : 5)), () => {})
    }
  }
  const answers = new CellSplitter({ wide: true })
  const outcome = new Promise<'open' | 'closed'>(resolve => {
    link.attach({
      onData(chunk) {
        if (handshake.state.kind === 'open') answers.push(chunk)
        else {
          handshake.receive(chunk)
          flush()
          if ((handshake.state.kind as string) === 'open')
            link.write(encodeFixedCell(0x8000_0001, Command.CREATE_FAST, Buffer.alloc(20, 7)), () => {})
        }
        for (let cell = answers.next(); cell; cell = answers.next()) if (cell.command === Command.CREATED_FAST) resolve('open')
      },
      onClose: () => resolve('closed'),
    })
  })
  flush()
  try {
    return await outcome
  } finally {
    link.destroy()
  }
}

describe('stock tor opens a link to us', () => {
  test('an authority tests whether our listener is that of the relay whose descriptor it has, and lists it as Running', async () => {
    const opened: Channel[] = []
    const map = ourEnd(ours, channel => opened.push(channel))
    const certificates = new LinkCertificates()
    const listener = await listenTls({
      host: '127.0.0.1',
      port: 0,
      certificate: () => certificates.current(Date.now()),
      onConnection: link => map.accept(link),
    })
    listeners.push(listener)
    const authority = network.authorities[0]!
    const posted = await authority.fetch('/tor/', {}, await descriptorOf(ours, listener.port))
    assert.equal(posted.status, 200)
    await until('the authority has opened a link', () => opened.length > 0, 30_000, 20)
    assert.deepEqual(opened[0]!.peer, { rsaIdentity: authority.rsaIdentity, ed25519Identity: authority.ed25519Identity })
    assert.equal(opened[0]!.initiated, false)
    assert.equal(opened[0]!.isCanonical, true)
    assert.equal(opened[0]!.protocol, 5)
    await network.listed(hex(ours.rsa.fingerprint), ['Running'])
  })

  test('but not when somebody else answers at that port', async () => {
    const opened: Channel[] = []
    const impostor = await makeLinkKeys()
    const map = ourEnd(impostor, channel => opened.push(channel))
    const certificates = new LinkCertificates()
    let links = 0
    const listener = await listenTls({
      host: '127.0.0.1',
      port: 0,
      certificate: () => certificates.current(Date.now()),
      onConnection: link => {
        links++
        map.accept(link)
      },
    })
    listeners.push(listener)
    await network.authorities[0]!.fetch('/tor/', {}, await descriptorOf(others, listener.port))
    await until('the authority has tried', () => links > 0, 30_000, 20)
    await until('and hung up', () => listener.connections === 0, 30_000, 20)
    assert.deepEqual(opened, [])
  })
})

/** A server descriptor for a relay with these keys on loopback. */
async function descriptorOf(keys: TestKeys, orPort: number): Promise<string> {
  return buildServerDescriptor(
    {
      nickname: 'linktest',
      address: '127.0.0.1',
      orPort,
      dirPort: 0,
      platform: 'Vantage test',
      protocols: 'Cons=1-2 Desc=1-2 DirCache=2 FlowCtrl=1 Link=4-5 LinkAuth=3 Microdesc=1-2 Relay=2',
      published: Date.now(),
      uptimeSeconds: 60,
      bandwidth: { rate: 1_000_000, burst: 1_000_000, observed: 1_000_000 },
      exitPolicy: ExitPolicy.parse('reject *:*'),
      crossCertificateExpires: Date.now() + 28 * 24 * 3_600_000,
    },
    {
      rsa: keys.rsa,
      edIdentity: keys.identity,
      signing: { key: keys.signingKey, cert: keys.signingCert },
      ntor: generateX25519(),
      tapOnion: await RsaPrivateKey.generate(),
    },
  )
}

describe('hostile bytes', () => {
  test('from the peer we dial end that attempt and nothing else', async () => {
    const client = ourEnd()
    const good = await client.open(targetOf(relay), { signal })
    const certificates = new LinkCertificates()
    const flights = [
      [Buffer.alloc(4000, 0xff)],
      [encodeVersions([3])],
      [encodeVersions([5]), encodeFixedCell(0, Command.RELAY)],
      [encodeVersions([5]), encodeVariableCell(0, Command.CERTS, Buffer.of(1, 2, 0, 4, 1, 2, 3, 4))],
      [encodeVersions([5]), encodeVariableCell(0, Command.AUTH_CHALLENGE, Buffer.alloc(36))],
      [encodeVersions([5]), encodeVariableCell(0, Command.VPADDING, Buffer.alloc(50_000))],
    ]
    for (const flight of flights) {
      const listener = await listenTls({
        host: '127.0.0.1',
        port: 0,
        certificate: () => certificates.current(Date.now()),
        onConnection: link => {
          link.attach({ onData: () => {}, onClose: () => {} })
          for (const bytes of flight) link.write(bytes, () => {})
        },
      })
      listeners.push(listener)
      const addresses = [{ address: '127.0.0.1', port: listener.port }]
      await assert.rejects(client.openFresh(targetOf(relay, { addresses }), { signal }), { name: 'LinkError', code: 'protocol' })
    }
    assert.deepEqual(client.all(), [good])
  })

  test('a man in the middle of TCP is not heard of, one in the middle of TLS is found out', async () => {
    const certificates = new LinkCertificates()
    // He ends TLS with a certificate of his own and passes every cell on.
    const listener = await listenTls({
      host: '127.0.0.1',
      port: 0,
      certificate: () => certificates.current(Date.now()),
      onConnection: near => {
        connectTls({ host: relay.address, port: relay.orPort, signal }).then(
          far => {
            far.attach({ onData: chunk => near.write(chunk, () => {}), onClose: () => near.destroy() })
            near.attach({ onData: chunk => far.write(chunk, () => {}), onClose: () => far.destroy() })
          },
          () => near.destroy(),
        )
      },
    })
    // This one passes on what he cannot read.
    const wire = await listenTcp({
      host: '127.0.0.1',
      port: 0,
      onConnection: near => {
        connectTcp({ host: relay.address, port: relay.orPort, signal }).then(
          far => {
            near.pipe(far)
            far.pipe(near)
            near.once('close', () => far.destroy())
          },
          () => near.destroy(),
        )
      },
    })
    listeners.push(listener, wire)
    const through = (port: number) => ourEnd(ours).open(targetOf(relay, { addresses: [{ address: '127.0.0.1', port }] }), { signal })
    await assert.rejects(through(listener.port), { name: 'LinkError', code: 'protocol', message: /another TLS certificate/ })
    assert.deepEqual((await through(wire.port)).peer?.rsaIdentity, relay.rsaIdentity)
  })
})
