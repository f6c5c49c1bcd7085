import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, test } from 'node:test'
import { BeginFlag } from '../../main/cell/begin.ts'
import { EndReason } from '../../main/cell/command.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { canonicalIp } from '../../main/lib/ip.ts'
import { ResolveError, type Resolver } from '../../main/net/resolver.ts'
import { ExitConnector, type ExitConnectorOptions } from '../../main/relay/exit.ts'
import { isPublicName, reverseTarget } from '../../main/relay/exit-names.ts'

const signal = () => AbortSignal.timeout(5000)

/** Answers every name as the table says; counts questions. */
class TableResolver implements Resolver {
  asked: string[] = []
  readonly #table: Record<string, readonly string[]>

  constructor(table: Record<string, readonly string[]> = {}) {
    this.#table = table
  }

  async resolve(name: string) {
    this.asked.push(name)
    const answers = this.#table[name]
    if (!answers) throw new ResolveError('no such name', false)
    return answers.map(address => ({ address, ttl: 300 }))
  }

  async reverse(address: string) {
    this.asked.push(address)
    return [{ name: 'host.example', ttl: 3600 }]
  }
}

function exit(options: Partial<ExitConnectorOptions> & { policyText?: string } = {}): ExitConnector {
  const policy = ExitPolicy.parse(options.policyText ?? 'accept *:*', { ipv6: true })
  return new ExitConnector({ policy: () => policy, resolver: new TableResolver(), isOwnAddress: () => false, ...options })
}

