import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { after, describe, test } from 'node:test'
import { relayWitnesses, type WhereAmIOptions, whereAmI } from '../../main/app/where-am-i.ts'
import { duplexConnection, ProxyRefused, type ProxyRequest } from '../../main/perspective/proxy-target.ts'
import type { Choice } from '../../shared/state.ts'
import { fp, offer } from '../perspective/peer-fixture.ts'

const SE: Choice = { kind: 'country', country: 'se' }
const servers: Server[] = []
after(() => Promise.all(servers.map(server => new Promise(resolve => server.close(resolve)))))

const listed = (n: number, dirPort: number, flags = ['Running']) => ({
  fingerprint: fp(n),
  nickname: `relay${n}`,
  address: `192.0.2.${n}`,
  dirPort,
  flags: new Set(flags),
})

/** DirPorts by address: what each says of where we come from, as a header (a text), or a whole answer. `down` ones cannot be reached. */
async function world(says: Record<string, string | { raw: string } | 'down'>) {
  const asked: ProxyRequest[] = []
  const ports = new Map<string, number>()
  for (const [address, what] of Object.entries(says)) {
    if (what === 'down') continue
    const body = 'router x\n'
    const raw =
      typeof what === 'object' ? what.raw : `HTTP/1.0 200 OK\r\nX-Your-Address-Is: ${what}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(raw))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    ports.set(address, (server.address() as { port: number }).port)
  }
  const handler: WhereAmIOptions['handler'] = {
    async open(request) {
      asked.push(request)
      const port = ports.get(request.host)
      if (port === undefined) throw new ProxyRefused('connection-refused')
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      await once(socket, 'connect')
      return duplexConnection(socket)
    },
  }
  const options = (relays: ReturnType<typeof listed>[], more: Partial<WhereAmIOptions> = {}): WhereAmIOptions => ({
    handler,
    choice: SE,
    relays,
    own: fp(9),
    servers: [offer(1)],
    timeoutMs: 5000,
    ...more,
  })
  return { asked, options }
}

describe('who is asked', () => {
  const relays = [listed(1, 80), listed(2, 80), listed(3, 9030), listed(4, 443), listed(5, 80, ['Valid']), listed(9, 80), listed(6, 0)]
  const names = (more: Partial<WhereAmIOptions>) =>
    relayWitnesses({ handler: { open: () => assert.fail() }, choice: SE, relays, own: fp(9), servers: [offer(1)], ...more }, () => 0).map(
      ({ name }) => name,
    )
  test('running relays whose DirPort the policy lets out, not ourselves and not the relay that we look through', () => {
    assert.deepEqual(names({}), ['relay2', 'relay4'])
    assert.deepEqual(names({ servers: [offer(1, { policy: 'accept 9030' })] }), ['relay3'])
    assert.deepEqual(names({ servers: [offer(1, { policy: 'reject 1-65535' })] }), [])
  })
  test('through Tor, web ports', () => {
    assert.deepEqual(names({ choice: { kind: 'tor' }, servers: [] }), ['relay1', 'relay2', 'relay4'])
  })
})

describe('what is believed', () => {
  test('two relays that say the same, each asked over the perspective that was chosen', async () => {
    const { options, asked } = await world({ '192.0.2.2': '198.51.100.7', '192.0.2.3': '198.51.100.7' })
    const { address, by } = await whereAmI(options([listed(2, 80), listed(3, 80)]))
    assert.equal(address, '198.51.100.7')
    assert.deepEqual(by.split(', ').sort(), ['relay2', 'relay3'])
    assert.deepEqual(
      asked.map(({ choice, user, port }) => [choice, user, port]),
      [
        [SE, undefined, 80],
        [SE, undefined, 80],
      ],
    )
  })
  test('a third decides between two', async () => {
    const { options } = await world({ '192.0.2.2': '198.51.100.7', '192.0.2.3': '203.0.113.1', '192.0.2.4': '198.51.100.7' })
    assert.equal((await whereAmI(options([2, 3, 4].map(n => listed(n, 80))))).address, '198.51.100.7')
  })
  test('two that differ, and nobody else: not known', async () => {
    const { options } = await world({ '192.0.2.2': '198.51.100.7', '192.0.2.3': '203.0.113.1' })
    await assert.rejects(whereAmI(options([listed(2, 80), listed(3, 80)])), {
      problem: { code: 'exit-address-unknown', detail: { reason: 'witnesses-differ' } },
    })
  })
  test('one alone, when others cannot be reached or talk nonsense', async () => {
    const { options } = await world({
      '192.0.2.2': 'down',
      '192.0.2.3': { raw: 'garbage\r\n\r\n' },
      '192.0.2.4': 'localhost',
      '192.0.2.5': '2001:DB8::1',
      '192.0.2.6': { raw: 'HTTP/1.0 200 OK\r\n\r\nno header' },
    })
    const { address, by } = await whereAmI(options([2, 3, 4, 5, 6].map(n => listed(n, 80))))
    assert.deepEqual([address, by], ['2001:db8::1', 'relay5'])
  })
  test('nobody to ask: not known, and nothing was opened', async () => {
    const { options, asked } = await world({})
    await assert.rejects(whereAmI(options([listed(2, 9030), listed(1, 80)])), {
      problem: { code: 'exit-address-unknown', detail: { reason: 'no-witness' } },
    })
    assert.deepEqual(asked, [])
  })
  test('the practice site alone is enough', async () => {
    const { options } = await world({ 'site.test': { raw: 'HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\n127.46.0.10\n' } })
    const told = await whereAmI(options([listed(2, 80)], { site: 'http://site.test:8000/' }))
    assert.deepEqual(told, { address: '127.46.0.10', by: 'practice site' })
  })
  test('a perspective that is off or locked says so', async () => {
    const { options } = await world({})
    await assert.rejects(whereAmI(options([], { choice: { kind: 'off' } })), { problem: { code: 'perspective-locked', detail: {} } })
    const handler = { open: () => Promise.reject(new ProxyRefused('locked')) }
    await assert.rejects(whereAmI(options([listed(2, 80)], { handler })), { code: 'locked' })
  })
  test('a witness that never answers does not hold it for ever', async () => {
    const { options } = await world({})
    const handler: WhereAmIOptions['handler'] = {
      open: (_request, signal) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
    }
    await assert.rejects(whereAmI(options([listed(2, 80)], { handler, timeoutMs: 100 })), {
      problem: { code: 'exit-address-unknown', detail: { reason: 'no-witness' } },
    })
  })
})
