import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ProxyRefused, proxyHost } from '../../main/perspective/proxy-target.ts'
import { Socks5Server } from '../../main/perspective/socks5.ts'

const NO_AUTH = Buffer.of(5, 1, 0)
const name = (text: string) => Buffer.concat([Buffer.of(3, text.length), Buffer.from(text, 'latin1')])
const ask = (command: number, address: Buffer, port: number) =>
  Buffer.concat([Buffer.of(5, command, 0), address, Buffer.of(port >> 8, port & 255)])
const credentials = (user: string, password = 'x') =>
  Buffer.concat([Buffer.of(1, user.length), Buffer.from(user, 'latin1'), Buffer.of(password.length), Buffer.from(password)])

function talk(...messages: Buffer[]) {
  const server = new Socks5Server()
  const answers: string[] = []
  for (const message of messages) {
    server.receive(message)
    answers.push(server.takeOutput().toString('hex'))
  }
  return { server, answers }
}

describe('what is asked', () => {
  test('a name, without credentials', () => {
    const { server, answers } = talk(NO_AUTH, ask(1, name('News.Example.SE'), 443))
    assert.deepEqual(answers, ['0500', ''])
    assert.deepEqual(server.state, {
      step: 'asked',
      command: 'connect',
      request: { host: 'news.example.se', port: 443, user: undefined, choice: undefined },
    })
  })

  test('IPv4 and IPv6 addresses in canonical form', () => {
    const v4 = talk(NO_AUTH, ask(1, Buffer.of(1, 192, 0, 2, 7), 80)).server.state
    assert.equal(v4.step === 'asked' && v4.request.host, '192.0.2.7')
    const v6 = talk(NO_AUTH, ask(1, Buffer.concat([Buffer.of(4), Buffer.from('20010db8000000000000000000000001', 'hex')]), 80)).server.state
    assert.equal(v6.step === 'asked' && v6.request.host, '2001:db8::1')
  })

  test('the user name is the perspective, and a program that can name one is asked to', () => {
    const { server, answers } = talk(Buffer.of(5, 3, 0, 1, 2), credentials('tor-se'), ask(1, name('a.example'), 80))
    assert.deepEqual(answers, ['0502', '0100', ''])
    assert.deepEqual(server.state.step === 'asked' && server.state.request, {
      host: 'a.example',
      port: 80,
      user: 'tor-se',
      choice: { kind: 'tor', country: 'se' },
    })
  })

  test('empty credentials are none', () => {
    const { server } = talk(Buffer.of(5, 1, 2), credentials('', ''), ask(1, name('a.example'), 80))
    assert.equal(server.state.step === 'asked' && server.state.request.choice, undefined)
  })

  test('a fixed choice stands, whatever the user name', () => {
    const server = new Socks5Server({ fixed: { choice: { kind: 'country', country: 'jp' }, user: 'window 1' } })
    for (const message of [Buffer.of(5, 1, 2), credentials('nonsense'), ask(1, name('a.example'), 80)]) server.receive(message)
    assert.deepEqual(server.state.step === 'asked' && server.state.request.choice, { kind: 'country', country: 'jp' })
  })

  test('RESOLVE needs no port', () => {
    const { state } = talk(NO_AUTH, ask(0xf0, name('a.example'), 0)).server
    assert.equal(state.step === 'asked' && state.command, 'resolve')
  })

  test('everything may come in one piece or byte by byte, and what follows is kept for the destination', () => {
    const all = Buffer.concat([Buffer.of(5, 1, 2), credentials('se'), ask(1, name('a.example'), 80), Buffer.from('GET /')])
    const whole = new Socks5Server()
    whole.receive(all)
    assert.equal(whole.takeRest().toString(), 'GET /')
    const drops = new Socks5Server()
    for (const byte of all) {
      if (drops.state.step !== 'reading') break
      drops.receive(Buffer.of(byte))
    }
    assert.deepEqual(drops.state, whole.state)
    assert.deepEqual(drops.takeOutput(), whole.takeOutput())
  })
})

