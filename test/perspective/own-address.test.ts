import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OwnAddress } from '../../main/perspective/own-address.ts'

const LISTED = new Set(['A', 'B', 'C'])

function learning(options: { set?: string; allowSpecial?: boolean } = {}) {
  const learned: string[] = []
  const own = new OwnAddress({ set: options.set, isListed: by => LISTED.has(by), allowSpecial: options.allowSpecial ?? false })
  own.onLearned.add(address => learned.push(address))
  return { own, learned }
}

describe('our own address', () => {
  test('is believed when two different listed relays name it', () => {
    const { own, learned } = learning()
    own.hear('8.8.4.4', 'A')
    own.hear('8.8.4.4', 'A')
    assert.equal(own.current, undefined)
    own.hear('8.8.4.4', 'B')
    assert.equal(own.current, '8.8.4.4')
    own.hear('8.8.4.4', 'C')
    assert.deepEqual(learned, ['8.8.4.4'])
  })

  test('changes when two relays name another one', () => {
    const { own, learned } = learning()
    for (const by of ['A', 'B']) own.hear('8.8.4.4', by)
    own.hear('9.9.9.9', 'A')
    assert.equal(own.current, '8.8.4.4')
    own.hear('9.9.9.9', 'C')
    assert.deepEqual(learned, ['8.8.4.4', '9.9.9.9'])
  })

  test('is not learned from clients or from relays that nobody lists', () => {
    const { own } = learning()
    for (const by of [undefined, 'X', 'Y', undefined]) own.hear('8.8.4.4', by)
    own.hear('8.8.4.4', 'A')
    assert.equal(own.current, undefined)
  })

  test('is IPv4 and public, but for test networks', () => {
    const strict = learning().own
    for (const by of ['A', 'B']) for (const address of ['2001:db8::1', '127.0.0.1', '192.168.1.4']) strict.hear(address, by)
    assert.equal(strict.current, undefined)
    const lab = learning({ allowSpecial: true }).own
    for (const by of ['A', 'B']) for (const address of ['2001:db8::1', '127.0.0.9']) lab.hear(address, by)
    assert.equal(lab.current, '127.0.0.9')
  })

  test('stays what its owner set', () => {
    const { own, learned } = learning({ set: '1.1.1.1' })
    for (const by of ['A', 'B']) own.hear('8.8.4.4', by)
    assert.equal(own.current, '1.1.1.1')
    assert.deepEqual(learned, [])
  })

  test('is found though one relay names ever others, which stays one voice', () => {
    const { own } = learning()
    for (let i = 0; i < 300; i++) own.hear(`9.9.${i >> 8}.${i & 255}`, 'A')
    own.hear('8.8.4.4', 'B')
    own.hear('9.9.0.7', 'C')
    assert.equal(own.current, undefined, 'what the liar said before is not remembered')
    own.hear('8.8.4.4', 'C')
    assert.equal(own.current, '8.8.4.4')
  })

  test('is learned in a crowd: of many relays only the newest words are kept', () => {
    const own = new OwnAddress({ set: undefined, isListed: () => true, allowSpecial: false })
    for (let i = 0; i < 300; i++) own.hear(`9.9.${i >> 8}.${i & 255}`, `relay ${i}`)
    own.hear('9.9.0.1', 'late')
    assert.equal(own.current, undefined, 'the second relay was forgotten')
    own.hear('9.9.1.40', 'later')
    assert.equal(own.current, '9.9.1.40')
  })
})
