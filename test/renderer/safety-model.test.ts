import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { checkPolicy } from '../../main/app/policy-check.ts'
import { BlockList } from '../../main/perspective/block-list.ts'
import {
  blockFault,
  hoursWords,
  logTimes,
  looksLikeAddress,
  partsOf,
  peerOf,
  policyFault,
  policyWords,
  portOf,
  timeOf,
} from '../../renderer/views/safety/model.ts'

const policy = (text: string) => {
  const answer = checkPolicy(text)
  return answer.ok ? policyWords(answer) : policyFault(answer)
}

describe('a policy in plain words', () => {
  const cases: [string, string][] = [
    ['accept *:80, accept *:443, reject *:*', 'Lets out web ports 80 and 443 to every public address.'],
    ['reject *:*', 'Lets nothing out.'],
    ['', 'Lets nothing out.'],
    ['accept *:*', 'Lets out every port to every public address.'],
    ['accept *:22', 'Lets out port 22 to every public address.'],
    ['accept *:80, accept *:8000-8100', 'Lets out ports 80 and 8000–8100 to every public address.'],
    ['accept *4:443', 'Lets out port 443 to every public address. Over IPv6: Lets nothing out.'],
    [
      'reject 93.184.0.0/16:*, accept *4:443, accept 8.8.8.0/24:53, reject *6:*',
      'Lets out port 443 to every public address but those that it refuses. Lets out port 53 to some addresses only. Over IPv6: Lets nothing out.',
    ],
    [
      'accept *:80\naccept *:99999',
      'Line 2, “accept *:99999”, cannot be used. A port is a number from 1 to 65535, a range like 8000-8100, or *.',
    ],
    ['allow \u202e<b>:80', 'Line 1, “allow <b>:80”, cannot be used. A rule begins with accept or reject.'],
    ['reject private:*\n'.repeat(400), 'The policy has too many rules.'],
  ]
  for (const [text, words] of cases) test(JSON.stringify(text.slice(0, 60)), () => assert.equal(policy(text), words))
})

describe('a list in parts', () => {
  test('the parts hold every line, in order, and say how many are before', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,12}$/)), fc.integer({ min: 13, max: 40 }), (lines, length) => {
        const parts = partsOf(lines.join('\r\n'), length)
        for (const { text } of parts) assert.ok(text.length <= length)
        assert.deepEqual(
          parts.flatMap(({ text }) => text.slice(0, -1).split('\n')),
          lines.length === 0 ? [''] : lines,
        )
        let before = 0
        for (const part of parts) {
          assert.equal(part.before, before)
          before += part.text.split('\n').length - 1
        }
      }),
    )
  })

  test('a line longer than a part is cut, and then is no entry', () => {
    const [first, second] = partsOf(`{se}\n${'x'.repeat(500)}\n{no}`, 100)
    assert.ok(first && second)
    assert.equal(second.text.length, 100)
  })

  test('every reason that main gives for passing a line over has words', () => {
    const { errors } = BlockList.parse('who\n{se} expiry=soon\n{se} because')
    assert.deepEqual(
      errors.map(({ reason }) => blockFault(reason)),
      ['target', 'expiry', 'rest'],
    )
  })
})

describe('what a person types', () => {
  test('times, by the own clock and as UTC', () => {
    assert.equal(timeOf('2026-11-22T12:00', 'utc'), Date.UTC(2026, 10, 22, 12))
    assert.equal(timeOf('2026-11-22T12:00:05', 'utc'), Date.UTC(2026, 10, 22, 12, 0, 5))
    assert.equal(timeOf('2026-11-22T12:00'), new Date(2026, 10, 22, 12).getTime())
    for (const text of ['', 'now', '2026-11-22', '2026-13-22T12:00', '2026-11-22T25:00']) assert.equal(timeOf(text), undefined, text)
  })

  test('ports and addresses', () => {
    assert.deepEqual([portOf(''), portOf(' 443 '), portOf('65535')], [undefined, 443, 65535])
    for (const text of ['0', '65536', 'https', '-1', '1.5']) assert.ok(Number.isNaN(portOf(text)), text)
    for (const text of ['192.0.2.7', '192.0.2.0/24', '2001:db8::1', '[2001:db8::1]', '2001:db8::/32', '::ffff:192.0.2.1'])
      assert.ok(looksLikeAddress(text), text)
    for (const text of ['', 'example.com', '1.2.3', 'se', '192.0.2.7:443']) assert.ok(!looksLikeAddress(text), text)
  })

  test('a member by fingerprint, or by a name that one alone has', () => {
    const known = [
      { fingerprint: 'AB'.repeat(20), nickname: 'one' },
      { fingerprint: 'AB'.repeat(20), nickname: 'one' },
      { fingerprint: 'CD'.repeat(20), nickname: 'two' },
      { fingerprint: 'EF'.repeat(20), nickname: 'Two' },
    ]
    assert.equal(peerOf(` $${'ab'.repeat(20)}`, known), 'AB'.repeat(20))
    assert.equal(peerOf('ABAB '.repeat(10), known), 'AB'.repeat(20))
    assert.equal(peerOf('ONE', known), 'AB'.repeat(20))
    assert.equal(peerOf('two', known), undefined)
    assert.equal(peerOf('three', known), undefined)
  })

  test('the times that a log can be kept', () => {
    assert.deepEqual([logTimes(0)[0], logTimes(0).at(-1)], [1, 2160])
    assert.ok(logTimes(5).includes(5))
    assert.deepEqual(
      [hoursWords(1), hoursWords(24), hoursWords(72), hoursWords(2160), hoursWords(50)],
      ['1 hour', '24 hours', '3 days', '90 days', '50 hours'],
    )
  })
})
