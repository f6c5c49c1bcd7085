import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HttpProxyServer } from '../../main/perspective/http-proxy.ts'
import { isSecret, newProxySecret } from '../../main/perspective/proxy-secret.ts'
import { Socks5Server } from '../../main/perspective/socks5.ts'

const SECRET = 'correct-horse'
const CONNECT = Buffer.concat([Buffer.of(5, 1, 0, 3, 9), Buffer.from('a.example'), Buffer.of(1, 187)])
const credentials = (user: string, password: string) =>
  Buffer.concat([Buffer.of(1, user.length), Buffer.from(user), Buffer.of(password.length), Buffer.from(password)])

test('each run has a secret of its own, long enough and fit for a URL', () => {
  const [one, two] = [newProxySecret(), newProxySecret()]
  assert.match(one, /^[A-Za-z0-9_-]{16}$/)
  assert.notEqual(one, two)
  assert.equal(isSecret(Buffer.from(one), one), true)
  for (const wrong of ['', one.slice(1), `${one} `, two]) assert.equal(isSecret(Buffer.from(wrong), one), false)
})

describe('T8: SOCKS5 with a secret', () => {
  function talk(...messages: Buffer[]) {
    const server = new Socks5Server({ secret: SECRET })
    for (const message of messages) if (server.state.step === 'reading') server.receive(message)
    return { state: server.state, output: server.takeOutput().toString('hex') }
  }
  test('without a password nobody gets in', () => {
    const { state, output } = talk(Buffer.of(5, 1, 0))
    assert.equal(state.step, 'failed')
    assert.equal(output, '05ff')
  })
  test('a program that offers both is asked for the password', () => {
    assert.equal(talk(Buffer.of(5, 2, 0, 2)).output, '0502')
  })
  for (const [user, password] of [
    ['se', ''],
    ['se', 'correct-hors'],
    ['se', 'correct-horse1'],
    ['', 'x'],
    [SECRET, 'x'],
  ] as const)
    test(`"${user}" with "${password}" is refused`, () => {
      const { state, output } = talk(Buffer.of(5, 1, 2), credentials(user, password), CONNECT)
      assert.equal(state.step, 'failed')
      assert.equal(output, '05020101')
    })
  test('the password lets in, with a user name or without one', () => {
    for (const [user, choice] of [
      ['se', { kind: 'country', country: 'se' }],
      ['', undefined],
    ] as const) {
      const { state } = talk(Buffer.of(5, 1, 2), credentials(user, SECRET), CONNECT)
      assert.deepEqual(state.step === 'asked' && state.request.choice, choice)
    }
  })
})

describe('T8: HTTP CONNECT with a secret', () => {
  function ask(pair?: string) {
    const server = new HttpProxyServer({ secret: SECRET })
    const field = pair === undefined ? '' : `Proxy-Authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`
    server.receive(Buffer.from(`CONNECT a.example:443 HTTP/1.1\r\n${field}\r\n`))
    return { state: server.state, output: server.takeOutput().toString() }
  }
  for (const pair of [undefined, 'se', 'se:', 'se:correct-hors', ':', `${SECRET}:`])
    test(`${pair ?? 'no credentials'}: refused, with a question for the password`, () => {
      const { state, output } = ask(pair)
      assert.equal(state.step, 'failed')
      assert.match(output, /^HTTP\/1\.1 407 .*\r\nProxy-Authenticate: Basic realm=/s)
      assert.doesNotMatch(output, new RegExp(SECRET))
    })
  test('the password lets in, with a user name or without one', () => {
    const named = ask(`se:${SECRET}`).state
    assert.deepEqual(named.step === 'asked' && named.request.choice, { kind: 'country', country: 'se' })
    const plain = ask(`:${SECRET}`).state
    assert.deepEqual(plain.step === 'asked' && plain.request.choice, undefined)
  })
  test('the password alone does not make a wrong user name right', () => {
    assert.equal(ask(`sweden:${SECRET}`).state.step, 'failed')
  })
})
