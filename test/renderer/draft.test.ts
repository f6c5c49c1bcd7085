import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { suggestNickname } from '../../renderer/views/home/nickname.ts'
import {
  badPolicyItem,
  type Draft,
  draftErrors,
  draftOf,
  isWiderThanWeb,
  letsOut,
  limitDraft,
  patchOf,
  portNumber,
  rateNumber,
} from '../../renderer/views/settings/draft.ts'
import { settings, settingsPatch } from '../../shared/settings.ts'

const saved = settings.parse({})
const draft = (part: Partial<Draft> = {}): Draft => ({ ...draftOf(saved), ...part })
const wrong = (part: Partial<Draft>) => Object.keys(draftErrors(draft(part)))

describe('the settings form', () => {
  test('saved settings make a faultless form without changes', () => {
    assert.deepEqual(draftErrors(draft()), {})
    assert.deepEqual(patchOf(draft(), saved), {})
  })

  test('only what differs is sent, as the contract wants it', () => {
    const patch = patchOf(draft({ nickname: 'Aussicht', bandwidthRate: '20,5', paKind: 'virtual', orPort: ' 443 ' }), saved)
    assert.deepEqual(patch, { nickname: 'Aussicht', bandwidthRate: 2_562_500, paPort: 'virtual', orPort: 443 })
    assert.deepEqual(settingsPatch.parse(patch), patch)
  })

  test('a perspective port of its own keeps its number, and comes back with one', () => {
    assert.deepEqual(patchOf(draft({ paPort: '9443' }), saved), { paPort: 9443 })
    const off = settings.parse({ paPort: 'off' })
    assert.deepEqual(patchOf({ ...draftOf(off), paKind: 'own' }, off), { paPort: 9040 })
  })

  test('each field says when it is wrong', () => {
    assert.deepEqual(wrong({ nickname: 'two words' }), ['nickname'])
    assert.deepEqual(wrong({ nickname: 'a'.repeat(20) }), ['nickname'])
    assert.deepEqual(wrong({ contact: 'a\nb' }), ['contact'])
    assert.deepEqual(wrong({ address: '203.0.113.256' }), ['address'])
    assert.deepEqual(wrong({ address: ' 203.0.113.7 ' }), [])
    assert.deepEqual(wrong({ orPort: '70000' }), ['orPort'])
    assert.deepEqual(wrong({ dirPort: '' }), ['dirPort'])
    assert.deepEqual(wrong({ paKind: 'virtual', paPort: 'nonsense' }), [])
    assert.deepEqual(wrong({ bandwidthRate: '0.5' }), ['bandwidthRate'])
    assert.deepEqual(wrong({ bandwidthRate: '24' }), ['bandwidthBurst'], 'the burst is below the rate now')
    assert.deepEqual(wrong({ exitPolicy: 'allow *:80' }), ['exitPolicy'])
    assert.deepEqual(wrong({ perspectivePolicy: 'accept *:80, ' }), [])
  })

  test('ports must differ, save those that take any free one', () => {
    assert.deepEqual(wrong({ orPort: '9030' }), ['dirPort'])
    assert.deepEqual(wrong({ socksPort: '9001' }), ['socksPort'])
    assert.deepEqual(wrong({ orPort: '0', dirPort: '0', socksPort: '0', httpPort: '0' }), [])
  })

  test('numbers as people type them', () => {
    assert.deepEqual(['1', ' 443 ', '65535', '65536', '-1', '1e3', '0x10', '', '1.5'].map(portNumber), [
      1,
      443,
      65535,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('limits in Mbit/s become bytes per second, within the same bounds', () => {
    assert.deepEqual(['10', '0,6', '0.6', '16.5', '80000'].map(rateNumber), [1_250_000, 75_000, 75_000, 2_062_500, 10_000_000_000])
    for (const bad of ['', '0.5', '80001', '1e3', 'ten', '-1', 'Infinity', 'NaN', '1.2345678'])
      assert.equal(rateNumber(bad), undefined, bad)
    // What was saved in any number of bytes comes back as it was.
    for (const bytes of [75_001, 1_234_567, 9_999_999_999]) assert.equal(rateNumber(limitDraft(bytes, bytes).bandwidthRate), bytes)
  })

  test('a suggested nickname is valid, and says nothing of anybody', () => {
    for (let at = 0; at < 16; at++)
      assert.match(
        suggestNickname(below => at % below),
        /^[a-zA-Z0-9]{1,19}$/,
      )
    assert.match(suggestNickname(), /^[A-Z][a-z]+[A-Z][a-z]+[1-9]\d$/)
  })

  test('policies in C tor’s grammar pass, slips are named', () => {
    for (const good of [
      'reject *:*',
      'accept *:80, accept *:443\nreject *:*',
      'accept6 [2001:db8::]/32:80-90',
      'accept 192.0.2.0/24',
      'reject 10.0.0.0/255.0.0.0:*',
      'reject private:*',
      'accept *4:443',
      '',
    ])
      assert.equal(badPolicyItem(good), undefined, good)
    assert.equal(badPolicyItem('accept *:80, acept *:443'), 'acept *:443')
    assert.equal(badPolicyItem('accept example.org:80'), 'accept example.org:80')
    assert.equal(badPolicyItem('accept *:http'), 'accept *:http')
  })

  test('a long hostile policy is judged quickly', () => {
    const started = performance.now()
    badPolicyItem(`accept ${'1'.repeat(8000)}`)
    badPolicyItem(`accept ${'['.repeat(4000)}${':'.repeat(3900)}`)
    assert.ok(performance.now() - started < 200)
  })

  test('what a policy lets out', () => {
    assert.equal(isWiderThanWeb('accept *:80, accept *:443, reject *:*'), false)
    assert.equal(isWiderThanWeb('accept *:22, reject *:*'), true)
    assert.equal(isWiderThanWeb('accept *:*'), true)
    assert.equal(isWiderThanWeb('accept 192.0.2.1'), true)
    assert.equal(letsOut('reject *:*'), false)
    assert.equal(letsOut('reject *:25, accept *:80'), true)
  })
})
