import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { sha256 } from '../../main/crypto/digest.ts'
import { WebAuthority } from '../../main/crypto/web-authority.ts'
import { connectTcp } from '../../main/net/tcp.ts'
import { startWebTls } from '../../main/net/web-tls.ts'
import { practiceAddress, practicePlace } from '../../main/practice/geography.ts'
import { patternBytes } from '../../main/practice/pattern.ts'
import { PracticeSite, SITE_MAX_BYTES } from '../../main/practice/site.ts'
import { offerFor } from '../../main/practice/site-offers.ts'
import { sitePage } from '../../main/practice/site-page.ts'

interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

function ask(
  site: PracticeSite,
  path: string,
  options: { method?: string; body?: Buffer; headers?: Record<string, string> } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: site.address,
        port: site.port,
        path,
        method: options.method ?? 'GET',
        headers: options.headers,
        agent: false,
        timeout: 20_000,
      },
      response => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })
}

describe('the practice site', () => {
  const names = new Map([['127.0.0.1', 'Linné<b>']])
  const site = new PracticeSite({
    host: '127.0.0.1',
    visitor: address => ({ address, place: practicePlace(address === '127.0.0.1' ? '127.46.0.10' : address), relay: names.get(address) }),
  })
  before(() => site.start())
  after(() => site.stop())

  test('shows where a visitor appears to come from', async () => {
    const { status, headers, body } = await ask(site, '/', { headers: { 'User-Agent': '<script>alert(1)</script>' } })
    const page = body.toString()
    assert.equal(status, 200)
    assert.match(String(headers['content-type']), /^text\/html/)
    assert.match(page, /You appear to come from <strong>Sweden<\/strong>/)
    assert.match(page, /127\.0\.0\.1/)
    assert.match(page, /Linné&#60;b&#62;/)
    assert.doesNotMatch(page, /<script|<b>/)
    assert.match(page, /&#60;script&#62;alert\(1\)/)
  })

  test('lets its own style in and nothing else', async () => {
    const { headers, body } = await ask(site, '/')
    const policy = String(headers['content-security-policy'])
    const style = /<style>([\s\S]*?)<\/style>/.exec(body.toString())![1]!
    assert.match(policy, /^default-src 'none'/)
    assert.ok(policy.includes(`'sha256-${sha256(Buffer.from(style)).toString('base64')}'`))
    assert.doesNotMatch(policy, /unsafe/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
  })

  test('says it in text and JSON too', async () => {
    assert.equal((await ask(site, '/ip')).body.toString(), '127.0.0.1\n')
    assert.deepEqual(JSON.parse((await ask(site, '/json?x')).body.toString()), {
      address: '127.0.0.1',
      country: 'se',
      countryName: 'Sweden',
      town: 'Uppsala',
      relay: 'Linné<b>',
    })
  })

  test('its shop has other prices, another address or none, by where one comes from', async () => {
    const offer = (country: string, path = '/offers') => offerFor(practicePlace(practiceAddress(country, 1)!), path)
    assert.match(offer('se').lines.join(), /349 kr/)
    assert.match(offer('jp').lines.join(), /¥5,400/)
    assert.deepEqual([offer('de').status, offer('de').location], [302, '/offers/eu'])
    assert.match(offer('de', '/offers/eu').lines.join(), /€32\.90/)
    assert.equal(offer('br').status, 451)
    assert.equal(offerFor(undefined, '/offers').status, 200)
    const { status, body } = await ask(site, '/offers')
    assert.equal(status, 200)
    assert.match(body.toString(), /Prices for Sweden/)
  })

  test('is the same over https, with a certificate that only the practice world trusts', async () => {
    const now = Date.now()
    const authority = new WebAuthority('Test', 'Test', now)
    const certificate = authority.issue('Site', ['practice.test'], now)
    const secure = new PracticeSite({
      host: '127.0.0.1',
      certificate,
      visitor: address => ({ address, place: undefined, relay: undefined }),
    })
    await secure.start()
    try {
      const signal = AbortSignal.timeout(10_000)
      const dial = () => connectTcp({ host: '127.0.0.1', port: secure.securePort! })
      const known = await startWebTls(await dial(), { host: 'practice.test', extraRoots: [authority.certPem], signal })
      assert.equal(known.problem, undefined)
      known.stream.write('GET /ip HTTP/1.1\r\nHost: practice.test\r\nConnection: close\r\n\r\n')
      assert.match((await known.stream.toArray()).join(''), /127\.0\.0\.1\n$/)
      const unknown = await startWebTls(await dial(), { host: 'practice.test', signal })
      unknown.stream.destroy()
      assert.equal(unknown.problem, 'unknown-issuer')
    } finally {
      await secure.stop()
    }
  })

  test('serves any number of known bytes', async () => {
    for (const length of [0, 1, 65_535, 65_537, 1_000_000]) {
      const { status, headers, body } = await ask(site, `/bytes/${length}`)
      assert.equal(status, 200)
      assert.equal(headers['content-length'], String(length))
      assert.ok(body.equals(patternBytes(length)), `${length} bytes`)
    }
    assert.equal(patternBytes(70_000)[65_536 + 300], (300 * 31 + 17) & 0xff)
    assert.equal((await ask(site, `/bytes/${SITE_MAX_BYTES + 1}`)).status, 400)
    assert.equal((await ask(site, '/bytes/-1')).status, 404)
    assert.equal((await ask(site, '/bytes/1e3')).status, 404)
    assert.equal((await ask(site, '/bytes/5', { method: 'HEAD' })).body.length, 0)
  })

  test('answers an upload with its SHA-256', async () => {
    const body = patternBytes(3_000_001)
    const reply = await ask(site, '/upload', { method: 'POST', body })
    assert.equal(reply.body.toString(), `${sha256(body).toString('hex')}\n`)
    assert.equal((await ask(site, '/upload', { method: 'POST' })).body.toString(), `${sha256(Buffer.alloc(0)).toString('hex')}\n`)
    const large = await ask(site, '/upload', {
      method: 'POST',
      headers: { 'Content-Length': String(SITE_MAX_BYTES + 1), Expect: '100-continue' },
    })
    assert.equal(large.status, 413)
  })

  test('refuses what it does not know', async () => {
    assert.equal((await ask(site, '/nothing')).status, 404)
    assert.equal((await ask(site, '/ip', { method: 'POST' })).status, 405)
    assert.equal((await ask(site, '/upload')).status, 405)
  })

  test('survives nonsense on its port', async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host: site.address, port: site.port }, () => socket.write('\x16\x03\x01\x00 nonsense\r\n\r\n'))
      socket.setTimeout(10_000, () => reject(new Error('not closed')))
      socket.on('close', () => resolve())
      socket.on('error', () => {})
      socket.resume()
    })
    assert.equal((await ask(site, '/ip')).status, 200)
  })

  test('a visitor from nowhere comes from this computer', () => {
    const page = sitePage({ address: '127.0.0.1', place: undefined, relay: undefined }, '')
    assert.match(page, /You appear to come from <strong>this computer<\/strong>/)
  })
})
