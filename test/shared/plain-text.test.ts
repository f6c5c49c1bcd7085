import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { plainText } from '../../shared/format.ts'

describe('text from the network', () => {
  for (const [what, hostile, shown] of [
    ['an override of the direction', 'nick\u202egnp.exe', 'nickgnp.exe'],
    ['isolates and marks', '\u2066a\u2069\u200e\u200fb\u061c', 'ab'],
    ['controls and line breaks', 'a\u0000\u001b[31m\r\nb\u0085c\u2028d\u2029e', 'a[31mbcde'],
    ['zero width', 'Ad\u200b\u200c\u200d\u2060\ufeffmin\u00ad', 'Admin'],
    ['letters that are not seen', 'a\u3164\uffa0\u115f\u2800\u034fb', 'ab'],
    ['tags and variants', 'a\u{e0041}\u{e007f}\ufe0fb', 'ab'],
    ['private signs and lone halves', 'a\ue000\ud800b', 'ab'],
    ['marks upon marks', `Z${'\u0300'.repeat(80)}a`, 'Z\u0300\u0300\u0300a'],
    ['markup stays text', '<b onclick=x>&amp;', '<b onclick=x>&amp;'],
    ['what people write stays', 'Ĝeneva Zürich 東京 שָׁלוֹם مُحَمَّد 👍🏽', 'Ĝeneva Zürich 東京 שָׁלוֹם مُحَمَّد 👍🏽'],
  ] as const)
    test(what, () => assert.equal(plainText(hostile), shown))

  test('is at most as long as there is room, in characters and not in halves of them', () => {
    assert.equal(plainText('👍'.repeat(30), 10), `${'👍'.repeat(9)}…`)
    assert.equal(plainText('a'.repeat(10), 10), 'a'.repeat(10))
  })

  test('whatever comes, nothing that is unseen or turns the text is left, and cleaning again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
        const shown = plainText(text, 20)
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\p{M}{4}/u)
        assert.ok(Array.from(shown).length <= 20)
        assert.equal(plainText(shown, 20), shown)
      }),
    )
  })

  test('of a text without an end only the beginning is read', () => {
    assert.equal(plainText(`a${'\u200b'.repeat(20_000_000)}b`, 19), 'a')
  })
})