/** A listening port of 127.0.0.1, and how many connections came to it. */
async function listener(): Promise<{ port: number; connections: () => number; close(): Promise<void> }> {
  let connections = 0
  const server = createServer(socket => {
    connections++
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}

const SPECIAL = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:10::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
]

describe('addresses that nobody may reach', () => {
  for (const address of SPECIAL) {
    test(address, async () => {
      const resolver = new TableResolver({
        'a.example': [canonicalIp(address)!],
        'b.example': [canonicalIp(address)!, '10.9.8.7'],
      })
      const connector = exit({ resolver })
      const flags = BeginFlag.IPV6_OK
      await assert.rejects(
        connector.connect({ host: address, port: 80, flags }, signal()),
        (error: { name: string; reason: number; ttl: number }) => {
          assert.deepEqual([error.name, error.reason], ['StreamRefused', EndReason.EXITPOLICY])
          return true
        },
      )
      assert.deepEqual(resolver.asked, [])
      for (const host of ['a.example', 'b.example']) {
        // What a name of the outside leads to in here is not told.
        await assert.rejects(connector.connect({ host, port: 80, flags }, signal()), {
          name: 'StreamRefused',
          reason: EndReason.EXITPOLICY,
          address: undefined,
        })
        assert.deepEqual(await connector.resolve(host, signal()), [{ kind: 'error', transient: false, ttl: 60 }])
      }
    })
  }

  test('of mixed answers only the allowed address is dialled, whatever the order and on every connection', async () => {
    const target = await listener()
    try {
      const table = { 'a.example': ['10.0.0.1', '127.0.0.1'], 'b.example': ['127.0.0.1', '10.0.0.1'] }
      const connector = exit({
        resolver: new TableResolver(table),
        allowPrivate: (address, port) => address === '127.0.0.1' && port === target.port,
      })
      for (const host of ['a.example', 'b.example']) {
        const { socket, address, ttl } = await connector.connect({ host, port: target.port, flags: 0 }, signal())
        assert.deepEqual([address, ttl, socket.remoteAddress], ['127.0.0.1', 300, '127.0.0.1'])
        socket.destroy()
      }
      // The exception is for that port alone.
      await assert.rejects(connector.connect({ host: '127.0.0.1', port: target.port === 80 ? 81 : 80, flags: 0 }, signal()), {
        reason: EndReason.EXITPOLICY,
      })
    } finally {
      await target.close()
    }
  })

  test('a name that changes its address between two lookups is checked each time', async () => {
    const target = await listener()
    try {
      let answer = '127.0.0.1'
      const resolver: Resolver = { resolve: async () => [{ address: answer, ttl: 1 }], reverse: async () => [] }
      const connector = exit({ resolver, allowPrivate: address => address === '127.0.0.1' })
      const { socket } = await connector.connect({ host: 'rebind.example', port: target.port, flags: 0 }, signal())
      socket.destroy()
      answer = '127.0.0.2'
      await assert.rejects(connector.connect({ host: 'rebind.example', port: target.port, flags: 0 }, signal()), {
        reason: EndReason.EXITPOLICY,
      })
    } finally {
      await target.close()
    }
  })

  test('own addresses and relays', async () => {
    const connector = exit({
      isOwnAddress: address => address === '93.184.216.34',
      isRelayAddress: (address, port) => address === '8.8.8.8' && port === 9001,
    })
    await assert.rejects(connector.connect({ host: '93.184.216.34', port: 80, flags: 0 }, signal()), { reason: EndReason.EXITPOLICY })
    await assert.rejects(connector.connect({ host: '8.8.8.8', port: 9001, flags: 0 }, signal()), { reason: EndReason.CONNECTREFUSED })
  })

  test('answers of a resolver that are no addresses are dropped', async () => {
    const resolver = new TableResolver({
      'a.example': ['0x7f.0.0.1', '127.1', '127.0.0.1\0.example', '[::1]', '010.0.0.1', '::FFFF:7F00:1'],
    })
    await assert.rejects(exit({ resolver, allowPrivate: () => true }).connect({ host: 'a.example', port: 80, flags: 3 }, signal()), {
      reason: EndReason.RESOLVEFAILED,
    })
  })
})

describe('names', () => {
  const refused = [
    'localhost',
    'localhost.',
    'LOCALHOST',
    'foo.localhost',
    'intranet',
    'router',
    'printer.local',
    'nas.home.arpa',
    'db.internal',
    'x.invalid',
    'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion',
    'a.b.ONION',
    'www.example.com.exit',
    '127.1',
    '127.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '0177.0.0.1',
    '127.0.0.1.',
    '1.2.3.4.5',
    '1.2.3.256',
    'example.0x10',
    '127.0.0.01',
    '::ffff:7f00:1%eth0',
    '[::1]:80',
    'a..example',
    '.example.com',
    '-a.example',
    'a-.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
    'exa mple.com',
    'example.com/',
    'user@example.com',
    'exämple.com',
    'a.example\0.b',
    '',
    '.',
  ]
  for (const name of refused) {
    test(`${JSON.stringify(name)} is not looked up`, async () => {
      assert.equal(isPublicName(name), false)
      const resolver = new TableResolver({ [name]: ['8.8.8.8'] })
      await assert.rejects(exit({ resolver }).connect({ host: name, port: 80, flags: 0 }, signal()), { reason: EndReason.RESOLVEFAILED })
      assert.equal((await exit({ resolver }).resolve(name, signal()))[0]!.kind, 'error')
      assert.deepEqual(resolver.asked, [])
    })
  }

  test('ordinary names are', () => {
    for (const name of [
      'example.com',
      'www.example.com.',
      'a_b.example',
      'xn--exmple-cua.com',
      '1.2.3.example',
      '3com.com',
      'Example.ORG',
      'x.0xy',
    ]) {
      assert.equal(isPublicName(name), true, name)
    }
  })

  test('reverse names', async () => {
    assert.equal(reverseTarget('4.3.2.1.in-addr.arpa'), '1.2.3.4')
    assert.equal(
      reverseTarget(`8.8.8.8.${'0.'.repeat(20)}0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa`.replace(/^8\.8\.8\.8\./, '8.8.8.8.')),
      undefined,
    )
    assert.equal(reverseTarget(`${'8.8.8.8.'}${'0.'.repeat(20)}0.6.8.4.1.0.0.2.ip6.arpa`), '2001:4860::8888')
    for (const bad of [
      '3.2.1.in-addr.arpa',
      '256.3.2.1.in-addr.arpa',
      '01.3.2.1.in-addr.arpa',
      'a.in-addr.arpa',
      'x.ip6.arpa',
      'example.com',
    ]) {
      assert.equal(reverseTarget(bad), undefined, bad)
    }
    const resolver = new TableResolver()
    assert.deepEqual(await exit({ resolver }).resolve('8.8.8.8.in-addr.arpa', signal()), [
      { kind: 'hostname', name: 'host.example', ttl: 3600 },
    ])
    assert.deepEqual(await exit({ resolver }).resolve('1.0.0.10.in-addr.arpa', signal()), [{ kind: 'error', transient: false, ttl: 60 }])
    assert.deepEqual(resolver.asked, ['8.8.8.8'])
  })
})

describe('policy', () => {
  test('is asked about the address, and says which one it refused', async () => {
    const resolver = new TableResolver({ 'a.example': ['8.8.8.8', '9.9.9.9'] })
    const connector = exit({ resolver, policyText: 'reject 8.8.8.8:*\nreject 9.0.0.0/8:*\naccept *:*' })
    await assert.rejects(connector.connect({ host: 'a.example', port: 80, flags: 0 }, signal()), {
      reason: EndReason.EXITPOLICY,
      address: '8.8.8.8',
      ttl: 300,
    })
    await assert.rejects(connector.connect({ host: '9.9.9.9', port: 80, flags: 0 }, signal()), {
      reason: EndReason.EXITPOLICY,
      address: '9.9.9.9',
    })
  })

  test('a port that no address is open for costs no lookup', async () => {
    const resolver = new TableResolver({ 'a.example': ['8.8.8.8'] })
    await assert.rejects(
      exit({ resolver, policyText: 'accept *:80\nreject *:*' }).connect({ host: 'a.example', port: 25, flags: 0 }, signal()),
      {
        reason: EndReason.EXITPOLICY,
      },
    )
    assert.deepEqual(resolver.asked, [])
  })

  test('who is no exit looks nothing up', async () => {
    const resolver = new TableResolver({ 'a.example': ['8.8.8.8'] })
    assert.equal((await exit({ resolver, policyText: 'reject *:*' }).resolve('a.example', signal()))[0]!.kind, 'error')
    assert.deepEqual(resolver.asked, [])
  })
})

describe('connections', () => {
  test('families follow the flags', async () => {
    const resolver = new TableResolver({ 'both.example': ['2606:2800:220:1::1', '93.184.216.34'], 'six.example': ['2606:2800:220:1::1'] })
    const tried: string[] = []
    const connector = exit({
      resolver,
      isOwnAddress(address) {
        tried.push(address)
        return true
      },
    })
    const order = async (host: string, flags: number) => {
      tried.length = 0
      const error = await connector.connect({ host, port: 80, flags }, signal()).then(
        () => assert.fail('connected'),
        error => error,
      )
      return tried.length > 0 ? [...tried] : error.reason
    }
    const [six, four] = ['2606:2800:220:1::1', '93.184.216.34']
    const { IPV6_OK, IPV4_NOT_OK, IPV6_PREFERRED } = BeginFlag
    assert.deepEqual(await order('both.example', 0), [four])
    assert.deepEqual(await order('both.example', IPV6_OK), [four, six])
    assert.deepEqual(await order('both.example', IPV6_OK | IPV6_PREFERRED), [six, four])
    assert.deepEqual(await order('both.example', IPV6_OK | IPV4_NOT_OK), [six])
    assert.equal(await order('both.example', IPV4_NOT_OK), EndReason.RESOLVEFAILED)
    assert.equal(await order('six.example', 0), EndReason.RESOLVEFAILED)
  })

  test('what cannot be reached says so, and the next address is tried', async () => {
    const target = await listener()
    const gone = await listener()
    await gone.close()
    try {
      const connector = exit({ resolver: new TableResolver({ 'a.example': ['127.0.0.2', '127.0.0.1'] }), allowPrivate: () => true })
      await assert.rejects(connector.connect({ host: '127.0.0.1', port: gone.port, flags: 0 }, signal()), {
        reason: EndReason.CONNECTREFUSED,
      })
      const { socket, address } = await connector.connect({ host: 'a.example', port: target.port, flags: 0 }, signal())
      assert.equal(address, '127.0.0.1')
      socket.destroy()
    } finally {
      await target.close()
    }
  })

  test('names that are not resolved', async () => {
    await assert.rejects(exit().connect({ host: 'nowhere.example', port: 80, flags: 0 }, signal()), { reason: EndReason.RESOLVEFAILED })
    assert.deepEqual(await exit().resolve('nowhere.example', signal()), [{ kind: 'error', transient: false, ttl: 60 }])
  })

  test('a signal stops lookups', async () => {
    const resolver: Resolver = {
      resolve: (_name, given) => new Promise((_, reject) => given.addEventListener('abort', () => reject(given.reason))),
      reverse: async () => [],
    }
    const abort = new AbortController()
    const connecting = exit({ resolver }).connect({ host: 'a.example', port: 80, flags: 0 }, abort.signal)
    const resolving = exit({ resolver }).resolve('a.example', abort.signal)
    abort.abort(new Error('enough'))
    await assert.rejects(connecting, /enough/)
    await assert.rejects(resolving, /enough/)
  })

  test('lookups answer with all public addresses, literals with themselves', async () => {
    const connector = exit({ resolver: new TableResolver({ 'a.example': ['8.8.8.8', '10.0.0.1', '2606:2800:220:1::1'] }) })
    assert.deepEqual(await connector.resolve('a.example', signal()), [
      { kind: 'address', address: '8.8.8.8', ttl: 300 },
      { kind: 'address', address: '2606:2800:220:1::1', ttl: 300 },
    ])
    const [literal] = await connector.resolve('1.2.3.4', signal())
    assert.ok(literal?.kind === 'address' && literal.address === '1.2.3.4' && Math.abs(literal.ttl - 3600) <= 240)
  })
})
