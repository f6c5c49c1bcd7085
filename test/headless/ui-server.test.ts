import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { UiServer } from '../../main/headless/ui-server.ts'
import { FakeApp } from './fake-app.ts'

let folder: string
let app: FakeApp
let server: UiServer
let port: number
let cookie: string

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }))
    })
    asked.on('error', reject)
    asked.end()
  })
}
const loginPath = () => server.issueAddress().replace(/^http:\/\/[^/]+/, '')
const cookieOf = (answer: Answer) => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-ui-'))
  await mkdir(join(folder, 'renderer/assets'), { recursive: true })
  await writeFile(join(folder, 'renderer/index.html'), '<!doctype html><title>UI</title>')
  await writeFile(join(folder, 'renderer/assets/app.js'), 'export {}')
  await writeFile(join(folder, 'renderer/notes.secret'), 'no type')
  await writeFile(join(folder, 'outside.html'), 'outside')
  app = new FakeApp()
  server = new UiServer({ app, folder: join(folder, 'renderer'), port: 0, program: 'vantage' })
  await server.start()
  port = Number(new URL(server.issueAddress()).port)
  cookie = cookieOf(await ask(loginPath()))
})
after(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

describe('the way in', () => {
  test('the address opens the UI once, and the token leaves the address bar', async () => {
    const path = loginPath()
    const login = await ask(path)
    assert.equal(login.status, 303)
    assert.equal(login.headers.location, '/')
    assert.match(login.headers['set-cookie']![0]!, /^vantage-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/)
    assert.ok(!login.headers['set-cookie']![0]!.includes(path.split('=')[1]!), 'the cookie is not the token')
    const page = await ask('/', { cookie: `other=1; ${cookieOf(login)}` })
    assert.equal(page.status, 200)
    assert.match(page.body, /<title>UI/)
    const again = await ask(path)
    assert.equal(again.status, 403)
    assert.equal(again.headers['set-cookie'], undefined)
  })
  test('opening it a second time in the same browser is no harm', async () => {
    const path = loginPath()
    const login = await ask(path)
    assert.equal((await ask(path, { cookie: cookieOf(login) })).status, 303)
  })
  test('without the cookie nothing is told, not even what exists', async () => {
    for (const path of ['/', '/index.html', '/assets/app.js', '/nothing']) {
      const answer = await ask(path)
      assert.equal(answer.status, 403, path)
      assert.doesNotMatch(answer.body, /UI</)
    }
  })
  test('guessed and malformed tokens and cookies open nothing', async () => {
    for (const path of [
      '/login',
      '/login?token=',
      '/login?token=AAAA',
      `/login?token=${'A'.repeat(43)}`,
      '/login?token[]=x',
      '/login?token=%00',
    ])
      assert.equal((await ask(path)).status, 403, path)
    const name = cookie.split('=')[0]
    for (const value of [`${name}=`, `${name}=${'A'.repeat(43)}`, `x${cookie}`, cookie.slice(0, -1), `${cookie}A`])
      assert.equal((await ask('/', { cookie: value })).status, 403, value)
  })
})

test('whoever is refused a socket and keeps his end open takes no place from others', async () => {
  const sockets = Array.from({ length: 70 }, () => connect({ host: '127.0.0.1', port, allowHalfOpen: true }))
  try {
    const head = `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
    // One by one, since more than there is room for at once would be closed anyway.
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.write(head)
      socket.resume()
      await new Promise<void>(resolve => socket.once('end', resolve).once('close', () => resolve()))
    }
    assert.equal((await ask('/', { cookie })).status, 200)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
})

describe('pages elsewhere', () => {
  test('a name that was made to resolve to loopback is misdirected', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:${port}.evil.example`,
      `LOCALHOST.evil:${port}`,
    ])
      for (const path of ['/', loginPath()]) assert.equal((await ask(path, { host, cookie })).status, 421, host)
    assert.equal((await ask('/', { host: `localhost:${port}`, cookie })).status, 200)
  })
  test('every answer carries the headers that keep our page ours', async () => {
    for (const answer of [
      await ask('/', { cookie }),
      await ask('/'),
      await ask('/', { host: 'evil.example' }),
      await ask('/nothing', { cookie }),
    ]) {
      const policy = String(answer.headers['content-security-policy'])
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
      assert.match(policy, new RegExp(`connect-src 'self' ws://127\\.0\\.0\\.1:${port} ws://localhost:${port};`))
      assert.match(policy, /base-uri 'none'; form-action 'none'; frame-ancestors 'none'/)
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      assert.equal(answer.headers['referrer-policy'], 'no-referrer')
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin')
      assert.equal(answer.headers['access-control-allow-origin'], undefined)
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
  })
})

