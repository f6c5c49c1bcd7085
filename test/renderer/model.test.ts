import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  byPromise,
  countVotes,
  currentStage,
  endpoint,
  groupedFingerprint,
  niceTop,
  portSettled,
  proxyUserName,
  shellQuoted,
  torPossible,
  webAddress,
} from '../../renderer/model.ts'
import type { AppState } from '../../shared/state.ts'
import { FINGERPRINT, failedPorts, sampleState } from './sample-state.ts'

describe('the stage of the journey', () => {
  const steps = [
    ['consent', 'agree'],
    ['starting', 'ports'],
    ['ports', 'ports'],
    ['publishing', 'publish'],
    ['waiting-for-listing', 'listed'],
    ['waiting-for-stable', 'stable'],
    ['relaying', 'look'],
    ['unlocked', 'look'],
  ] as const
  for (const [step, stage] of steps) test(`${step} is at ${stage}`, () => assert.equal(currentStage(sampleState(step)), stage))

  test('where the step does not say it, the first thing not reached does', () => {
    const stopped = (from: Parameters<typeof sampleState>[0]): AppState => ({ ...sampleState(from), journey: { step: 'stopped' } })
    assert.equal(currentStage(stopped('consent')), 'agree')
    assert.equal(currentStage({ ...stopped('unlocked'), ports: failedPorts() }), 'ports')
    assert.equal(currentStage({ ...stopped('waiting-for-listing'), relay: sampleState('starting').relay }), 'publish')
    assert.equal(currentStage(stopped('waiting-for-listing')), 'listed')
    assert.equal(currentStage(stopped('waiting-for-stable')), 'stable')
    assert.equal(currentStage(stopped('unlocked')), 'look')
  })

  test('a port is settled by proof alone, or by having no door', () => {
    const { or } = sampleState('unlocked').ports
    assert.equal(portSettled(or), true)
    assert.equal(portSettled({ ...or, proof: { state: 'untested' } }), false, 'mapped is not proved')
    assert.equal(portSettled({ ...or, wanted: 'virtual', proof: { state: 'untested' } }), true)
    assert.equal(portSettled({ ...or, wanted: 'off', proof: { state: 'untested' } }), true)
  })

  test('Tor circuits are possible while perspective is locked, but not without relay or directory', () => {
    assert.equal(torPossible(sampleState('waiting-for-stable')), true)
    assert.equal(torPossible(sampleState('consent')), false)
    assert.equal(torPossible(sampleState('stopped')), false)
  })

  test('votes count only where the authority lists us', () => {
    const state = sampleState('waiting-for-stable')
    assert.equal(countVotes(state, 'stable'), 2)
    assert.equal(countVotes(state, 'running'), 8)
    const liar = { authority: 'x', listed: false, running: true, stable: true }
    assert.equal(countVotes({ ...state, votes: { needed: 5, entries: [liar] } }, 'stable'), 0)
  })
})

describe('finding relays', () => {
  const { relays } = sampleState('unlocked').perspective

  test('the most promising come first: not refused, then quick, then by name', () => {
    const order = [...relays].sort(byPromise).map(relay => relay.nickname)
    assert.deepEqual(order, [
      'Grachtengordel',
      'Midnattsol',
      'fjordlys',
      'ZytgloggeBern',
      'hokusai36',
      'unknownland',
      'Leipzig',
      'praiadorosa',
      'Uppsala2',
    ])
  })
})

describe('texts of the model', () => {
  test('proxy user names are those of the command line', () => {
    assert.equal(proxyUserName({ kind: 'off' }), undefined)
    assert.equal(proxyUserName({ kind: 'any' }), 'any')
    assert.equal(proxyUserName({ kind: 'country', country: 'se' }), 'se')
    assert.equal(proxyUserName({ kind: 'relay', fingerprint: FINGERPRINT }), `$${FINGERPRINT}`)
    assert.equal(proxyUserName({ kind: 'tor' }), 'tor')
    assert.equal(proxyUserName({ kind: 'tor', country: 'se' }), 'tor-se')
  })

  test('web addresses: a scheme is added, and only http and https pass', () => {
    assert.equal(webAddress('example.org'), 'https://example.org/')
    assert.equal(webAddress(' http://127.0.0.2:8080/x '), 'http://127.0.0.2:8080/x')
    for (const [typed, meant] of [
      ['https:/example.org/x', 'https://example.org/x'],
      ['HTTP:example.org', 'http://example.org/'],
      ['ht\ntps://example.org/a\r\n\tb', 'https://example.org/ab'],
      ['https://user@example.org', 'https://user@example.org/'],
      ['localhost:8080', 'https://localhost:8080/'],
    ] as const)
      assert.equal(webAddress(typed), meant, typed)
    for (const bad of ['mailto:someone@example.org', 'someone@example.org', `example.org/${'\u00e4'.repeat(700)}`])
      assert.equal(webAddress(bad), undefined, bad)
    for (const bad of [
      '',
      '   ',
      'javascript://%0aalert(1)',
      'file:///etc/passwd',
      'app://bundle/',
      'http://',
      `https://${'a'.repeat(2000)}`,
    ])
      assert.equal(webAddress(bad), undefined, bad)
    for (const bad of [
      'javascript:alert(1)',
      'data:text/html,x',
      'vantage:open',
      'vantage://open',
      'chrome://version',
      'blob:https://x.example/1',
      'about:blank',
      'https:///',
      '//',
      'http://x.example:0/',
      'http://x.example:65536/',
      'http://x.example:-1/',
      'http://[2001:db8::1',
      'http://[::g]/',
      'https://exa mple.com/',
      'https://exa\u0000mple.com/',
      'https://\u202emoc.elpmaxe/',
      'https://a%00.example/',
      'x'.repeat(100_000),
    ])
      assert.equal(webAddress(bad), undefined, bad.slice(0, 40))
    for (const [typed, meant] of [
      ['[2001:db8::1]:8080/x', 'https://[2001:db8::1]:8080/x'],
      ['localhost:8080', 'https://localhost:8080/'],
      ['x.example:65535', 'https://x.example:65535/'],
      ['HTTP://X.EXAMPLE:80/a b\u200f', 'http://x.example/a%20b%E2%80%8F'],
      // What looks like another name is spelled out.
      ['p\u0430ypal.com', 'https://xn--pypal-4ve.com/'],
      ['1.1', 'https://1.0.0.1/'],
    ] as const)
      assert.equal(webAddress(typed), meant)
  })

  test('a web address cannot leave its quotes in a shell', () => {
    assert.equal(shellQuoted("https://x/';rm -rf ~;'"), 'https://x/%27;rm -rf ~;%27')
    assert.equal(shellQuoted('https://x/\n\u202e'), 'https://x/')
  })

  test('endpoints, fingerprints and the top of the graph', () => {
    assert.equal(endpoint('192.0.2.1', 443), '192.0.2.1:443')
    assert.equal(endpoint('2001:db8::1', 443), '[2001:db8::1]:443')
    assert.equal(groupedFingerprint(FINGERPRINT), '9695 DFC3 5FFE B861 329B 9F1A B04C 4639 7020 CE31')
    assert.deepEqual([0, 10_000, 10_001, 49_000, 1_240_000, 99e6].map(niceTop), [10_000, 10_000, 20_000, 50_000, 2_000_000, 100_000_000])
  })
})
