import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { openTabProxy } from '../../main/app/tab-proxy.ts'
import { safeFileName } from '../../main/electron/tabs/file-name.ts'
import { FrameColours } from '../../main/electron/tabs/frame-colours.ts'
import { HttpsFirst, isCertificateError, isWebAddress, mayAskForPlain, withoutCredentials } from '../../main/electron/tabs/https-first.ts'
import { type Key, keyWish } from '../../main/electron/tabs/shortcuts.ts'
import { duplexConnection, ProxyRefused } from '../../main/perspective/proxy-target.ts'
import { FRAME_COLOURS } from '../../shared/toolbar.ts'
import { connectSocks } from '../interop/socks.ts'

describe('https first', () => {
  test('T18: a page is upgraded, by a person’s wish or on its way, and the plain address is known when that fails', () => {
    const https = new HttpsFirst()
    assert.equal(https.aim('http://a.example/x?y#z'), 'https://a.example/x?y#z')
    assert.equal(https.plainOf('https://a.example/x?y#z'), 'http://a.example/x?y#z')
    https.begin('https://a.example/x?y#z')
    assert.equal(https.plainOf('https://a.example/x?y#z'), 'http://a.example/x?y#z', 'its own beginning does not forget it')
    https.begin('https://b.example/')
    assert.equal(https.plainOf('https://a.example/x?y#z'), undefined)
    assert.deepEqual(https.decide('http://c.example:8080/'), { kind: 'upgrade', url: 'https://c.example:8080/' })
    assert.deepEqual(https.decide('https://c.example/'), { kind: 'as-it-is' })
  })

  test('a site that sends back to plain http is asked about once, not followed for ever', () => {
    const https = new HttpsFirst()
    https.aim('http://a.example/')
    assert.deepEqual(https.decide('http://a.example/'), { kind: 'ask' })
    assert.deepEqual(https.decide('http://a.example/other'), { kind: 'upgrade', url: 'https://a.example/other' })
  })

  test('plain http holds for its origin alone', () => {
    const https = new HttpsFirst()
    https.allowPlain('http://a.example/page')
    assert.deepEqual(https.decide('http://a.example/other'), { kind: 'as-it-is' })
    for (const url of ['http://a.example:81/', 'http://b.a.example/', 'http://a.example.evil/'])
      assert.equal(https.decide(url).kind, 'upgrade', url)
  })

  test('T18: a bad certificate, or a way that is missing, is no reason to ask for less', () => {
    assert.ok(mayAskForPlain('ERR_SSL_PROTOCOL_ERROR', undefined))
    assert.ok(mayAskForPlain('ERR_SOCKS_CONNECTION_FAILED', 'connection-refused'))
    for (const [code, refusal] of [
      ['ERR_CERT_AUTHORITY_INVALID', undefined],
      ['ERR_CERT_DATE_INVALID', 'timeout'],
      ['ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN', undefined],
      ['ERR_PROXY_CONNECTION_FAILED', undefined],
      ['ERR_SOCKS_CONNECTION_FAILED', 'locked'],
      ['ERR_SOCKS_CONNECTION_FAILED', 'no-relay'],
      ['ERR_SOCKS_CONNECTION_FAILED', 'name-unknown'],
    ] as const)
      assert.ok(!mayAskForPlain(code, refusal), `${code} ${refusal}`)
    assert.ok(!isCertificateError('ERR_SSL_PROTOCOL_ERROR'))
  })

  test('T18: a name that poses as the site is not shown', () => {
    for (const [url, shown] of [
      ['https://bank.example@evil.example/a@b', 'https://evil.example/a@b'],
      ['https://bank.example%2Flogin:x@evil.example:8443/?q#f', 'https://evil.example:8443/?q#f'],
      ['https://x.example/@someone', 'https://x.example/@someone'],
      ['data:text/html,a@b', 'data:text/html,a@b'],
      ['no address @', 'no address @'],
    ] as const)
      assert.equal(withoutCredentials(url), shown)
  })

  test('T19: only the web is the web', () => {
    for (const url of ['http://a/', 'https://a/', 'about:blank']) assert.ok(isWebAddress(url), url)
    for (const url of [
      'app://bundle/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'data:text/html,x',
      'blob:https://a/x',
      'chrome://version',
      'about:config',
      'HTTP',
      '',
    ])
      assert.ok(!isWebAddress(url), url)
  })
})

describe('names of files', () => {
  test('T18: folders, devices, hidden files and turned endings are taken out; the true ending stays', () => {
    for (const [given, safe] of [
      ['report.pdf', 'report.pdf'],
      ['../../.bashrc', 'bashrc'],
      ['..\\..\\x.exe', 'x.exe'],
      ['/etc/passwd', 'passwd'],
      ['a\u202efdp.exe', 'afdp.exe'],
      ['con', '_con'],
      ['LPT1.txt', '_LPT1.txt'],
      ['x.txt. . ', 'x.txt'],
      ['a\u0000b\nc.txt', 'abc.txt'],
      ['<a>:"b|c?*.txt', '_a___b_c__.txt'],
      ['', 'download'],
      ['...', 'download'],
      ['التقرير.pdf', 'التقرير.pdf'],
    ] as const)
      assert.equal(safeFileName(given), safe, JSON.stringify(given))
    assert.match(safeFileName(`${'ä'.repeat(500)}.tar.gz`), /^ä{98}\.gz$/)
  })

  test('whatever a site says, it is one plain name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), given => {
        const name = safeFileName(given)
        assert.ok(name.length > 0 && Buffer.byteLength(name) <= 200)
        assert.doesNotMatch(name, /[/\\\u0000-\u001f\u202a-\u202e]|^[.~]|[. ]$/)
      }),
    )
  })
})