describe('requests', () => {
  test('only GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      assert.equal((await ask('/', { cookie }, method)).status, 405, method)
    const head = await ask('/', { cookie }, 'HEAD')
    assert.deepEqual([head.status, head.body], [200, ''])
  })
  test('no path leaves the folder, and only known types are served', async () => {
    for (const path of [
      '/../outside.html',
      '/..%2foutside.html',
      '/%2e%2e/outside.html',
      '//outside.html',
      '/assets/..%5c..%5coutside.html',
      '/assets/../../outside.html',
      '/notes.secret',
      '/assets',
      '/assets/app.js%00.html',
    ])
      assert.equal((await ask(path, { cookie })).status, 404, path)
    assert.equal((await ask('/assets/app.js', { cookie })).headers['content-type'], 'text/javascript; charset=utf-8')
  })
  test('broken requests do not end the server', async () => {
    for (const text of [
      'GET',
      'GET / HTTP/1.1\r\nHost\r\n\r\n',
      '\x16\x03\x01',
      `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    ]) {
      const socket = connect({ host: '127.0.0.1', port })
      socket.on('error', () => {})
      socket.end(text)
      socket.resume()
      await once(socket, 'close')
    }
    assert.equal((await ask('/', { cookie })).status, 200)
  })
  test('it listens on loopback only', async () => {
    const others = Object.values(networkInterfaces()).flatMap(list =>
      (list ?? []).filter(entry => !entry.internal && entry.family === 'IPv4'),
    )
    for (const { address } of [...others, { address: '127.0.0.2' }]) {
      const socket = connect({ host: address, port })
      const [error] = await once(socket, 'error')
      assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
    }
  })
})

describe('the WebSocket', () => {
  const open = (headers: Record<string, string> = {}, path = '/ws') =>
    new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { origin: `http://127.0.0.1:${port}`, cookie, ...headers } })
  const opened = async () => {
    const socket = open()
    await once(socket, 'open')
    return socket
  }
  const frame = async (socket: WebSocket) => JSON.parse(String((await once(socket, 'message'))[0]))

  test('calls are answered and changes arrive', async () => {
    const socket = await opened()
    socket.send(JSON.stringify({ id: 1, call: 'state.get' }))
    const state = await frame(socket)
    assert.equal(state.id, 1)
    assert.equal(state.result.journey.step, 'consent')
    socket.send(JSON.stringify({ id: 2, call: 'no.such', argument: 1 }))
    assert.deepEqual(await frame(socket), { id: 2, problem: { code: 'bad-request', detail: {} } })
    const changed = frame(socket)
    app.change({ journey: { step: 'starting' } })
    assert.deepEqual(await changed, { event: 'state', payload: { revision: 1, sections: { journey: { step: 'starting' } } } })
    socket.close()
    await once(socket, 'close')
  })

  const refusals: [string, () => WebSocket, number][] = [
    ['another origin', () => open({ origin: 'http://evil.example' }), 403],
    ['our address with another port', () => open({ origin: `http://127.0.0.1:${port + 1}` }), 403],
    ['the other of our two names', () => open({ origin: `http://localhost:${port}` }), 403],
    ['https', () => open({ origin: `https://127.0.0.1:${port}` }), 403],
    ['null', () => open({ origin: 'null' }), 403],
    ['another host', () => open({ host: 'evil.example', origin: 'http://evil.example' }), 421],
    ['no cookie', () => open({ cookie: '' }), 403],
    ['a wrong cookie', () => open({ cookie: `vantage-${port}=${'A'.repeat(43)}` }), 403],
    ['another path', () => open({}, '/'), 404],
  ]
  for (const [what, make, status] of refusals)
    test(`refused: ${what}`, async () => {
      const socket = make()
      socket.on('error', () => {})
      const [, response] = await once(socket, 'unexpected-response')
      assert.equal(response.statusCode, status)
      response.resume()
      socket.terminate()
    })
  test('refused: no origin at all', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { cookie } })
    socket.on('error', () => {})
    const [, response] = await once(socket, 'unexpected-response')
    assert.equal(response.statusCode, 403)
    response.resume()
    socket.terminate()
  })

  for (const [what, data, code] of [
    ['no JSON', '{', 1008],
    ['no frame', '{"call":"state.get"}', 1008],
    ['a fractional id', '{"id":1.5,"call":"state.get"}', 1008],
    ['a long call', JSON.stringify({ id: 1, call: 'x'.repeat(51) }), 1008],
    ['binary', Buffer.from('{"id":1,"call":"state.get"}'), 1008],
    ['too large', 'x'.repeat(300_000), 1009],
  ] as const)
    test(`closed for a frame that is ${what}`, async () => {
      const before = app.asked.length
      const socket = await opened()
      socket.send(data)
      const [closedWith] = await once(socket, 'close')
      assert.equal(closedWith, code)
      assert.equal(app.asked.length, before)
    })

  test('a UI that is gone gets nothing more', async () => {
    const socket = await opened()
    socket.terminate()
    await once(socket, 'close')
    app.change({ problems: [] })
    const other = await opened()
    const changed = frame(other)
    app.change({ problems: [] })
    assert.equal((await changed).event, 'state')
    other.close()
    await once(other, 'close')
  })
})

test('without a built UI it says what to do', async () => {
  const bare = new UiServer({ app, folder: join(folder, 'nowhere'), port: 0, program: 'vantage' })
  await bare.start()
  const address = new URL(bare.issueAddress())
  const login = await fetch(address, { redirect: 'manual' })
  const page = await fetch(new URL('/', address), { headers: { cookie: login.headers.get('set-cookie')!.split(';')[0]! } })
  assert.equal(page.status, 503)
  assert.match(await page.text(), /npm run build/)
  await bare.stop()
})
