import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { makeLinkCertificate } from '../../main/crypto/x509.ts'
import { type Listener, listenTcp } from '../../main/net/listener.ts'
import { connectTcp } from '../../main/net/tcp.ts'
import {
  connectTls,
  LINK_CERTIFICATE_LIFETIME_MS,
  LinkCertificates,
  type ListenTlsOptions,
  listenTls,
  peerCertificateOver,
  type TlsLink,
} from '../../main/net/tls.ts'

const certificate = makeLinkCertificate(Date.now())
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function listen(options: Partial<ListenTlsOptions> = {}): Promise<{ listener: Listener; next: () => Promise<TlsLink> }> {
  const links: TlsLink[] = []
  let wake = () => {}
  const listener = await listenTls({
    host: '127.0.0.1',
    port: 0,
    certificate: () => certificate,
    onConnection: link => {
      links.push(link)
      wake()
    },
    ...options,
  })
  ends.push(() => listener.close())
  const next = async () => {
    while (links.length === 0) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return links.shift()!
  }
  return { listener, next }
}

async function dial(port: number): Promise<TlsLink> {
  const link = await connectTls({ host: '127.0.0.1', port, signal: AbortSignal.timeout(5000) })
  ends.push(() => link.destroy())
  return link
}

describe('a TLS link', () => {
  test('shows both ends the same certificate and the same exported secrets', async () => {
    const { listener, next } = await listen()
    const near = await dial(listener.port)
    const far = await next()
    assert.ok(near.certificate.equals(certificate.certDer))
    assert.ok(far.certificate.equals(certificate.certDer))
    const context = Buffer.alloc(32, 1)
    const secret = near.exportKeyingMaterial(32, 'EXPORTER test', context)
    assert.equal(secret.length, 32)
    assert.ok(far.exportKeyingMaterial(32, 'EXPORTER test', context).equals(secret))
    assert.ok(!far.exportKeyingMaterial(32, 'EXPORTER test', Buffer.alloc(32, 2)).equals(secret))
    assert.equal(near.remotePort, listener.port)
    assert.equal(far.remoteAddress, '127.0.0.1')
    assert.deepEqual([near.initiated, far.initiated], [true, false])
  })

  test('carries bytes, tells when they were taken, and closes at both ends after what was written', async () => {
    const { listener, next } = await listen()
    const near = await dial(listener.port)
    const far = await next()
    const received: Buffer[] = []
    let written = 0
    const closed = new Promise<void>(resolve => far.attach({ onData: chunk => received.push(chunk), onClose: () => resolve() }))
    near.attach({ onData: () => {}, onClose: () => {} })
    const data = Buffer.alloc(300_000, 'abc')
    near.write(data, () => written++)
    near.write(Buffer.from('end'), () => written++)
    near.end()
    await closed
    await near.gone
    assert.equal(written, 2)
    assert.ok(Buffer.concat(received).equals(Buffer.concat([data, Buffer.from('end')])))
  })

  test('delivers what came before anybody listened', async () => {
    const { listener, next } = await listen()
    const near = await dial(listener.port)
    near.write(Buffer.from('early'), () => {})
    const far = await next()
    const first = await new Promise<string>(resolve => far.attach({ onData: chunk => resolve(String(chunk)), onClose: () => {} }))
    assert.equal(first, 'early')
  })

  test('tells of a close that came before anybody listened', async () => {
    const { listener, next } = await listen()
    const near = await dial(listener.port)
    const far = await next()
    near.destroy()
    far.destroy()
    await far.gone
    await new Promise<void>(resolve => far.attach({ onData: () => {}, onClose: () => resolve() }))
  })
})

