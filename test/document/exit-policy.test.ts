import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_EXIT_POLICY, ExitPolicy, PortSummary } from '../../main/document/exit-policy.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { survives } from './fixtures.ts'

const parse = (text: string) => ExitPolicy.parse(text, { otherwise: 'accept' })

/** Policy, summary for IPv4, summary for IPv6: what all authorities must agree on (values as in C tor's own tests). */
const SUMMARIES: readonly (readonly [policy: string, v4: string, v6?: string])[] = [
  ['reject 192.168.0.0/16:*,reject 0.0.0.0/8:*,reject 10.0.0.0/8:*,accept *:10-30,accept *:90,reject *:*', 'accept 10-30,90'],
  ['reject 11.0.0.0/9:80,reject 12.0.0.0/9:80,reject 13.0.0.0/9:80,reject 14.0.0.0/9:80,accept *:*', 'accept 1-65535'],
  ['reject 11.0.0.0/9:80,reject 12.0.0.0/9:80,reject 13.0.0.0/9:80,reject 14.0.0.0/9:80,reject 15.0.0.0:81,accept *:*', 'accept 1-65535'],
  [
    'reject 11.0.0.0/9:80,reject 12.0.0.0/9:80,reject 13.0.0.0/9:80,reject 14.0.0.0/9:80,reject 15.0.0.0:80,accept *:*',
    'reject 80',
    'accept 1-65535',
  ],
  ['accept 11.0.0.0/9:80,reject *:*', 'reject 1-65535'],
  ['accept *:80,accept *:81,accept *:100-110,accept *:111,reject *:*', 'accept 80-81,100-111'],
  ['accept *:1,accept *:3,accept *:65535,reject *:*', 'accept 1,3,65535'],
  ['accept *:1,accept *:3,accept *:5,accept *:7,reject *:*', 'accept 1,3,5,7'],
  ['reject *:1,reject *:3,reject *:5,reject *:7,accept *:*', 'reject 1,3,5,7'],
  ['reject 149.56.1.1:*,reject [2607:5300:1:1::1:0]:*,accept *:80,accept *:443,reject *:*', 'accept 80,443'],
  [
    'reject 149.56.0.0/16,reject6 2607:5300::/32,reject6 2608:5300::/64,reject6 2609:5300::/96,accept *:80,accept *:443,reject *:*',
    'accept 80,443',
  ],
  ['reject 148.0.0.0/7,reject6 2600::/16,accept *:80,accept *:443,reject *:*', 'accept 80,443'],
  ['reject 148.0.0.0/6,reject6 2600::/15,accept *:80,accept *:443,reject *:*', 'reject 1-65535'],
  ['reject 128.0.0.0/1,reject6 8000::/1,accept *:80,accept *:443,reject *:*', 'reject 1-65535'],
  ['reject 0.0.0.0/0,reject6 ::/0,accept *:80,accept *:443,reject *:*', 'reject 1-65535'],
  ['reject 0.0.0.0/0,reject 0.0.0.0/0,reject6 ::/0,reject6 ::/0,accept *:80,reject *:*', 'reject 1-65535'],
  ['accept *4:80,reject *:*', 'accept 80', 'reject 1-65535'],
  ['accept6 *:80,reject *:*', 'reject 1-65535', 'accept 80'],
  ['reject private:*,accept *:443,reject *:*', 'accept 443'],
  ['accept *:*', 'accept 1-65535'],
  [DEFAULT_EXIT_POLICY, 'reject 25,119,135-139,445,563,1214,4661-4666,6346-6429,6699,6881-6999'],
]