describe('answers', () => {
  const asked = () => {
    const { server } = talk(NO_AUTH, ask(1, name('a.example'), 80))
    return server
  }
  test('success carries the address of the exit', () => {
    const server = asked()
    server.accept('192.0.2.7')
    assert.equal(server.takeOutput().toString('hex'), '05000001c00002070000')
    assert.deepEqual(server.state, { step: 'accepted' })
    const v6 = asked()
    v6.accept('2001:db8::1')
    assert.equal(v6.takeOutput().toString('hex'), `05000004${'20010db8000000000000000000000001'}0000`)
  })
  test('each refusal has its reply', () => {
    for (const [code, reply] of [
      ['general', 1],
      ['locked', 2],
      ['no-relay', 3],
      ['name-unknown', 4],
      ['connection-refused', 5],
      ['timeout', 6],
      ['command-unsupported', 7],
    ] as const) {
      const server = asked()
      server.refuse(new ProxyRefused(code))
      assert.equal(server.takeOutput()[1], reply, code)
      assert.equal(server.state.step, 'failed')
    }
  })
})

describe('hostile input', () => {
  const failing: [string, Buffer[], string][] = [
    ['SOCKS4 is told so', [Buffer.of(4, 1, 0, 80, 1, 2, 3, 4, 0)], '005b000000000000'],
    ['no method in common', [Buffer.of(5, 1, 1)], '05ff'],
    ['no method at all', [Buffer.of(5, 0)], '05ff'],
    ['a user name that names nothing', [Buffer.of(5, 1, 2), credentials('sweden')], '0101'],
    ['credentials of another version', [Buffer.of(5, 1, 2), Buffer.of(5, 1)], ''],
    ['BIND', [NO_AUTH, ask(2, name('a.example'), 80)], '05070001000000000000'],
    ['UDP ASSOCIATE', [NO_AUTH, ask(3, name('a.example'), 80)], '05070001000000000000'],
    ['RESOLVE_PTR', [NO_AUTH, ask(0xf1, Buffer.of(1, 192, 0, 2, 7), 80)], '05070001000000000000'],
    ['an unknown address type', [NO_AUTH, Buffer.of(5, 1, 0, 9, 0, 0)], '05080001000000000000'],
    ['an empty name', [NO_AUTH, ask(1, name(''), 80)], '05010001000000000000'],
    ['a name with a NUL', [NO_AUTH, ask(1, name('a.example\0.evil'), 80)], '05010001000000000000'],
    ['a name with a line end', [NO_AUTH, ask(1, name('a\r\nb'), 80)], '05010001000000000000'],
    ['a name of 255 bytes', [NO_AUTH, ask(1, name('a'.repeat(255)), 80)], '05010001000000000000'],
    ['port 0', [NO_AUTH, ask(1, name('a.example'), 0)], '05010001000000000000'],
    ['a request of another version', [NO_AUTH, Buffer.of(4, 1, 0, 1, 0, 0)], ''],
    ['TLS', [Buffer.of(22, 3, 1, 0, 5)], ''],
  ]
  for (const [what, messages, last] of failing)
    test(what, () => {
      const { server, answers } = talk(...messages)
      assert.equal(server.state.step, 'failed')
      assert.equal(answers.at(-1), last)
      assert.equal(server.takeRest().length, 0)
    })

  test('a web request gets words', () => {
    const { server } = talk()
    server.receive(Buffer.from('GET http://a.example/ HTTP/1.1\r\n\r\n'))
    assert.match(server.takeOutput().toString(), /^HTTP\/1\.0 501 .*SOCKS5/s)
  })

  test('no bytes make it throw, nor make it wait for more than 1032', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, greeted) => {
        const server = new Socks5Server()
        if (greeted) server.receive(NO_AUTH)
        if (server.state.step === 'reading') server.receive(Buffer.from(bytes))
        if (server.state.step === 'reading') server.receive(Buffer.alloc(1032, bytes.at(-1) ?? 5))
        assert.notEqual(server.state.step, 'reading')
      }),
    )
  })
})

test('hosts of proxy requests: names and addresses, nothing else', () => {
  assert.equal(proxyHost('Example.ORG.'), 'example.org')
  assert.equal(proxyHost('_dmarc.example.org'), '_dmarc.example.org')
  assert.equal(proxyHost('192.0.2.1'), '192.0.2.1')
  assert.equal(proxyHost('2001:DB8:0::1'), '2001:db8::1')
  assert.equal(proxyHost('xn--bcher-kva.example'), 'xn--bcher-kva.example')
  for (const text of [
    '',
    '.',
    'a..b',
    '-'.repeat(64),
    'a b',
    'a/b',
    'a:80',
    'user@host',
    'bücher.example',
    '[::1',
    `${'a.'.repeat(127)}aa`,
  ])
    assert.equal(proxyHost(text), undefined, text)
})
