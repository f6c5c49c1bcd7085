import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { widenedPorts } from '../../main/app/policy-widening.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { settings } from '../../shared/settings.ts'

const USUAL = settings.parse({}).perspectivePolicy
const ports = (text: string, ...older: string[]) =>
  widenedPorts(text, [USUAL, ...older]).map(({ low, high }) => (low === high ? `${low}` : `${low}-${high}`))

describe('what a new policy for members lets out that the agreed one did not', () => {
  const table: [what: string, text: string, older: string[], expected: string[]][] = [
    ['the same', USUAL, [], []],
    ['less', 'accept *:443, reject *:*', [], []],
    ['the same in other words', 'accept *:443\naccept 0.0.0.0/1:80, accept 128.0.0.0/1:80, accept [::]/0:80\nreject *:*', [], []],
    ['nothing', 'reject *:*', [], []],
    ['a port more', `accept *:8080, ${USUAL}`, [], ['8080']],
    ['ports side by side', 'accept *:80-85, accept *:443', [], ['81-85']],
    ['everything', 'accept *:*', [], ['1-79', '81-442', '444-65535']],
    ['one address at a new port', `accept 192.0.2.7:22, ${USUAL}`, [], ['22']],
    ['IPv6 alone at a new port', `accept6 *:993, ${USUAL}`, [], ['993']],
    ['private addresses, which are refused whatever it says', `accept 192.168.0.0/16:22, ${USUAL}`, [], []],
    ['what an older one let out already', `accept *:8080, ${USUAL}`, [`accept *:8000-8100, ${USUAL}`], []],
    ['more addresses at an old port', 'accept 8.8.0.0/16:53', ['accept 8.8.8.0/24:53'], ['53']],
    ['fewer addresses at an old port', 'accept 8.8.8.0/24:53', ['accept 8.8.0.0/16:53'], []],
    ['together no more than the older ones', 'accept 8.0.0.0/7:53', ['accept 8.0.0.0/8:53', 'accept 9.0.0.0/8:53'], []],
    ['a hole filled', 'accept *4:53', ['reject 8.8.8.8:53, accept *4:53'], ['53']],
    ['the last address of all', 'accept 223.255.255.255:53', ['accept 223.255.255.254:53'], ['53']],
    ['no policy at all', 'accept everything', [], []],
  ]
  for (const [what, text, older, expected] of table) test(what, () => assert.deepEqual(ports(text, ...older), expected))

  test('agrees with the policies themselves, at every address and port that is tried', () => {
    const block = fc.constantFrom('*4', '8.0.0.0/6', '8.8.0.0/16', '8.8.8.0/24', '8.8.8.8', '11.255.255.255', '223.0.0.0/8', '10.0.0.0/8')
    const port = fc.constantFrom('*', '1', '53', '50-60', '60-65535')
    const rule = fc.tuple(fc.constantFrom('accept', 'reject'), block, port).map(([word, where, at]) => `${word} ${where}:${at}`)
    const policy = fc.array(rule, { maxLength: 6 }).map(rules => rules.join(', '))
    const addresses = ['8.0.0.0', '8.8.8.8', '8.8.8.9', '8.8.9.0', '11.255.255.255', '12.0.0.0', '223.255.255.255', '10.1.1.1']
    const parsed = (text: string) => ExitPolicy.parse(text, { rejectPrivate: true })
    fc.assert(
      fc.property(policy, policy, fc.constantFrom(...addresses), fc.constantFrom(1, 53, 55, 60, 61, 65535), (text, older, address, at) => {
        const more = parsed(text).decide(address, at) && !parsed(older).decide(address, at)
        const said = widenedPorts(text, [older]).some(({ low, high }) => low <= at && at <= high)
        assert.ok(!more || said, 'what is new is told')
        assert.deepEqual(widenedPorts(text, [older, text]), [], 'what was saved before is not new')
      }),
    )
  })

  test('a policy too knotted to be compared counts as wider', () => {
    const rules = Array.from({ length: 700 }, (_, i) => `accept ${1 + (i % 200)}.${i % 256}.0.0/16:${1000 + i}-${60000 - i}`).join(',')
    assert.ok(widenedPorts(rules, [rules, USUAL]).length > 0)
  })
})