describe('summary', () => {
  for (const [policy, v4, v6 = v4] of SUMMARIES) {
    test(policy, () => {
      assert.equal(parse(policy).summary().toString(), v4)
      assert.equal(parse(policy).summary6().toString(), v6)
    })
  }

  test('too long for 1000 characters either way: the accepted ports, as many as fit', () => {
    const odd = Array.from({ length: 400 }, (_, i) => `accept *:${2 * i + 1}`).join(',')
    const text = parse(`${odd},reject *:*`).summary().toString()
    assert.ok(text.startsWith('accept 1,3,5,7,'))
    assert.ok(text.length <= 1000 && text.length > 990)
    assert.ok(text.endsWith(`${PortSummary.parse(text).ranges.at(-1)!.high}`))
  })

  test('a hostile policy is summarized in no time', () => {
    const policy = ExitPolicy.fromDescriptor(Array.from({ length: 1700 }, (_, i) => `${i % 2 ? 'accept' : 'reject'} *:${i * 3 + 1}`))
    const start = performance.now()
    policy.summary()
    assert.ok(performance.now() - start < 2000)
  })

  test('agrees with asking for every port', () => {
    const port = fc.integer({ min: 1, max: 12 })
    const rule = fc
      .tuple(fc.constantFrom('accept', 'reject'), port, port)
      .map(([kind, a, b]) => `${kind} *:${Math.min(a, b)}-${Math.max(a, b)}`)
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), rules => {
        const policy = parse([...rules, 'reject *:*'].join('\n'))
        const summary = policy.summary()
        for (let i = 1; i <= 14; i++) assert.equal(summary.allows(i), policy.decide('192.0.2.1', i), `${rules} ${i}`)
      }),
    )
  })
})

/** Ports 80 and 443 of a whole public /8 of IPv4: the Exit flag. */
const EXIT_FLAG: readonly (readonly [policy: string, general: boolean, withPrivate?: boolean])[] = [
  ['reject 192.168.0.0/16:*', false],
  [`reject private:*,${DEFAULT_EXIT_POLICY}`, true],
  ['reject *:*,accept *:*', false],
  ['accept *:443,accept *:443', false],
  [
    'reject 0.0.0.0/8:*,reject 169.254.0.0/16:*,reject 127.0.0.0/8:*,reject 192.168.0.0/16:*,reject 10.0.0.0/8:*,reject 172.16.0.0/12:*,' +
      'reject 80.190.250.90:*,reject *:1-65534,reject *:65535,accept *:1-65535',
    false,
  ],
  ['accept 43.3.0.0/9:*', false],
  ['accept 0.0.0.0/8:*', false, true],
  ['accept 127.0.0.0/8:*,reject *:*', false, true],
  ['accept6 *:*', false],
  ['accept 43.0.0.0/8:80,accept 44.0.0.0/8:443', true],
  ['reject 43.1.1.1:80,accept 43.0.0.0/8:80,accept *:443', false],
  ['accept 64.0.0.0/2:80-443', true],
]

describe('Exit flag', () => {
  for (const [policy, general, withPrivate = general] of EXIT_FLAG) {
    test(policy, () => {
      // What no rule names does not count for the flag.
      const parsed = ExitPolicy.parse(policy, { otherwise: 'reject' })
      assert.equal(parsed.isExitFlagWorthy(), general)
      assert.equal(parsed.isExitFlagWorthy({ allowPrivate: true }), withPrivate)
    })
  }
})