test('frames: one perspective, one colour; others have others while there are enough', () => {
  const colours = new FrameColours()
  const names = ['se', 'de', 'any', 'fr', 'jp', 'us', 'br', 'za']
  assert.equal(new Set(names.map(name => colours.take(name))).size, FRAME_COLOURS)
  const sweden = colours.take('se')
  assert.ok(colours.take('it') >= 0, 'more than there are colours')
  colours.release('se')
  assert.equal(colours.take('se'), sweden, 'it was still open')
  assert.equal(new FrameColours().take('se'), new FrameColours().take('se'), 'the same the next time')
})

test('keys ask for what they do in browsers', () => {
  const wish = (text: string, mac = false) => {
    const parts = text.split(' ')
    const key: Key = {
      key: parts.at(-1)!,
      control: parts.includes('Ctrl'),
      alt: parts.includes('Alt'),
      shift: parts.includes('Shift'),
      meta: parts.includes('Cmd'),
    }
    return keyWish(key, mac)
  }
  for (const [keys, asked] of [
    ['Ctrl t', { do: 'new-tab' }],
    ['Ctrl w', { do: 'close-tab' }],
    ['Ctrl Shift P', { do: 'private-tab' }],
    ['Ctrl Shift U', { do: 'new-identity' }],
    ['Ctrl Tab', { do: 'next-tab', by: 1 }],
    ['Ctrl Shift Tab', { do: 'next-tab', by: -1 }],
    ['Ctrl 3', { do: 'tab-at', at: 3 }],
    ['Ctrl 9', { do: 'tab-at', at: -1 }],
    ['Ctrl l', { do: 'focus', on: 'address' }],
    ['Alt d', { do: 'focus', on: 'address' }],
    ['F6', { do: 'change-side' }],
    ['Ctrl f', { do: 'focus', on: 'find' }],
    ['Shift F3', { do: 'find-again', forward: false }],
    ['Ctrl g', { do: 'find-again', forward: true }],
    ['Alt ArrowLeft', { do: 'back' }],
    ['Alt ArrowRight', { do: 'forward' }],
    ['F5', { do: 'reload' }],
    ['Escape', { do: 'stop' }],
    ['Ctrl +', { do: 'zoom', by: 'in' }],
    ['Ctrl -', { do: 'zoom', by: 'out' }],
    ['Ctrl 0', { do: 'zoom', by: 'reset' }],
  ] as const)
    assert.deepEqual(wish(keys), asked, keys)
  assert.deepEqual(wish('Cmd t', true), { do: 'new-tab' })
  assert.deepEqual(wish('Cmd [', true), { do: 'back' })
  // Letters, the clipboard's keys and AltGr are the page's.
  for (const keys of ['t', 'Ctrl c', 'Ctrl v', 'Ctrl a', 'Ctrl Alt q', 'Shift T', 'Ctrl Shift I', 'F12', 'Ctrl p'])
    assert.equal(wish(keys), undefined, keys)
  assert.equal(wish('Ctrl t', true), undefined)
  assert.equal(wish('Alt ArrowLeft', true), undefined, 'words are walked so on macOS')
})

test('a tab’s proxy keeps to its perspective, and remembers who carried it and why not', async () => {
  const asked: unknown[] = []
  const proxy = await openTabProxy(
    {
      open: async request => {
        asked.push([request.host, request.choice, request.user])
        if (request.host === 'gone.example') throw new ProxyRefused('no-relay')
        return { ...duplexConnection(new PassThrough()), through: 'AB' }
      },
    },
    { kind: 'country', country: 'se' },
    'tab 7',
  )
  let told = 0
  proxy.onThrough.add(() => told++)
  await assert.rejects(connectSocks(proxy.port, 'gone.example', 80))
  assert.deepEqual([proxy.refusal('gone.example'), proxy.through], ['no-relay', undefined])
  // Who names another perspective gets this one.
  for (const user of [undefined, 'tor']) {
    const socket = await connectSocks(proxy.port, 'here.example', 80, user)
    socket.destroy()
  }
  assert.deepEqual([proxy.through, told, proxy.refusal('here.example')], ['AB', 1, undefined])
  assert.deepEqual(asked.at(-1), ['here.example', { kind: 'country', country: 'se' }, 'tab 7'])
  await proxy.close()
  const [error] = await once(connect(proxy.port, '127.0.0.1'), 'error')
  assert.equal(error.code, 'ECONNREFUSED')
})
