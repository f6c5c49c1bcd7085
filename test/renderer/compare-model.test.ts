import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { alignTexts, canCompare, certificatesOf, fact, factsOf, headerFacts, progress } from '../../renderer/compare-model.ts'
import { compareForm, togglePlace } from '../../renderer/views/compare/form-state.ts'
import type { CompareCertificate, CompareColumn, CompareHop, CompareState } from '../../shared/compare.ts'

const hop = (own: Partial<CompareHop> = {}): CompareHop => ({ url: 'https://news.example/', status: 200, headers: [], ...own })
const column = (own: Partial<CompareColumn> = {}): CompareColumn => ({
  hops: [hop()],
  page: { bytes: 5, hash: 'a'.repeat(64), title: 'News', lines: ['hello'], cut: false },
  ...own,
})
const certificate = (fingerprint: string, own: Partial<CompareCertificate> = {}): CompareCertificate => ({
  fingerprint: fingerprint.repeat(64),
  subject: 'CN=news.example',
  issuer: 'CN=R3',
  names: ['news.example'],
  validFrom: 0,
  validTo: 1,
  ...own,
})

describe('what differs between places', () => {
  test('only what was answered is compared', () => {
    assert.equal(fact(['a', 'a', undefined]).differs, false)
    assert.equal(fact(['a', undefined, 'b']).differs, true)
    assert.equal(fact([undefined, undefined]).differs, false)
    assert.equal(fact(['', 'a']).differs, true)
  })

  test('a failure is another answer, but not one that was stopped', () => {
    const status = (...columns: (CompareColumn | undefined)[]) => factsOf(columns).status
    assert.equal(status(column(), column(), undefined).differs, false)
    assert.deepEqual(status(column(), { hops: [hop({ status: undefined })], failure: 'timeout' }).values, ['200', 'timeout'])
    assert.equal(status(column(), { hops: [], failure: 'cancelled' }).differs, false)
    assert.equal(status(column(), { hops: [hop()], failure: 'body-too-large' }).differs, false, 'there was an answer')
    assert.equal(status(column({ hops: [hop({ status: 451 })] }), column()).differs, true)
  })

  test('where redirects lead, the title and the content', () => {
    const moved = column({ hops: [hop({ status: 302 }), hop({ url: 'https://news.example/eu' })] })
    const facts = factsOf([column(), moved, { hops: [hop({ status: undefined })], failure: 'tls' }])
    assert.deepEqual([facts.route.differs, facts.title.differs, facts.content.differs], [true, false, false])
    const other = column({ page: { bytes: 5, hash: 'b'.repeat(64), lines: [], cut: false } })
    assert.deepEqual([factsOf([column(), other]).title.differs, factsOf([column(), other]).content.differs], [true, true])
  })

  test('headers by name: one that is missing differs, where there was an answer', () => {
    const sent = (...headers: [string, string][]) => column({ hops: [hop({ headers: headers.map(([name, value]) => ({ name, value })) })] })
    const facts = headerFacts([sent(['server', 'a'], ['vary', 'x']), sent(['server', 'a']), { hops: [hop({ status: undefined })] }])
    assert.deepEqual(
      facts.map(({ name, values, differs }) => [name, values, differs]),
      [
        ['server', ['a', 'a', undefined], false],
        ['vary', ['x', '', undefined], true],
      ],
    )
  })
})

describe('certificates', () => {
  const shown = (...certificates: (CompareCertificate | undefined)[]) =>
    certificatesOf(certificates.map(one => column({ hops: [hop({ certificate: one })] })))

  test('T18: another certificate is a difference, another issuer a worse one, and one that is refused the worst', () => {
    const flags = (...certificates: CompareCertificate[]) => {
      const [host] = shown(...certificates)
      return [host!.host, host!.differs, host!.issuersDiffer, host!.refused]
    }
    assert.deepEqual(flags(certificate('a'), certificate('a')), ['news.example', false, false, []])
    assert.deepEqual(flags(certificate('a'), certificate('b')), ['news.example', true, false, []])
    assert.deepEqual(flags(certificate('a'), certificate('b', { issuer: 'CN=x' })), ['news.example', true, true, []])
    assert.deepEqual(flags(certificate('a'), certificate('b', { issuer: 'CN=x', problem: 'unknown-issuer' })), [
      'news.example',
      true,
      true,
      [1],
    ])
  })

  test('are compared host by host, those to look at first', () => {
    const two = (a: string, b: string) =>
      column({
        hops: [hop({ certificate: certificate(a), status: 301 }), hop({ url: 'https://www.news.example/', certificate: certificate(b) })],
      })
    const found = certificatesOf([two('a', 'c'), two('a', 'd'), undefined])
    assert.deepEqual(
      found.map(({ host, differs }) => [host, differs]),
      [
        ['www.news.example', true],
        ['news.example', false],
      ],
    )
    assert.deepEqual(shown(undefined, undefined), [])
  })
})

