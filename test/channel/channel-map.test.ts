import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { Command } from '../../main/cell/command.ts'
import { encodeFixedCell, encodeVariableCell, encodeVersions } from '../../main/cell/frame.ts'
import type { Channel, ChannelHandler } from '../../main/channel/channel.ts'
import { type AcceptOptions, ChannelMap, type ChannelMapOptions, type ChannelTarget } from '../../main/channel/channel-map.ts'
import type { LinkKeys } from '../../main/channel/link-keys.ts'
import { silentLog } from '../../main/lib/log.ts'
import type { Listener } from '../../main/net/listener.ts'
import { connectTls, LinkCertificates, listenTls, type TlsLink } from '../../main/net/tls.ts'
import { RecordingEnd, relayCells } from './cells.ts'
import { makeLinkKeys } from './test-keys.ts'

const certificates = new LinkCertificates()
let keys: LinkKeys[]
before(async () => {
  keys = await Promise.all([makeLinkKeys(), makeLinkKeys(), makeLinkKeys()])
})

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})
after(() => {
  assert.equal(cleanUps.length, 0)
})

/** A relay, or without `own` a client: a channel map, its listener, and a list of the channels that opened. */
class Node {
  readonly opened: Channel[] = []
  readonly closed: string[] = []
  readonly map: ChannelMap
  readonly own: LinkKeys | undefined
  listener: Listener | undefined
  #wake = () => {}

  constructor(own: LinkKeys | undefined, options: Partial<ChannelMapOptions> = {}) {
    this.own = own
    this.map = new ChannelMap({
      keys: own && (() => own),
      log: silentLog,
      ownAddresses: () => ['127.0.0.1'],
      handlerFor: channel => this.noting(channel),
      ...options,
    })
    cleanUps.push(() => this.map.closeAll())
  }

