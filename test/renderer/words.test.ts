import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PaStatusCode } from '../../main/cell/pa.ts'
import { chooseLanguage } from '../../renderer/i18n/language.ts'
import {
  countryName,
  failureWords,
  formatAgo,
  formatUntil,
  portFailureWords,
  problemWords,
  statusWords,
  words,
} from '../../renderer/i18n/words.ts'
import { STAGES } from '../../renderer/model.ts'
import { PROBLEM_CODES } from '../../shared/problem.ts'
import { appState, journey, MAPPING_FAILURES, PROOF_FAILURES, publication } from '../../shared/state.ts'

/** Every string of a value, with functions called on plain samples. */
function* strings(value: unknown, path = ''): Generator<[string, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (typeof value === 'function') yield* strings((value as (...a: unknown[]) => unknown)(2, 3, 4), `${path}()`)
  else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) yield* strings(inner, `${path}.${key}`)
}

describe('the words', () => {
  test('no text is empty, doubled in its spaces, or left with a placeholder', () => {
    const all = [...strings(words)]
    assert.ok(all.length > 300)
    for (const [path, text] of all) {
      assert.notEqual(text.trim(), '', path)
      assert.doesNotMatch(text, / {2}|undefined|\[object|TODO|\$\{/, path)
    }
  })

  test('every problem has a title, a cause and at least one way on', () => {
    for (const code of PROBLEM_CODES) {
      const { title, cause, next } = problemWords({ code, detail: {} })
      assert.match(title, /\S/, code)
      assert.match(cause, /[.]$/, code)
      assert.ok(next.length > 0, code)
      for (const way of next) assert.match(way, /[.]$/, code)
    }
    assert.deepEqual(Object.keys(words.problems).sort(), [...PROBLEM_CODES].sort())
  })

  test('every lock says what is missing and where to go', () => {
    const locks = appState.shape.perspective.shape.locks.element.options
    assert.deepEqual(Object.keys(words.locks).sort(), [...locks].sort())
  })

  test('every answer of a member’s door has words, and unknown ones too', () => {
    for (const status of Object.values(PaStatusCode)) assert.match(statusWords(status).meaning, /[.]$/, String(status))
    assert.match(statusWords(200).short, /200/)
  })

  test('every step, stage, publication answer and known port failure has words', () => {
    const steps = journey.options.map(option => option.shape.step.value)
    assert.deepEqual(Object.keys(words.journey.steps).sort(), [...steps].sort())
    assert.deepEqual(Object.keys(words.journey.stages), [...STAGES])
    assert.deepEqual(Object.keys(words.journey.publishing.answers).sort(), [...publication.shape.answer.options].sort())
    for (const reason of MAPPING_FAILURES) assert.notEqual(portFailureWords('mapping', reason)[0], words.journey.ports.mapping.failed)
    for (const reason of PROOF_FAILURES) assert.notEqual(portFailureWords('proof', reason)[0], words.journey.ports.proof.failed)
  })

  test('nothing of the waiting promises a date, and the limits of one hop are said', () => {
    assert.match(words.journey.waiting.decide, /authorities decide/i)
    assert.equal(words.browse.notAnonymous, 'One hop, not anonymous: the relay you look through knows your address and what you visit.')
    const consent = JSON.stringify(words.journey.consent)
    for (const fact of [
      /IP address becomes public/,
      /exits from my address/,
      /not anonymous/i,
      /of age/,
      /housemates or an employer/,
      /provider’s terms/,
      /Laws differ by country/,
      /not to run exits at home/,
    ])
      assert.match(consent, fact)
  })
})

describe('what is put into words', () => {
  const hostile = '\u202Egnp.exe\u0000\u001b[31m<img src=x onerror=alert(1)>\u200b'

  test('facts of a problem are named, kept short, and harmless', () => {
    const { evidence } = problemWords({
      code: 'perspective-refused',
      detail: { status: 7, country: 'se', text: hostile, __proto__x: 'a'.repeat(500), good: true },
    })
    assert.deepEqual(evidence.slice(0, 3), [
      { name: 'Answer', value: words.statuses[7]!.short },
      { name: 'Country', value: 'Sweden' },
      { name: 'Its words', value: 'gnp.exe[31m<img src=x onerror=alert(1)>' },
    ])
    assert.equal(evidence[3]!.value.length, 200)
    assert.equal(evidence[4]!.value, 'Yes')
  })

  test('names that a prototype has are not words', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      assert.equal(portFailureWords('proof', name)[1], `Reason: ${name}`)
      const detail = JSON.parse(`{"${name}": "x"}`)
      assert.equal(problemWords({ code: 'internal', detail }).evidence[0]!.name, name)
    }
  })

  test('unknown port failures are shown as harmless text', () => {
    assert.equal(portFailureWords('mapping', hostile)[1], 'Reason: gnp.exe[31m<img src=x onerror=alert(1)>')
  })

  test('every way a call can fail has a title and a sentence', () => {
    for (const kind of ['lost', 'timeout', 'bad-answer'] as const) {
      const { title, text } = failureWords({ kind })
      assert.match(title, /\S/)
      assert.match(text, /[.]$/)
    }
    assert.equal(failureWords({ kind: 'problem', problem: { code: 'not-found', detail: {} } }).title, words.problems['not-found'].title)
  })

  test('countries have names; unknown and malformed codes are unknown places', () => {
    assert.equal(countryName('se'), 'Sweden')
    for (const code of ['??', '', 'swe', '<b>', 'ßß']) assert.equal(countryName(code), words.unknownCountry, code)
  })

  test('the first language that there are words for is taken', () => {
    assert.equal(chooseLanguage(['tlh', 'en-GB', 'de']), 'en')
    assert.equal(chooseLanguage(['constructor', '__proto__']), 'en')
    assert.equal(chooseLanguage([]), 'en')
  })

  test('ages and times ahead', () => {
    assert.equal(formatAgo(1000, 1500), 'just now')
    assert.equal(formatAgo(0, 20_000), '20 seconds ago')
    assert.equal(formatAgo(0, 3_660_000), '1 hour ago')
    assert.equal(formatAgo(5000, 0), 'just now', 'a clock that is a little behind')
    assert.equal(formatUntil(61_000, 0), 'in 1 minute')
    assert.equal(formatUntil(0, 10), 'any moment now')
  })
})
