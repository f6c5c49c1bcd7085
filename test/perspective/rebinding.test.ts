import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { EndReason } from '../../main/cell/command.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { SystemResolver } from '../../main/net/resolver.ts'
import { ExitConnector } from '../../main/relay/exit.ts'
import { OwnAddresses } from '../../main/relay/exit-own.ts'

/** A DNS server that answers A and AAAA as the test wants, with a time to live of 0. */
class LyingDns {
  readonly #socket: Socket
  answers: { a: string[]; aaaa: string[] } = { a: [], aaaa: [] }
  questions = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (message, from) => socket.send(this.#answer(message), from.port, from.address))
  }

  static async start(): Promise<LyingDns> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new LyingDns(socket)
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  #answer(question: Buffer): Buffer {
    this.questions++
    let end = 12
    while (question[end] !== 0) end += question[end]! + 1
    const type = question.readUInt16BE(end + 1)
    const records = type === 1 ? this.answers.a.map(v4) : type === 28 ? this.answers.aaaa.map(v6) : []
    const head = Buffer.from(question.subarray(0, end + 5))
    head.writeUInt16BE(0x8180, 2)
    head.writeUInt16BE(records.length, 6)
    head.writeUInt32BE(0, 8)
    return Buffer.concat([
      head,
      ...records.map(data => Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]), data])),
    ])
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }
}

const v4 = (address: string) => Buffer.from(address.split('.').map(Number))
const v6 = (hex: string) => Buffer.from(hex.padEnd(32, '0'), 'hex')

describe('T7: a resolver that lies', () => {
  let dns: LyingDns
  let now = Date.now()
  const dialled: string[] = []
  let exit: ExitConnector

  before(async () => {
    dns = await LyingDns.start()
    exit = new ExitConnector({
      policy: () => ExitPolicy.parse('accept *:*'),
      resolver: new SystemResolver({ servers: [dns.address], now: () => now, timeoutMs: 2000 }),
      isOwnAddress: address => address === '93.184.216.34',
      // Public addresses are not dialled for real: the last word is the watch's.
      watch: {
        refuse: address => {
          dialled.push(address)
          return { reason: -1 } as never
        },
        dialled: () => {},
      },
    })
  })
  after(() => dns.close())

  const reason = async (host: string) => {
    dialled.length = 0
    const error = await exit.connect({ host, port: 80, flags: 1 }, AbortSignal.timeout(5000)).then(
      () => assert.fail('connected'),
      error => error,
    )
    return [error.reason, ...dialled]
  }

  test('a name that was public and becomes private is checked again when its answer is', async () => {
    dns.answers = { a: ['198.41.0.4'], aaaa: [] }
    assert.deepEqual(await reason('rebind.example'), [-1, '198.41.0.4'])
    for (const bad of ['127.0.0.1', '192.168.1.1', '169.254.169.254', '10.0.0.1', '0.0.0.0', '100.64.0.1', '224.0.0.1', '93.184.216.34']) {
      dns.answers = { a: [bad], aaaa: [] }
      now += 3 * 3_600_000
      assert.deepEqual(await reason('rebind.example'), [EndReason.EXITPOLICY], bad)
    }
  })

  test('within its time to live one answer is all there is: a second question is not asked', async () => {
    dns.answers = { a: ['198.41.0.4'], aaaa: [] }
    await reason('steady.example')
    const { questions } = dns
    dns.answers = { a: ['127.0.0.1'], aaaa: [] }
    assert.deepEqual(await reason('steady.example'), [-1, '198.41.0.4'])
    assert.equal(dns.questions, questions)
  })

  test('of mixed answers the private ones are never dialled, in no family and no disguise', async () => {
    dns.answers = {
      a: ['10.0.0.1', '198.41.0.4', '127.0.0.1'],
      aaaa: ['00000000000000000000ffff7f000001', '0064ff9b000000000000000', '20027f000001', '20010000', 'fd00', 'fe80', '0'],
    }
    // The reason is that of the first address.
    assert.deepEqual(await reason('mixed.example'), [EndReason.EXITPOLICY, '198.41.0.4'])
    dns.answers = { ...dns.answers, a: [] }
    assert.deepEqual(await reason('disguise.example'), [EndReason.EXITPOLICY])
    assert.deepEqual(await exit.resolve('disguise.example', AbortSignal.timeout(5000)), [{ kind: 'error', transient: false, ttl: 60 }])
  })
})

test('T6: addresses of this machine are its own, published or not; the list is read again after a while', () => {
  let interfaces = ['93.184.216.34', '192.168.1.2', '2606:2800:220:1::1']
  let now = 0
  const own = new OwnAddresses({ published: () => ['198.41.0.4', undefined], interfaces: () => interfaces, now: () => now })
  assert.deepEqual(
    ['198.41.0.4', '93.184.216.34', '2606:2800:220:1::1', '8.8.8.8'].map(address => own.has(address)),
    [true, true, true, false],
  )
  assert.equal(own.has('192.168.1.2'), false, 'special addresses are refused as such, and test networks live on them')
  interfaces = ['8.8.8.8']
  assert.equal(own.has('8.8.8.8'), false)
  now += 10_000
  assert.deepEqual([own.has('8.8.8.8'), own.has('93.184.216.34')], [true, false])
})

test('T6: what shares an IPv6 network with this machine is at home, and not reached through us', () => {
  const interfaces = [
    '2606:2800:220:1::1/64',
    '2a00:1450:4001::7/48',
    '2a02:26f0:1::9/128',
    '2400:cb00::1',
    'fe80::1%eth0/64',
    '93.184.216.34/24',
  ]
  const own = new OwnAddresses({ published: () => [], interfaces: () => interfaces, now: () => 0 })
  const athome = ['2606:2800:220:1:ffff::2', '2a00:1450:4001:ffff::1', '2a02:26f0:1::10', '2400:cb00::ffff']
  const elsewhere = ['2606:2800:220:2::1', '2a00:1450:4002::1', '2a02:26f0:1:1::9', '2400:cb00:0:1::1', '93.184.216.35']
  assert.deepEqual(
    [...athome, ...elsewhere].filter(address => own.has(address)),
    athome,
  )
})

test('S30 T17: the default perspective policy lets the web out and nothing that harms', async () => {
  const { settings } = await import('../../shared/settings.ts')
  const policy = ExitPolicy.parse(settings.parse({}).perspectivePolicy, { rejectPrivate: true })
  const open = Array.from({ length: 65535 }, (_, i) => i + 1).filter(port => policy.mayAccept(port))
  assert.deepEqual(open, [80, 443])
  for (const port of [22, 23, 25, 445, 465, 587, 3389, 6881]) assert.equal(policy.decide('198.41.0.4', port), false)
  assert.equal(policy.decide('192.168.1.1', 80), false)
})
