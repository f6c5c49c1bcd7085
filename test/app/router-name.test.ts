import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { routerName } from '../../main/app/router-name.ts'
import { MappingError } from '../../main/net/port-map/gateway-client.ts'

const HOME = { address: '127.0.0.1', localAddress: '127.0.0.1' }

describe('T25: what the router calls itself', () => {
  let answer: RequestListener
  let asked: string[]
  let port: number
  const server = () =>
    createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      answer(request, response)
    })
  let running: ReturnType<typeof server>
  beforeEach(async () => {
    asked = []
    running = server().listen(0, '127.0.0.1')
    await once(running, 'listening')
    port = (running.address() as AddressInfo).port
  })
  afterEach(async () => {
    running.closeAllConnections()
    running.close()
    await once(running, 'close')
  })
  const ask = (gateway = HOME) => routerName(gateway, AbortSignal.timeout(10_000), port)
  const page = (title: string): RequestListener => {
    return (_, response) => response.setHeader('content-type', 'text/html').end(`<html><head><title>${title}</title></head><body>x`)
  }

  test('is the title of its page, as harmless and short text', async () => {
    answer = page('\n FRITZ!Box &amp; 7590 ')
    assert.equal(await ask(), 'FRITZ!Box & 7590')
    answer = page(`\u202e&lt;b&gt;${'long '.repeat(100)}`)
    const name = await ask()
    assert.ok(name?.startsWith('<b>long') && name.length <= 60, name)
    answer = page('')
    assert.equal((await ask()) || undefined, undefined)
    answer = (_, response) => response.writeHead(500).end('no')
    assert.equal(await ask(), undefined)
  })

  test('also behind a redirect to another page of its own; it is never followed elsewhere, nor for ever', async () => {
    answer = (request, response) =>
      request.url === '/' ? response.writeHead(302, { location: '/login.html' }).end() : page('Speedport')(request, response)
    assert.equal(await ask(), 'Speedport')
    for (const location of ['https://127.0.0.1/', 'http://127.0.0.2/', 'http://user@127.0.0.1/', 'http://example.org/', ':', '']) {
      asked = []
      answer = (_, response) => response.writeHead(302, { location }).end()
      assert.equal(await ask(), undefined, location)
      assert.ok(asked.length <= 3, location)
    }
    answer = (_, response) => response.writeHead(302, { location: '/' }).end()
    asked = []
    assert.equal(await ask(), undefined)
    assert.equal(asked.length, 3)
  })

  test('a page without an end is cut off, and an address that is no home router’s is not asked', async () => {
    answer = (_, response) => {
      const more = () => {
        while (response.write('x'.repeat(16_384)));
        response.once('drain', more)
      }
      more()
    }
    await assert.rejects(ask(), MappingError)
    asked = []
    assert.equal(await ask({ address: '198.41.0.4', localAddress: '198.41.0.5' }), undefined)
    assert.deepEqual(asked, [])
  })
})