describe('listenTls', () => {
  const rawTls = (port: number, options: object = {}) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, servername: 'www.example.com', ...options })
    ends.push(() => socket.destroy())
    return socket
  }

  test('lets go of a connection that ends within the handshake', async () => {
    const { listener } = await listen()
    const early = connectPlain({ host: '127.0.0.1', port: listener.port })
    early.resume()
    await once(early, 'connect')
    early.end(Buffer.of(0x16, 3, 1))
    await once(early, 'close')
    while (listener.connections > 0) await new Promise(resolve => setImmediate(resolve))
  })

  test('speaks TLS 1.3 and 1.2, nothing older, and asks for no client certificate', async () => {
    const { listener } = await listen()
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const socket = rawTls(listener.port, { minVersion: version, maxVersion: version })
      await once(socket, 'secureConnect')
      assert.equal(socket.getProtocol(), version)
    }
    const old = rawTls(listener.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await once(old, 'error')
  })

  test('T12: resumes no session', async () => {
    const { listener } = await listen()
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      let session: Buffer | undefined
      const first: TLSSocket = rawTls(listener.port, { maxVersion })
      first.on('session', (ticket: Buffer) => {
        session = ticket
      })
      await once(first, 'secureConnect')
      session ??= first.getSession()
      first.destroy()
      const second = rawTls(listener.port, { maxVersion, session })
      await once(second, 'secureConnect')
      assert.equal(second.isSessionReused(), false, maxVersion)
    }
  })

  test('gives each connection the certificate of its time', async () => {
    let current = certificate
    const { listener, next } = await listen({ certificate: () => current })
    const old = await dial(listener.port)
    await next()
    current = makeLinkCertificate(Date.now())
    const fresh = await dial(listener.port)
    const far = await next()
    assert.ok(old.certificate.equals(certificate.certDer))
    assert.ok(fresh.certificate.equals(current.certDer))
    assert.ok(far.certificate.equals(current.certDer))
  })

  test('drops what is no TLS, and who does not finish the handshake in time', async () => {
    const { listener, next } = await listen({ handshakeMs: 50 })
    const noise = connectPlain({ host: '127.0.0.1', port: listener.port })
    noise.on('error', () => {})
    noise.write('GET / HTTP/1.0\r\n\r\n')
    noise.resume()
    const silent = connectPlain({ host: '127.0.0.1', port: listener.port })
    silent.on('error', () => {})
    silent.resume()
    await Promise.all([once(noise, 'close'), once(silent, 'close')])
    const near = await dial(listener.port)
    assert.ok((await next()).certificate.equals(near.certificate), 'and goes on serving others')
  })

  test('holds to its limits and closes everything at the end', async () => {
    const { listener } = await listen({ limits: { total: 1 } })
    const near = await dial(listener.port)
    await assert.rejects(dial(listener.port))
    assert.equal(listener.connections, 1)
    await listener.close()
    near.attach({ onData: () => {}, onClose: () => {} })
    await near.gone
  })
})

describe('connectTls', () => {
  test('sends a made-up server name, another one each time', async () => {
    const names: string[] = []
    const { createServer } = await import('node:tls')
    const server = createServer({
      key: certificate.keyPem,
      cert: certificate.certPem,
      SNICallback: (name, done) => names.push(name) && done(null),
    })
    server.on('secureConnection', socket => socket.on('error', () => {}))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    ends.push(() => server.close())
    const { port } = server.address() as { port: number }
    for (let i = 0; i < 3; i++) (await dial(port)).destroy()
    for (const name of names) assert.match(name, /^www\.[a-z2-7]{4,25}\.com$/)
    assert.equal(new Set(names).size, 3)
  })

  test('fails when the other end is no TLS server, says nothing, hangs up, or we lose patience', async () => {
    const listener = await listenTcp({
      host: '127.0.0.1',
      port: 0,
      onConnection: socket => socket.once('data', () => socket.end('HTTP/1.0 400 no\r\n\r\n')),
    })
    const silent = await listenTcp({ host: '127.0.0.1', port: 0, onConnection: socket => socket.resume() })
    const rude = await listenTcp({ host: '127.0.0.1', port: 0, onConnection: socket => socket.destroy() })
    ends.push(() => Promise.all([listener.close(), silent.close(), rude.close()]))
    const failing = (port: number, options: object) =>
      assert.rejects(connectTls({ host: '127.0.0.1', port, ...options }), { name: 'ConnectError' })
    await failing(listener.port, {})
    await failing(rude.port, {})
    await assert.rejects(connectTls({ host: '127.0.0.1', port: silent.port, timeoutMs: 50 }), { code: 'TIMEOUT' })
    await assert.rejects(connectTls({ host: '127.0.0.1', port: silent.port, signal: AbortSignal.timeout(50) }), { code: 'ABORTED' })
    while (silent.connections > 0) await new Promise(resolve => setImmediate(resolve))
  })

  test('peerCertificateOver shows the certificate behind any stream', async () => {
    const { listener } = await listen()
    const stream = await connectTcp({ host: '127.0.0.1', port: listener.port })
    ends.push(() => stream.destroy())
    assert.ok((await peerCertificateOver(stream)).equals(certificate.certDer))
  })
})

describe('LinkCertificates', () => {
  test('changes every two hours and knows its last two', () => {
    const certificates = new LinkCertificates()
    const start = Date.parse('2026-11-22T12:00:00Z')
    const first = certificates.current(start)
    assert.equal(certificates.current(start + LINK_CERTIFICATE_LIFETIME_MS - 1), first)
    const second = certificates.current(start + LINK_CERTIFICATE_LIFETIME_MS)
    assert.notEqual(second, first)
    assert.ok(certificates.isOurs(first.certDer) && certificates.isOurs(second.certDer))
    const third = certificates.current(start + 2 * LINK_CERTIFICATE_LIFETIME_MS)
    assert.ok(certificates.isOurs(third.certDer) && !certificates.isOurs(first.certDer))
    assert.ok(!certificates.isOurs(certificate.certDer))
  })
})