describe('texts side by side', () => {
  test('common lines hold them together; between these stands what each has of its own', () => {
    assert.deepEqual(
      alignTexts([
        ['a', 'x', 'b'],
        ['a', 'y', 'z', 'b'],
        ['a', 'b', 'c'],
      ]),
      [
        { kind: 'same', lines: ['a'] },
        { kind: 'differs', cells: [['x'], ['y', 'z'], []] },
        { kind: 'same', lines: ['b'] },
        { kind: 'differs', cells: [[], [], ['c']] },
      ],
    )
    assert.deepEqual(
      alignTexts([
        ['a', 'b'],
        ['a', 'b'],
      ]),
      [{ kind: 'same', lines: ['a', 'b'] }],
    )
    assert.deepEqual(alignTexts([[], ['a']]), [{ kind: 'differs', cells: [[], ['a']] }])
    assert.deepEqual(alignTexts([]), [])
    assert.deepEqual(alignTexts([[], []]), [])
  })

  test('lose no line and invent none', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), texts => {
        const parts = alignTexts(texts)
        for (const [index, lines] of texts.entries())
          assert.deepEqual(
            parts.flatMap(part => (part.kind === 'same' ? part.lines : part.cells[index]!)),
            lines,
          )
        // Neighbours are of different kinds, and a difference is one.
        for (const [index, part] of parts.entries()) {
          assert.notEqual(part.kind, parts[index + 1]?.kind)
          if (part.kind === 'differs') assert.ok(part.cells.some(cell => cell.length > 0))
        }
        if (texts.every(lines => lines.join() === texts[0]!.join())) assert.ok(parts.every(({ kind }) => kind === 'same'))
      }),
    )
  })

  test('the longest texts that there can be are aligned', () => {
    const texts = [0, 1, 2, 3, 4].map(column =>
      Array.from({ length: 800 }, (_, line) => (line % 2 ? `line ${line}` : `line ${line} of ${column}`)),
    )
    const parts = alignTexts(texts)
    assert.equal(parts.filter(({ kind }) => kind === 'same').length, 400)
  })
})

describe('the form', () => {
  test('takes four places at most, and each once', () => {
    const place = (country: string) => ({ kind: 'country', country }) as const
    for (const country of ['se', 'de', 'nl', 'fr']) assert.ok(togglePlace(place(country)))
    assert.equal(togglePlace(place('jp')), false)
    assert.ok(togglePlace(place('de')), 'left out again')
    assert.ok(togglePlace({ kind: 'tor' }))
    assert.deepEqual(
      compareForm.getState().places.map(one => ('country' in one ? one.country : one.kind)),
      ['se', 'nl', 'fr', 'tor'],
    )
  })

  test('offers what is not locked: Tor and home may be open while one hop is not', () => {
    const places = [{ kind: 'country', country: 'se' }, { kind: 'tor' }, { kind: 'home' }] as const
    const can = (locked: boolean, tor: boolean) => places.map(place => canCompare(place, { locked, tor }))
    assert.deepEqual(can(false, true), [true, true, true])
    assert.deepEqual(can(true, true), [false, true, true])
    assert.deepEqual(can(true, false), [false, false, true])
  })

  test('counts a place as through with its picture', () => {
    const columns = (['none', 'waiting', 'taking', 'done', 'failed'] as const).map(picture => ({
      place: { kind: 'home' as const },
      step: 'done' as const,
      picture,
    }))
    const state: CompareState = { id: 1, url: 'http://x/', at: 0, running: true, columns }
    assert.deepEqual(progress(state), { done: 3, of: 5 })
  })
})
