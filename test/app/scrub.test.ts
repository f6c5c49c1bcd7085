import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { diagnosticsText } from '../../main/app/diagnostics.ts'
import { Scrubber } from '../../main/app/scrub.ts'
import type { AppState } from '../../shared/state.ts'
import { failedPorts, looking, sampleState } from '../renderer/sample-state.ts'

const FP = 'C0FFEE00'.repeat(5)
const KEY = Buffer.alloc(32, 0xfb).toString('base64')

describe('the scrubber', () => {
  const gone = [
    '198.51.100.7',
    '198.51.100.7:9001',
    '010.020.030.040',
    '[2001:db8::1]:443',
    '2001:DB8:0:0:0:0:0:1',
    '::ffff:192.0.2.1',
    'fe80::1%eth0',
    '00:1a:2b:3c:4d:5e',
    FP,
    `$${FP}`,
    FP.toLowerCase(),
    FP.match(/.{4}/g)!.join(' '),
    'ab'.repeat(32),
    KEY,
    KEY.slice(0, 43),
    'someone@example.org',
    'www.example.com',
    '.example.com',
    'm\u00fcnchen.example',
    '\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444',
    'abcdefghijklmnop.onion',
    'eyJhbGciOiJIUzI1NiJ9abc_def-123',
  ]
  for (const text of gone)
    test(`takes out ${text}`, () => {
      const line = new Scrubber([]).line(`before ${text} after (${text})`)
      assert.match(line, /^before \S*\[[a-z]+ 1\]\S* after \(\S*\[[a-z]+ 1\]\S*\)$/, line)
      assert.ok(!line.toLowerCase().includes(text.toLowerCase()))
    })

  test('what lies across the end of a long line is not half told', () => {
    const secrets = [
      '198.51.100.77',
      FP,
      FP.match(/.{4}/g)!.join(' '),
      'someone@mail.example.org',
      'www.long-name.example.com',
      'My Data Folder',
    ]
    for (const secret of secrets)
      for (let kept = 3; kept < secret.length; kept++) {
        // As much as is told, and the text lies across its end.
        const line = new Scrubber([{ text: 'My Data Folder', as: 'folder' }]).line(
          `${'- '.repeat(1000).slice(kept)}${secret} ${'- '.repeat(500)}`,
        )
        assert.ok(!line.includes(secret.slice(0, 3)), line.slice(-60))
        assert.ok(line.length < 2100)
      }
  })

  test('a name that is written in parts is the same name', () => {
    assert.equal(new Scrubber([{ text: 'Zo\u00eb', as: 'user' }]).line('/home/Zoe\u0308/x'), '/home/[user]/x')
  })

  test('long lines of what almost is a name or an address take no time', () => {
    const scrubber = new Scrubber([])
    const start = performance.now()
    for (const part of ['a-', 'a', 'a.', ':', '1.', 'ab:', '-', '\u00e4-', 'a@', 'at A.b'])
      for (let line = 0; line < 30; line++) scrubber.line(part.repeat(2000))
    assert.ok(performance.now() - start < 10_000)
  })

  const stays = [
    '    at async App.start (app.ts:12:3)',
    'at 12:30:05 in (app.ts:12:3)',
    '2026-11-22T10:00:00.000Z info relay: listening',
    'settings.json blocklist.txt main.mjs',
    '127.0.0.1 0.0.0.0 ::1',
    'accept *:80, accept *:443, reject *:*',
    'perspective-refused not-found internal',
  ]
  for (const text of stays) test(`leaves ${text}`, () => assert.equal(new Scrubber([]).line(text), text))

  test('calls the same thing by the same name, in any spelling', () => {
    const scrubber = new Scrubber([])
    assert.equal(scrubber.line('8.8.8.8 9.9.9.9 8.8.8.8'), '[address 1] [address 2] [address 1]')
    assert.equal(scrubber.line(`$${FP.toLowerCase()} 2001:db8::1 [2001:DB8:0::1]`), '[fingerprint 1] [address 3] [address 3]')
  })

  test('takes out secrets in any case, the longest first, and none of them as a pattern', () => {
    const scrubber = new Scrubber([
      { text: 'Ann', as: 'short' },
      { text: 'Ann (.*) O\u2019Neil', as: 'contact' },
      { text: 'x', as: 'never' },
    ])
    assert.equal(scrubber.line('by ANN (.*) o\u2019neil and ann x'), 'by [contact] and [short] x')
  })

  test('leaves no characters that change how the text is shown', () => {
    assert.equal(new Scrubber([]).line('a\u202eb\u0000c\u001b[31m\u200bd'), 'abc[31md')
  })
})