  noting(channel: Channel): ChannelHandler {
    this.opened.push(channel)
    // Only after the map has taken it in.
    queueMicrotask(() => this.#wake())
    return { onCreate: () => {}, onControl: () => {}, onClose: (_, why) => this.closed.push(why) && this.#wake() }
  }

  async listen(accept: AcceptOptions = {}, onConnection?: (link: TlsLink) => void): Promise<this> {
    this.listener = await listenTls({
      host: '127.0.0.1',
      port: 0,
      certificate: () => certificates.current(Date.now()),
      onConnection: onConnection ?? (link => this.map.accept(link, accept)),
    })
    const { listener } = this
    cleanUps.push(() => listener.close())
    return this
  }

  target(changes: Partial<ChannelTarget> = {}): ChannelTarget {
    const { rsa, ed25519Identity } = this.own!
    return { rsaIdentity: rsa.fingerprint, ed25519Identity, addresses: [{ address: '127.0.0.1', port: this.listener!.port }], ...changes }
  }

  /** Waits until something that happens on opening or closing is true. */
  async when(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}

const signal = AbortSignal.timeout(20_000)

describe('opening', () => {
  test('proves both relays to each other and carries cells both ways', async () => {
    const far = await new Node(keys[0]).listen()
    const near = new Node(keys[1])
    const channel = await near.map.open(far.target(), { signal })
    await far.when(() => far.opened.length === 1)
    const other = far.opened[0]!
    assert.deepEqual(channel.peer, { rsaIdentity: keys[0]!.rsa.fingerprint, ed25519Identity: keys[0]!.ed25519Identity })
    assert.deepEqual(other.peer, { rsaIdentity: keys[1]!.rsa.fingerprint, ed25519Identity: keys[1]!.ed25519Identity })
    assert.deepEqual([channel.isCanonical, other.isCanonical, channel.initiated, other.initiated], [true, true, true, false])
    assert.deepEqual(far.map.byIdentity(keys[1]!.rsa.fingerprint), [other])
    assert.deepEqual(far.map.byIdentity(keys[1]!.rsa.fingerprint, keys[2]!.ed25519Identity), [])

    const [left, right] = [new RecordingEnd(), new RecordingEnd()]
    const id = channel.allocateCircId()
    channel.attach(id, left)
    other.attach(id, right)
    const done = new Promise<void>(resolve => {
      right.onEvent = () => right.numbers.length === 2000 && resolve()
    })
    channel.send(left, relayCells(id, 2000))
    await done
    assert.deepEqual(
      right.numbers,
      Array.from({ length: 2000 }, (_, i) => i),
    )
    assert.equal(far.map.bytes.orRead, 2000 * 514)
    assert.equal(near.map.bytes.orWritten, 2000 * 514)
  })

  test('as a client says nothing of itself', async () => {
    const far = await new Node(keys[0]).listen()
    const channel = await new Node(undefined).map.open(far.target({ ed25519Identity: undefined }), { signal })
    await far.when(() => far.opened.length === 1)
    assert.equal(far.opened[0]!.peer, undefined)
    assert.deepEqual(channel.peer?.ed25519Identity, keys[0]!.ed25519Identity)
  })

  test('fails when another relay answers, and tells so', async () => {
    const far = await new Node(keys[0]).listen()
    const near = new Node(keys[1])
    const identity = { name: 'LinkError', code: 'identity' }
    await assert.rejects(near.map.open(far.target({ rsaIdentity: keys[2]!.rsa.fingerprint }), { signal }), identity)
    await assert.rejects(near.map.open(far.target({ ed25519Identity: keys[2]!.ed25519Identity }), { signal }), identity)
    assert.deepEqual(near.map.all(), [])
    assert.deepEqual(far.opened, [])
  })

  test('tries the next address when one does not answer', async () => {
    const far = await new Node(keys[0]).listen()
    const { listener } = await new Node(keys[1]).listen()
    await listener!.close()
    const addresses = [{ address: '127.0.0.1', port: listener!.port }, ...far.target().addresses]
    const channel = await new Node(keys[1]).map.open(far.target({ addresses }), { signal })
    assert.equal(channel.remotePort, far.listener!.port)
    await assert.rejects(new Node(keys[1]).map.open(far.target({ addresses: addresses.slice(0, 1) }), { signal }), { code: 'ECONNREFUSED' })
    await assert.rejects(new Node(keys[1]).map.open(far.target({ addresses: [] }), { signal }), { code: 'BAD_ADDRESS' })
  })

  test('gives up on a peer that finishes TLS and then says nothing', async () => {
    const silent = await new Node(keys[0]).listen({}, () => {})
    const near = new Node(keys[1], { limits: { handshakeMs: 50 } })
    await assert.rejects(near.map.open(silent.target(), { signal }), { name: 'LinkError', code: 'timeout' })
  })

  test('binds to the local address, of the map or of the call', async () => {
    const far = await new Node(keys[0]).listen()
    const near = new Node(keys[1], { localAddress: '127.0.0.7' })
    await near.map.open(far.target(), { signal })
    await near.map.openFresh(far.target(), { signal, localAddress: '127.0.0.8' })
    await far.when(() => far.opened.length === 2)
    assert.deepEqual(far.opened.map(channel => channel.remoteAddress).sort(), ['127.0.0.7', '127.0.0.8'])
    assert.ok(
      far.opened.every(channel => !channel.isCanonical),
      'it is not the address the relay says it has',
    )
    assert.deepEqual(near.opened.map(channel => channel.observedAddress).sort(), ['127.0.0.7', '127.0.0.8'])
  })
})

describe('reuse', () => {
  test('one channel for all who ask for the same relay, at the same time or later', async () => {
    const far = await new Node(keys[0]).listen()
    const near = new Node(keys[1])
    const [a, b] = await Promise.all([near.map.open(far.target(), { signal }), near.map.open(far.target(), { signal })])
    const c = await near.map.open(far.target({ addresses: [] }), { signal })
    assert.ok(a === b && b === c)
    assert.equal(near.map.all().length, 1)
    a.close()
    assert.notEqual(await near.map.open(far.target(), { signal }), a)
  })

  test('of a channel that the other relay opened, when it proved who it is', async () => {
    const far = await new Node(keys[0]).listen()
    const near = await new Node(keys[1]).listen()
    await near.map.open(far.target(), { signal })
    await far.when(() => far.opened.length === 1)
    assert.equal(await far.map.open(near.target(), { signal }), far.opened[0])
  })

  test('not when it has other identities, or came from an address that is not its own', async () => {
    const far = await new Node(keys[0]).listen()
    const near = new Node(keys[1], { localAddress: '127.0.0.7' })
    const channel = await near.map.open(far.target(), { signal })
    await assert.rejects(near.map.open(far.target({ ed25519Identity: keys[2]!.ed25519Identity }), { signal }), { code: 'identity' })
    assert.equal(await near.map.open(far.target(), { signal }), channel)
    // Seen from the other end the relay has proved itself, but from an address it does not name: no ground for sending others' circuits there.
    await far.when(() => far.opened.length === 1)
    await assert.rejects(far.map.open({ ...near.target.call({ own: keys[1], listener: { port: 1 } } as never) }, { signal }), {
      code: 'ECONNREFUSED',
    })
  })

  test('not of channels that were opened for somebody alone, or for perspective access', async () => {
    const far = await new Node(keys[0]).listen({ purpose: 'pa' })
    const near = await new Node(keys[1]).listen()
    const fresh = await near.map.openFresh(far.target(), { signal, purpose: 'pa' })
    const asClient = await near.map.openFresh(far.target(), { signal, authenticate: false })
    const shared = await near.map.open(far.target(), { signal })
    assert.equal(new Set([fresh, asClient, shared]).size, 3)
    assert.deepEqual([fresh.purpose, asClient.purpose], ['pa', 'or'])
    await far.when(() => far.opened.length === 3)
    assert.equal(far.opened.filter(channel => channel.peer).length, 2)
    assert.notEqual(await far.map.open(near.target(), { signal }).then(channel => channel.initiated), false)
  })

  test('not of a channel that is too old, which lives on for its circuits', async () => {
    let now = Date.now()
    const far = await new Node(keys[0]).listen()
    const near = new Node(keys[1], { now: () => now, limits: { oldMs: 1000 } })
    const channel = await near.map.open(far.target(), { signal })
    now += 999
    assert.equal(await near.map.open(far.target(), { signal }), channel)
    now += 1
    assert.notEqual(await near.map.open(far.target(), { signal }), channel)
    assert.equal(channel.closed, false)
  })

  test('of an attempt ends with the last one who waits for it', async () => {
    const links: TlsLink[] = []
    const silent = await new Node(keys[0]).listen({}, link => links.push(link))
    const near = new Node(keys[1])
    const [first, second] = [new AbortController(), new AbortController()]
    const attempts = [near.map.open(silent.target(), { signal: first.signal }), near.map.open(silent.target(), { signal: second.signal })]
    const rejected = attempts.map(attempt => assert.rejects(attempt, { code: 'aborted' }))
    while (links.length === 0) await new Promise(resolve => setImmediate(resolve))
    first.abort()
    await rejected[0]
    assert.equal(links[0]!.closed, false)
    second.abort()
    await rejected[1]
    await links[0]!.gone.catch(() => {})
    assert.equal(links.length, 1, 'both had waited for the same link')
  })
})

describe('accepting', () => {
  test('where authentication is required: relays yes, clients no', async () => {
    const far = await new Node(keys[0]).listen({ requireAuthentication: true })
    const channel = await new Node(keys[1]).map.openFresh(far.target(), { signal, purpose: 'pa' })
    await far.when(() => far.opened.length === 1)
    const client = new Node(undefined)
    // The client thinks it is in, since the responder's last word comes first; then it is thrown out.
    const refused = await client.map.open(far.target(), { signal }).catch(() => undefined)
    if (refused) await client.when(() => refused.closed)
    assert.equal(far.opened.length, 1)
    assert.equal(channel.closed, false)
  })

  test('gives each door its own handlers', async () => {
    const far = new Node(keys[0])
    const pa: Channel[] = []
    const handlerFor = (channel: Channel) => {
      pa.push(channel)
      return far.noting(channel)
    }
    await far.listen({ purpose: 'pa', handlerFor })
    await new Node(keys[1]).map.open(far.target(), { signal })
    await far.when(() => far.opened.length === 1)
    assert.deepEqual(pa, far.opened)
    assert.equal(pa[0]!.purpose, 'pa')
  })

  test('drops hostile links and goes on with the others', async () => {
    const far = await new Node(keys[0], { limits: { handshakeMs: 300 } }).listen()
    const good = await new Node(keys[1]).map.open(far.target(), { signal })
    await far.when(() => far.opened.length === 1)
    const { port } = far.listener!
    const attacks: Buffer[][] = [
      [Buffer.alloc(2000, 'GET / HTTP/1.0\r\n')],
      [encodeVersions([1, 2])],
      [encodeVersions([5]), encodeFixedCell(5, Command.CREATE2)],
      [encodeVersions([5]), encodeVariableCell(0, Command.CERTS, Buffer.alloc(9))],
      [encodeVersions([5]), encodeVariableCell(0, Command.VPADDING, Buffer.alloc(60_000))],
      [encodeVersions([5]), encodeVariableCell(0, Command.AUTHENTICATE, Buffer.alloc(400))],
      [Buffer.of(0)],
      [],
    ]
    await Promise.all(
      attacks.map(async writes => {
        const link = await connectTls({ host: '127.0.0.1', port, signal })
        link.attach({ onData: () => {}, onClose: () => {} })
        for (const bytes of writes) link.write(bytes, () => {})
        await link.gone
      }),
    )
    const plain = connect({ host: '127.0.0.1', port })
    plain.on('error', () => {})
    plain.end('no TLS')
    plain.resume()
    await new Promise(resolve => plain.once('close', resolve))
    assert.deepEqual(far.map.all(), far.opened)
    assert.equal(good.closed, false)
  })

  test('a bad cell after the handshake closes that link only', async () => {
    const far = await new Node(keys[0]).listen()
    const near = new Node(keys[1])
    const [a, b] = [await near.map.openFresh(far.target(), { signal }), await near.map.openFresh(far.target(), { signal })]
    await far.when(() => far.opened.length === 2)
    a.send(undefined, encodeVariableCell(0, Command.CERTS, Buffer.alloc(1)))
    await near.when(() => a.closed)
    assert.deepEqual([b.closed, far.map.all().length], [false, 1])
  })

  test('without keys, or after the end, takes nothing', async () => {
    const far = await new Node(keys[0]).listen()
    await far.map.closeAll()
    await assert.rejects(new Node(keys[1]).map.open(far.target(), { signal }))
    await assert.rejects(far.map.open(far.target(), { signal }), { code: 'aborted' })
  })
})

describe('forgetting', () => {
  test('closes channels without circuits after their time, clients earlier, and none that is in use', async () => {
    let now = Date.now()
    const far = await new Node(keys[0], { now: () => now, limits: { idleRelayMs: 1000, idleClientMs: 100, reapMs: 5 } }).listen()
    const relay = new Node(keys[1])
    await relay.map.openFresh(far.target(), { signal })
    await far.when(() => far.opened.length === 1)
    far.opened[0]!.attach(far.opened[0]!.allocateCircId(), new RecordingEnd())
    await relay.map.openFresh(far.target(), { signal })
    await new Node(undefined).map.open(far.target(), { signal })
    await far.when(() => far.opened.length === 3)
    now += 100
    await far.when(() => far.closed.length === 1)
    assert.deepEqual(
      far.map.all().map(channel => channel.peer !== undefined),
      [true, true],
    )
    now += 900
    await far.when(() => far.closed.length === 2)
    assert.deepEqual(far.map.all(), [far.opened[0]])
    assert.deepEqual(far.closed, ['idle', 'idle'])
  })

  test('closeAll ends every connection and every attempt', async () => {
    const far = await new Node(keys[0]).listen()
    const silent = await new Node(keys[0]).listen({}, () => {})
    const near = new Node(keys[1])
    const channel = await near.map.open(far.target(), { signal })
    const attempt = assert.rejects(near.map.openFresh(silent.target(), { signal }), { code: /aborted|ABORTED/ })
    await near.map.closeAll()
    await attempt
    assert.equal(channel.closed, true)
    assert.deepEqual(near.map.all(), [])
    await far.when(() => far.map.all().length === 0)
  })
})
