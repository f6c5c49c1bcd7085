import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { afterEach, describe, test } from 'node:test'
import { clipDnsTtl, isHostName, type ResolveError, SystemResolver } from '../../main/net/resolver.ts'

const A = 1
const PTR = 12
const AAAA = 28
const servers: Socket[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>(resolve => server.close(resolve))
})

interface Answer {
  readonly type: number
  readonly ttl: number
  readonly data: Buffer
}

/** A DNS server (RFC 1035) that answers as told: records, a response code, or nothing at all. */
async function dnsServer(
  answer: (name: string, type: number) => readonly Answer[] | number | undefined,
): Promise<{ address: string; asked: string[] }> {
  const server = createSocket('udp4')
  servers.push(server)
  const asked: string[] = []
  server.on('message', (question, from) => {
    const labels: string[] = []
    let at = 12
    for (let length = question[at]!; length > 0; length = question[at]!) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const type = question.readUInt16BE(at + 1)
    asked.push(`${labels.join('.')} ${type}`)
    const found = answer(labels.join('.').toLowerCase(), type)
    if (found === undefined) return
    const records = typeof found === 'number' ? [] : found
    const header = Buffer.alloc(12)
    question.copy(header, 0, 0, 2)
    header.writeUInt16BE(0x8180 | (typeof found === 'number' ? found : 0), 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(records.length, 6)
    const body = records.map(({ type: kind, ttl, data }) => {
      const record = Buffer.alloc(12)
      record.writeUInt16BE(0xc00c, 0)
      record.writeUInt16BE(kind, 2)
      record.writeUInt16BE(1, 4)
      record.writeUInt32BE(ttl, 6)
      record.writeUInt16BE(data.length, 10)
      return Buffer.concat([record, data])
    })
    server.send(Buffer.concat([header, question.subarray(12, at + 5), ...body]), from.port, from.address)
  })
  await new Promise<void>(resolve => server.bind(0, '127.0.0.1', resolve))
  return { address: `127.0.0.1:${server.address().port}`, asked }
}

const v4 = (...bytes: number[]): Answer => ({ type: A, ttl: 60, data: Buffer.from(bytes) })
const never = new AbortController().signal

describe('SystemResolver', () => {
  test('gives IPv4 before IPv6, with clipped times to live', async () => {
    const six = Buffer.from('20010db8000000000000000000000001', 'hex')
    const { address } = await dnsServer((_, type) =>
      type === A ? [v4(192, 0, 2, 1), v4(192, 0, 2, 2)] : [{ type: AAAA, ttl: 9999, data: six }],
    )
    const found = await new SystemResolver({ servers: [address] }).resolve('www.example.com', never)
    assert.deepEqual(
      found.map(one => one.address),
      ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
    )
    for (const [i, one] of found.entries()) {
      const middle = i < 2 ? 300 : 3600
      assert.ok(one.ttl >= middle - 240 && one.ttl <= middle + 240, `${one.ttl}`)
    }
  })

  test('asks once for equal questions, until the answer is old', async () => {
    let now = 0
    const { address, asked } = await dnsServer((_, type) => (type === A ? [v4(192, 0, 2, 1)] : []))
    const resolver = new SystemResolver({ servers: [address], now: () => now })
    await Promise.all([resolver.resolve('example.com', never), resolver.resolve('EXAMPLE.com.', never)])
    await resolver.resolve('example.com', never)
    assert.equal(asked.length, 2, 'A and AAAA, once each')
    now = 1000 * (300 + 241)
    await resolver.resolve('example.com', never)
    assert.equal(asked.length, 4)
  })

  test('tells a name that is not there from a server that fails', async () => {
    const { address } = await dnsServer(name => (name.startsWith('gone') ? 3 : 2))
    const resolver = new SystemResolver({ servers: [address], timeoutMs: 3000 })
    const transient = (wanted: boolean) => (error: ResolveError) => error.name === 'ResolveError' && error.transient === wanted
    await assert.rejects(resolver.resolve('gone.example.com', never), transient(false))
    await assert.rejects(resolver.resolve('broken.example.com', never), transient(true))
  })

  test('has a name with only IPv6, and none with neither', async () => {
    const six = Buffer.from('20010db8000000000000000000000001', 'hex')
    const { address } = await dnsServer((name, type) => (name === 'six.example' && type === AAAA ? [{ type, ttl: 1, data: six }] : []))
    const resolver = new SystemResolver({ servers: [address] })
    assert.equal((await resolver.resolve('six.example', never))[0]!.address, '2001:db8::1')
    await assert.rejects(resolver.resolve('empty.example', never), { transient: false })
  })

  test('refuses what is no host name, and takes addresses as they are, without a question', async () => {
    const { address, asked } = await dnsServer(() => [])
    const resolver = new SystemResolver({ servers: [address] })
    for (const name of [
      '',
      '.',
      'a..b',
      'has space',
      'semi;colon',
      'a'.repeat(64),
      `${'a.'.repeat(130)}b`,
      '-x.com',
      'x\u0000.com',
      'ünïcode.com',
    ]) {
      await assert.rejects(resolver.resolve(name, never), { transient: false }, name)
    }
    assert.deepEqual(await resolver.resolve('192.0.2.9', never), [{ address: '192.0.2.9', ttl: 3600 }])
    assert.deepEqual(asked, [])
  })

  test('gives up in time, when told to, and when too much is asked', async () => {
    const { address } = await dnsServer(() => undefined)
    const resolver = new SystemResolver({ servers: [address], timeoutMs: 600, maxQuestions: 1 })
    const waiting = resolver.resolve('slow.example', never)
    const impatient = resolver.resolve('slow.example', AbortSignal.timeout(10))
    await assert.rejects(impatient, { transient: true })
    await assert.rejects(resolver.resolve('other.example', never), /too many/)
    await assert.rejects(waiting, { transient: true })
    await assert.rejects(resolver.resolve('slow.example', AbortSignal.abort()), { transient: true })
  })

  test('finds names of addresses', async () => {
    const name = Buffer.concat([Buffer.from([4]), Buffer.from('host'), Buffer.from([7]), Buffer.from('example'), Buffer.of(0)])
    const { address, asked } = await dnsServer((_, type) => (type === PTR ? [{ type, ttl: 5, data: name }] : []))
    const [first] = await new SystemResolver({ servers: [address] }).reverse('192.0.2.1', never)
    assert.equal(first!.name, 'host.example')
    assert.deepEqual(asked, ['1.2.0.192.in-addr.arpa 12'])
    await assert.rejects(new SystemResolver({ servers: [address] }).reverse('example.com', never), /not an address/)
  })
})

test('times to live are five minutes or an hour, give or take four minutes', () => {
  assert.equal(clipDnsTtl(0, 0), 60)
  assert.equal(clipDnsTtl(299, 0.999999), 540)
  assert.equal(clipDnsTtl(300, 0.5), 3600)
  assert.equal(clipDnsTtl(1e9, 0), 3360)
})

test('host names', () => {
  for (const name of ['a', 'example.com', 'example.com.', '_dmarc.example.com', 'xn--nxasmq6b.example', '3com.com'])
    assert.equal(isHostName(name), true, name)
  for (const name of ['', '.', 'a_.com-', 'exa mple.com', 'a..b', '*']) assert.equal(isHostName(name), false, name)
})
