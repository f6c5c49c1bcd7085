import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { MalformedError } from '../../../main/lib/bytes.ts'
import { MappingError } from '../../../main/net/port-map/gateway-client.ts'
import { parseSearchAnswer, UpnpClient } from '../../../main/net/port-map/upnp.ts'
import { findControlPoint, xmlText } from '../../../main/net/port-map/upnp-description.ts'
import { FakeIgd } from './fake-router.ts'

const GATEWAY = { address: '127.0.0.1', localAddress: '127.0.0.1' }
const signal = () => AbortSignal.timeout(20_000)
const reason = (wanted: string) => (error: unknown) => error instanceof MappingError && error.reason === wanted
let router: FakeIgd
let client: UpnpClient
const clientOf = (igd: FakeIgd, gateway = GATEWAY) =>
  new UpnpClient(gateway, { searchAt: [{ address: '127.0.0.1', port: igd.searchPort }] })
beforeEach(async () => {
  router = await new FakeIgd().start()
  client = clientOf(router)
})
afterEach(() => router.stop())

for (const type of ['WANIPConnection:1', 'WANIPConnection:2', 'WANPPPConnection:1'])
  test(`${type}: a port is mapped for the time asked, and taken back`, async () => {
    router.serviceType = `urn:schemas-upnp-org:service:${type}`
    assert.equal(await client.externalAddress(signal()), '8.8.4.4')
    assert.deepEqual(await client.map(9001, 443, 3600, signal()), { externalPort: 443, lifetimeSeconds: 3600 })
    const mapping = router.mappings.get(443)!
    assert.deepEqual([mapping.internalPort, mapping.client, mapping.lease], [9001, '127.0.0.1', 3600])
    assert.match(mapping.description, /^[0-9a-f]{8}$/, 'says nothing about us')
    await client.unmap(9001, 443, signal())
    assert.equal(router.mappings.size, 0)
    await client.unmap(9001, 443, signal())
  })

test('a router that knows no leases gets a mapping without end', async () => {
  router.onlyPermanent = true
  assert.deepEqual(await client.map(9001, 9001, 3600, signal()), { externalPort: 9001, lifetimeSeconds: 0 })
})

describe('what goes wrong has a name', () => {
  test('silence', async () => {
    const nobody = await new FakeIgd().start()
    nobody.stop()
    await assert.rejects(clientOf(nobody).externalAddress(signal()), reason('no-answer'))
  })
  test('a port of somebody else', async () => {
    router.refusals.set(9001, '718')
    await assert.rejects(client.map(9001, 9001, 3600, signal()), reason('port-taken'))
  })
  test('not authorized', async () => {
    router.refusals.set(9001, '606')
    await assert.rejects(client.map(9001, 9001, 3600, signal()), reason('refused'))
  })
  test('no address outside', async () => {
    for (const text of ['', '0', 'fe80::1', '1.2.3']) {
      router.externalAddress = text
      await assert.rejects(client.externalAddress(signal()), reason('refused'))
    }
  })
  test('no mapping service', async () => {
    router.serviceType = 'urn:schemas-upnp-org:service:Other:1'
    await assert.rejects(client.externalAddress(signal()), reason('refused'))
  })
  test('the caller has had enough', async () => {
    router.respond = () => {}
    const controller = new AbortController()
    const asked = client.externalAddress(controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(asked, /enough/)
  })
})

describe('hostile routers and neighbours', () => {
  const asked = () => client.externalAddress(signal())
  test('a description elsewhere is not fetched', async () => {
    const elsewhere = await new FakeIgd().start()
    let fetched = 0
    elsewhere.respond = (_, response) => {
      fetched++
      response.end()
    }
    for (const location of [
      `http://localhost:${elsewhere.httpPort}/desc.xml`,
      `http://127.0.0.2:${elsewhere.httpPort}/`,
      `https://127.0.0.1:${elsewhere.httpPort}/`,
      'file:///etc/passwd',
      `http://user@127.0.0.1:${elsewhere.httpPort}/`,
      'nonsense',
    ]) {
      router.location = location
      await assert.rejects(clientOf(router).externalAddress(AbortSignal.timeout(50)))
    }
    assert.equal(fetched, 0)
    elsewhere.stop()
  })
  test('an answer of somebody else than the gateway is not heard', async () => {
    const other = clientOf(router, { address: '127.0.0.9', localAddress: '127.0.0.1' })
    await assert.rejects(other.externalAddress(AbortSignal.timeout(50)), { name: 'TimeoutError' })
  })
  test('a control URL elsewhere is not used', async () => {
    for (const url of ['http://192.0.2.1/control', 'http://127.0.0.1.evil.example/', 'https://127.0.0.1/control', '//192.0.2.1/control']) {
      router.controlUrl = url
      await assert.rejects(clientOf(router).externalAddress(signal()), reason('refused'))
    }
    assert.equal(router.actions.length, 0)
  })
  test('redirects are not followed', async () => {
    router.respond = (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    await assert.rejects(asked(), reason('refused'))
  })
  test('an answer without end is cut off', async () => {
    router.respond = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, '<x>')));
      }
      response.on('drain', more)
      more()
    }
    await assert.rejects(asked(), reason('refused'))
  })
  test('broken HTTP', async () => {
    router.respond = (_, response) => response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n')
    await assert.rejects(asked(), reason('no-answer'))
  })
  test('entities stay text, and huge or nested XML costs no time', () => {
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><NewExternalIPAddress>&b;&a;</NewExternalIPAddress>'
    assert.equal(xmlText(bomb, 'NewExternalIPAddress'), '&b;&a;')
    const started = performance.now()
    for (const text of [
      '<service>'.repeat(14_000),
      '<serviceType '.repeat(10_000),
      '<'.repeat(128_000),
      `<serviceType>${'x'.repeat(128_000)}`,
    ])
      assert.throws(() => findControlPoint(text, new URL('http://127.0.0.1/')), MalformedError)
    assert.ok(performance.now() - started < 2000)
  })
  test('no text makes the parsers throw anything else', () => {
    const location = new URL('http://127.0.0.1/')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        parseSearchAnswer(Buffer.from(`HTTP/1.1 200 OK\r\nLOCATION: ${text}\r\n\r\n`))
        try {
          findControlPoint(`<service><serviceType>${text}</serviceType><controlURL>${text}`, location)
        } catch (error) {
          assert.ok(error instanceof MalformedError)
        }
      }),
    )
  })
})