describe('T22: the diagnostics', () => {
  const planted = {
    contact: 'Hedwig Planted <hedwig@planted.example>',
    secret: 'plantedsecret',
    theirs: '203.0.113.199',
    theirs6: '2001:db8:99::42',
    host: 'planted.example.net',
    nickname: 'PlantedNick',
    own: '198.51.100.200',
    peer: FP,
    folder: '/home/plantedperson/.local/share/vantage',
  }
  const state = sampleState('unlocked')
  const now = Date.now()
  const full: AppState = {
    ...state,
    ports: failedPorts(),
    relay: {
      ...state.relay,
      nickname: planted.nickname,
      address: planted.own,
      publications: [{ authority: 'moria1', answer: 'rejected' as const, text: `no ${planted.own}`, readBack: false, at: now }],
    },
    perspective: { ...looking(state), secret: planted.secret },
    problems: [
      { code: 'perspective-refused' as const, detail: { relay: planted.peer, address: planted.theirs6, host: planted.host }, at: now },
      { code: 'data-folder-unreadable' as const, detail: { folder: planted.folder }, at: now },
    ],
    settings: {
      ...state.settings,
      contact: planted.contact,
      address: planted.own,
      nickname: planted.nickname,
      favourites: [planted.peer],
      lists: [{ id: 'plantedlist', name: 'Planted list', places: [planted.peer, 'kp'] }],
      countryCorrections: [{ fingerprint: planted.peer, country: 'kp' }],
    },
    server: {
      ...state.server,
      sessions: [
        { fingerprint: planted.peer, nickname: 'PlantedGuest', links: 1, circuits: 1, streams: 1, dayBytes: 1, bytesPerDay: 2, factor: 1 },
      ],
      alarms: [{ kind: 'scan' as const, fingerprint: planted.peer, at: now }],
    },
  }
  const lines = [
    `peer ${planted.theirs}:443 of $${planted.peer} asked for ${planted.host}`,
    `at open (${planted.folder}/main.ts:1:2)\nsecond line ${planted.theirs6}`,
    `contact ${planted.contact} secret ${planted.secret} ${planted.nickname} PlantedGuest`,
  ]
  const text = diagnosticsText({
    state: full,
    log: lines.map(line => ({ time: now, level: 'warn' as const, scope: 'relay', text: line })),
    now,
    machine: { platform: 'linux', arch: 'x64', node: '24.0.0', electron: undefined, memoryBytes: 1e8, heapBytes: 5e7 },
    secrets: [{ text: '/home/plantedperson', as: 'home' }],
  })

  test('hold nothing of what was planted, in any case', () => {
    for (const [name, value] of Object.entries(planted)) assert.ok(!text.toLowerCase().includes(value.toLowerCase()), `${name}\n${text}`)
    for (const { fingerprint, nickname, address } of state.perspective.relays)
      for (const value of [fingerprint, nickname, address]) assert.ok(!text.includes(value), value)
    assert.ok(!text.includes(state.relay.fingerprint!))
    assert.doesNotMatch(text, /planted/i)
    assert.doesNotMatch(text, /\d{1,3}(\.\d{1,3}){3}(?<!0\.0\.0\.0|127\.0\.0\.1)/)
  })

  test('still say what a helper needs', () => {
    for (const part of [
      'Vantage 0.1.0, headless',
      '== Journey',
      '"step":"unlocked"',
      'or {"wanted":9001',
      'perspectivePolicy "accept *:80, accept *:443, reject *:*"',
      'contact given',
      'perspective-refused',
      'second line [address',
      'publication moria1 rejected',
      'alarm scan',
    ])
      assert.ok(text.includes(part), `${part}\n${text}`)
  })
})
