import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { pageText } from '../../../main/app/compare/page-text.ts'
import { COMPARE_LINE_LENGTH, COMPARE_LINES } from '../../../shared/compare.ts'

const htmlText = (html: string) => pageText(Buffer.from(html), 'text/html; charset=utf-8')
const lines = async (html: string) => (await htmlText(html)).lines

describe('the readable text of a page', async () => {
  test('is its title and its lines, without markup and what nobody reads', async () => {
    const { title, lines, cut } = await htmlText(`<!doctype html><html><head><title>News &amp; more
      today</title><style>p { color: red }</style><script>if (a<b) document.write("<p>no</p>")</script></head>
      <body><!-- <p>no</p> --><h1>Hello,   <em>world</em></h1><p class='a>b' title=">">One<br>two</p><ul><li>a<li>b</ul>
      <noscript>no</noscript><svg><title>no</title></svg><P>1 &lt; 2 &#8364;5 &#x20ac;6 &unknown; 3 < 4</P></body></html>`)
    assert.equal(title, 'News & more today')
    assert.deepEqual(lines, ['Hello, world', 'One', 'two', 'a', 'b', '1 < 2 €5 €6 &unknown; 3 < 4'])
    assert.equal(cut, false)
  })

  test('can neither turn itself around nor hide characters', async () => {
    assert.deepEqual(await lines('<p>\u202eevil\u2066 &#x202e;\u0000\u200b&#8238;ok &#0; &#x1b;[31m</p>'), ['evil ok [31m'])
  })

  test('is cut to so many lines of so many characters', async () => {
    const long = await htmlText(`<p>${'word '.repeat(10_000)}</p>${'<p>x</p>'.repeat(5000)}`)
    assert.equal(long.lines.length, COMPARE_LINES)
    assert.ok(long.lines[0]!.length <= COMPARE_LINE_LENGTH && long.lines[0]!.endsWith('…'))
    assert.ok(long.cut)
    assert.ok(!(await lines(`<p>${' \n'.repeat(3000)}text</p>`))[0]!.startsWith(' '))
  })

  test('T10: whatever is left open, reading takes one pass', { timeout: 30_000 }, async () => {
    const n = 300_000
    // A way through it again at every place would take minutes.
    for (const html of [
      '<'.repeat(n),
      '<a '.repeat(n / 3),
      '<script>'.repeat(n / 8),
      '<!--'.repeat(n / 4),
      '<p a="'.repeat(n / 6),
      '&#'.repeat(n / 2),
      '</'.repeat(n / 2),
      '<title>'.repeat(n / 7),
      '<svg><title>x</title>'.repeat(n / 21),
    ])
      assert.ok((await lines(html)).length <= COMPARE_LINES)
  })

  test('never throws, and never lets markup of the page become anything but text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('<', '>', '/', '!', '-', '"', "'", '=', '&', '#', ';', 'a', 'p', 'İ', ' ', '\u202e') }),
        async html => {
          for (const line of await lines(html)) assert.doesNotMatch(line, /[\u0000-\u001f\u202a-\u202e]/)
        },
      ),
    )
  })

  test('is decoded by what the page says of itself', async () => {
    const of = async (bytes: Buffer, type: string) => (await pageText(bytes, type)).lines[0]
    assert.equal(await of(Buffer.from([0xe4]), 'text/html; charset=iso-8859-1'), 'ä')
    assert.equal(await of(Buffer.from('ä'), 'text/html'), 'ä')
    assert.equal(await of(Buffer.concat([Buffer.from('<meta charset="windows-1251">'), Buffer.from([0xc6])]), 'text/html'), 'Ж')
    assert.equal(await of(Buffer.from('\ufeffä', 'utf16le'), 'text/plain; charset=utf-8'), 'ä')
    assert.equal(await of(Buffer.from('x'), 'text/html; charset=no-such-thing'), 'x')
  })

  test('of plain text and JSON is its lines; of pictures there is none', async () => {
    assert.deepEqual((await pageText(Buffer.from('{"a":\r\n 1}\n'), 'application/json')).lines, ['{"a":', '1}'])
    assert.deepEqual((await pageText(Buffer.from('a <b>\n'), 'text/plain')).lines, ['a <b>'])
    assert.deepEqual(await pageText(Buffer.from('GIF89a'), 'image/gif'), { title: undefined, lines: [], cut: false })
  })
})
