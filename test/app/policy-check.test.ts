import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkPolicy } from '../../main/app/policy-check.ts'
import { DEFAULT_EXIT_POLICY } from '../../main/document/exit-policy.ts'
import { calls } from '../../shared/ipc.ts'
import { settings } from '../../shared/settings.ts'

const check = (text: string) => calls['policy.check'].result.parse(checkPolicy(text))
const open = (text: string) => {
  const answer = check(text)
  assert.ok(answer.ok)
  return answer
}
const nothing = { all: [], most: [], some: [] }
const web = [
  { low: 80, high: 80 },
  { low: 443, high: 443 },
]

describe('what a policy lets out', () => {
  test('the usual one of members: web ports to every public address', () => {
    const { v4, v6, risks } = open(settings.parse({}).perspectivePolicy)
    assert.deepEqual([v4, v6, risks], [{ ...nothing, all: web }, { ...nothing, all: web }, []])
  })

  test('nothing: what rejects all, what says nothing, and what accepts private addresses only', () => {
    for (const text of ['reject *:*', '', 'accept 10.0.0.0/8:80, accept [fd00::]/8:80', 'reject *:*, accept *:80'])
      assert.deepEqual([open(text).v4, open(text).v6], [nothing, nothing], text)
  })

  test('every address but some, some addresses only, one family only', () => {
    assert.deepEqual(open('reject 93.184.0.0/16:*, accept *4:80, accept 8.8.8.0/24:53').v4, {
      all: [],
      most: [{ low: 80, high: 80 }],
      some: [{ low: 53, high: 53 }],
    })
    assert.deepEqual(open('accept6 *:443').v4, nothing)
    assert.deepEqual(open('accept6 *:443').v6.all, [{ low: 443, high: 443 }])
    assert.deepEqual(open('reject 192.168.0.0/16:*, accept *:80').v4.all, [{ low: 80, high: 80 }], 'private addresses do not count')
  })

  test('ports side by side are one range, and ranges are cut where a rule cuts them', () => {
    assert.deepEqual(open('accept *:80, accept *:81-90, reject *:85').v4.all, [{ low: 80, high: 90 }], 'the first rule decides')
    assert.deepEqual(open('reject *:85, accept *:80-90').v4.all, [
      { low: 80, high: 84 },
      { low: 86, high: 90 },
    ])
  })

  test('ports that draw complaints are named', () => {
    assert.deepEqual(open('accept *:*').risks, ['mail', 'login', 'windows', 'torrent'])
    assert.deepEqual(open('accept *:25').risks, ['mail'])
    assert.deepEqual(open('accept 8.8.8.8:22').risks, ['login'])
    assert.deepEqual(open('accept *:6000-7000').risks, ['torrent'])
    assert.deepEqual(open(DEFAULT_EXIT_POLICY).risks, ['mail', 'login'])
  })
})

describe('a policy that cannot be read', () => {
  const faults: [string, number, string, string][] = [
    ['accept *:80\nallow *:443', 2, 'allow *:443', 'keyword'],
    ['accept *:80, accept *:443,\n\n accept *:99999', 3, 'accept *:99999', 'port'],
    ['accept *:80-20', 1, 'accept *:80-20', 'port'],
    ['accept', 1, 'accept', 'pattern'],
    ['accept *:80 *:443', 1, 'accept *:80 *:443', 'pattern'],
    ['accept 300.1.1.1:80', 1, 'accept 300.1.1.1:80', 'address'],
    ['accept example.com:80', 1, 'accept example.com:80', 'address'],
    ['accept [2001:db8::1:80', 1, 'accept [2001:db8::1:80', 'address'],
    ['accept 8.8.8.8/33:80', 1, 'accept 8.8.8.8/33:80', 'mask'],
    ['accept 8.8.8.8/255.0.255.0:80', 1, 'accept 8.8.8.8/255.0.255.0:80', 'mask'],
    ['accept6 8.8.8.8:80', 1, 'accept6 8.8.8.8:80', 'family'],
    ['reject private', 1, 'reject private', 'private'],
  ]
  for (const [text, line, item, fault] of faults)
    test(`${JSON.stringify(text)} is wrong in line ${line}: ${fault}`, () =>
      assert.deepEqual(check(text), { ok: false, line, item, fault }))

  test('one that is too long says so, and a rule of any length is shown short', () => {
    assert.equal(check('accept *:80\n'.repeat(2000)).ok, true)
    assert.deepEqual(check('reject private:*\n'.repeat(400)), { ok: false, line: 1, item: '', fault: 'long' })
    const answer = check(`accept ${'x'.repeat(5000)}`)
    assert.ok(!answer.ok && answer.item.length === 100)
  })
})