describe('decisions', () => {
  test('the first rule that matches decides', () => {
    const policy = parse(
      'accept 18.0.0.0/8:80-90, reject 18.1.2.3, accept [2001:db8::]/32:443, reject *4:25, accept 1.2.3.4/255.255.0.0:22, reject *:*',
    )
    for (const [address, port, expected] of [
      ['18.200.0.1', 80, true],
      ['18.1.2.3', 90, true],
      ['18.1.2.3', 91, false],
      ['2001:db8:ffff::1', 443, true],
      ['2001:db9::1', 443, false],
      ['1.2.255.9', 22, true],
      ['1.3.0.0', 22, false],
      ['1.2.3.4', 25, false],
      ['::ffff:18.200.0.1', 80, true],
      ['::ffff:1.2.3.4', 80, false],
      ['18.200.0.1', 0, false],
      ['18.200.0.1', 65536, false],
      ['18.200.0.1', Number.NaN, false],
      ['no address', 80, false],
    ] as const)
      assert.equal(policy.decide(address, port), expected, `${address} ${port}`)
  })

  test('what no rule names is rejected unless asked otherwise; C tor would append its default policy', () => {
    assert.equal(ExitPolicy.parse('accept *:80').decide('192.0.2.1', 443), false)
    assert.equal(ExitPolicy.parse('accept *:80', { otherwise: 'accept' }).decide('192.0.2.1', 443), true)
    const asTor = ExitPolicy.parse('accept *:25', { otherwise: 'default' })
    assert.deepEqual(
      [25, 119, 443].map(port => asTor.decide('192.0.2.1', port)),
      [true, false, true],
    )
    assert.equal(ExitPolicy.parse('').rejectsAll, true)
  })

  test('options put rules first', () => {
    const policy = ExitPolicy.parse('accept *:*', { ipv6: false, rejectPrivate: true, ownAddresses: ['192.0.2.7'] })
    assert.deepEqual(
      ['10.1.2.3', '127.0.0.1', '192.0.2.7', '192.0.2.8', '2001:db8::1'].map(ip => policy.decide(ip, 80)),
      [false, false, false, true, false],
    )
    assert.equal(policy.toString().startsWith('reject *6:*, reject 0.0.0.0/8:*, reject 169.254.0.0/16:*'), true)
    const own6 = ExitPolicy.parse('accept *:*', { ownAddresses: ['2001:db8::1'] })
    assert.deepEqual(
      ['2001:db8::1', '2001:db8::2'].map(ip => own6.decide(ip, 80)),
      [false, true],
    )
  })

  test('before a name is resolved', () => {
    const policy = parse('accept 18.0.0.0/8:80, reject *:25, accept6 *:443, reject *:*')
    assert.deepEqual(
      [80, 25, 443, 22].map(port => policy.mayAccept(port)),
      [true, false, true, false],
    )
    assert.equal(ExitPolicy.rejectAll.mayAccept(80), false)
    assert.equal(ExitPolicy.rejectAll.rejectsAll, true)
    assert.equal(parse('reject *4:*').rejectsAll, false)
  })

  test('rules that decide nothing are dropped, decisions stay', () => {
    assert.equal(parse('accept *:80,reject private:*,reject *:*').toString(), 'accept *4:80, accept *6:80, reject *4:*, reject *6:*')
    assert.equal(
      parse('reject 1.2.3.4:80, accept *:80, reject 1.2.3.4:*, reject *:*').toDescriptorLines().join(),
      'reject 1.2.3.4:80,accept *:80,reject *:*',
    )
    const ip = fc.constantFrom('1.0.0.0/8', '1.2.0.0/16', '1.2.3.4', '*', '2001:db8::/32', '[2001:db8::1]', 'private')
    const rule = fc.tuple(fc.constantFrom('accept', 'reject'), ip, fc.constantFrom('80', '443', '80-443', '*'))
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 7 }), rules => {
        const lines = rules.map(
          ([kind, block, ports]) =>
            `${kind} ${block.includes('::') && !block.startsWith('[') ? `[${block.replace('/', ']/')}` : block}:${ports}`,
        )
        const whole = parse(lines.join(','))
        for (const address of ['1.2.3.4', '1.2.9.9', '1.9.9.9', '9.9.9.9', '10.1.1.1', '2001:db8::1', '2001:db8::2', 'fc00::1']) {
          for (const port of [80, 81, 443, 444]) {
            const first = lines.find(
              line =>
                ExitPolicy.parse(line, { otherwise: line.startsWith('accept') ? 'reject' : 'accept' }).decide(address, port) ===
                line.startsWith('accept'),
            )
            assert.equal(whole.decide(address, port), first?.startsWith('accept') ?? true, `${lines} ${address} ${port}`)
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('grammar', () => {
  test('what an operator may write', () => {
    for (const text of [
      'accept *',
      'accept *:*',
      'accept *4',
      'accept *6:80',
      'reject6 *:80',
      'accept 127.0.0.1',
      'accept 127.0.0.1:*',
      'accept [::]',
      'accept [::]:*',
      'accept [face::b]',
      'accept6 [b::aaaa]:1-2',
      'reject 1.2.3.4/24:80',
      'reject 1.2.3.4/255.0.0.0:80',
      'accept private:80',
      'accept  \t *:80 ',
      'accept 0.0.0.0/0.0.0.0:1',
      'reject [::ffff:1.2.3.4]:80',
    ]) {
      assert.ok(ExitPolicy.parse(text), text)
    }
  })

  test('what nobody may write', () => {
    for (const text of [
      '*:80',
      'deny *:80',
      'Accept *:80',
      'accept',
      'accept *:80 *:81',
      'accept acce::abcd',
      'accept 7:1234',
      'accept ::',
      'accept private',
      'accept privateer:80',
      'accept *:0',
      'accept *:65536',
      'accept *:90-80',
      'accept *:80-',
      'accept *:a',
      'accept *:-80',
      'accept */8:80',
      'accept 1.2.3.4/33',
      'accept 1.2.3.4/255.0.255.0',
      'accept 1.2.3.4/:80',
      'accept [::1]/129',
      'accept [::1',
      'accept [::1]x:80',
      'accept 1.2.3:80',
      'accept 1.2.3.4.5:80',
      'accept 01.2.3.4:80',
      'accept6 1.2.3.4:80',
      'accept *5:80',
      'accept example.org:80',
      `accept ${'1'.repeat(200)}:80`,
      'accept [::ffff:1.2.3.4]/40:80',
    ]) {
      assert.throws(() => ExitPolicy.parse(text), MalformedError, text)
    }
    assert.throws(() => ExitPolicy.parse('reject *:1,'.repeat(5000)), MalformedError)
    assert.throws(() => ExitPolicy.parse('reject private:1,'.repeat(500)), MalformedError)
  })

  test('a descriptor speaks of IPv4 only', () => {
    for (const line of ['accept6 *:80', 'reject6 *:*', 'accept [::1]:80', 'accept *4:80', 'accept *6:80']) {
      assert.throws(() => ExitPolicy.fromDescriptor([line]), MalformedError, line)
    }
    const policy = ExitPolicy.fromDescriptor(['reject private:*', 'accept *:80'])
    assert.deepEqual(
      [policy.decide('192.0.2.1', 443), policy.decide('2001:db8::1', 80), policy.decide('10.0.0.1', 80)],
      [true, false, false],
    )
  })

  test('descriptor lines read back to the same decisions', () => {
    const policy = ExitPolicy.parse('reject 18.0.0.0/8:*,accept *:80,accept [2001:db8::]/32:443,reject *:*', { rejectPrivate: true })
    assert.deepEqual(policy.toDescriptorLines(), [
      'reject 0.0.0.0/8:*',
      'reject 169.254.0.0/16:*',
      'reject 127.0.0.0/8:*',
      'reject 192.168.0.0/16:*',
      'reject 10.0.0.0/8:*',
      'reject 172.16.0.0/12:*',
      'reject 18.0.0.0/8:*',
      'accept *:80',
      'reject *:*',
    ])
    const back = ExitPolicy.fromDescriptor(policy.toDescriptorLines())
    assert.equal(back.summary().toString(), policy.summary().toString())
    assert.deepEqual(ExitPolicy.parse('').toDescriptorLines(), ['reject *:*'])
    assert.deepEqual(ExitPolicy.parse('accept6 *:80').toDescriptorLines(), ['reject *:*'])
    assert.deepEqual(ExitPolicy.parse('reject *6:*', { otherwise: 'accept' }).toDescriptorLines(), ['accept *:*'])
  })

  test('any text is read or refused', () => {
    const word = fc.constantFrom(
      'accept',
      'reject',
      'accept6',
      'private',
      ' ',
      ':',
      '*',
      '[',
      ']',
      '/',
      ',',
      '\n',
      '1',
      '80',
      '-',
      '::',
      '1.2.3.4',
      '\0',
      'ä',
    )
    fc.assert(fc.property(fc.string({ unit: word }), text => void survives(() => ExitPolicy.parse(text).summary())))
  })
})

describe('port lists', () => {
  test('read, ask, write', () => {
    const list = PortSummary.parse('accept 80,443,8000-8080')
    assert.deepEqual(
      [80, 81, 443, 8000, 8080, 8081].map(port => list.allows(port)),
      [true, false, true, true, true, false],
    )
    assert.equal(list.toString(), 'accept 80,443,8000-8080')
    assert.equal(PortSummary.parse('reject 25').allows(25), false)
    assert.equal(PortSummary.parse('reject 25').allows(26), true)
    assert.equal(PortSummary.parse('reject 1-65535').rejectsAll, true)
    assert.equal(PortSummary.parse('accept 1-65535').rejectsAll, false)
  })

  test('entries of a kind to come are skipped, broken ones are not', () => {
    assert.equal(PortSummary.parse('accept udp:5,80,,*').toString(), 'accept 80')
    for (const text of [
      '',
      'accept',
      'accept ',
      'allow 80',
      'accept x',
      'accept 0',
      'accept 65536',
      'accept 90-80',
      'accept 80-',
      'accept 80x',
      'accept 8 0',
      'accept 1-2-3',
    ]) {
      assert.throws(() => PortSummary.parse(text), MalformedError, text)
    }
    assert.throws(() => PortSummary.parse(`accept ${'1,'.repeat(2000)}`), MalformedError)
  })
})
