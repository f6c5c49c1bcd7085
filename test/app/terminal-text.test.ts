import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppStartError } from '../../main/app/app-start-error.ts'
import { problemText } from '../../main/app/host-commands.ts'
import { JsonEvents, terminalJson } from '../../main/app/json-events.ts'
import { tokenize } from '../../main/document/tokens.ts'
import { Log } from '../../main/lib/log.ts'
import { problem } from '../../shared/problem.ts'

/** Moves the cursor, sets the title, in the old and the eight-bit way; turns the line around. */
const HOSTILE = '\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\u2066\r\x7f'
const HARMFUL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/

test('what a hostile document makes an error say reaches no terminal as it is', () => {
  let message = ''
  try {
    tokenize(`keyword\n-----BEGIN ${HOSTILE.replace(/\r/g, '')}-----\nAAAA\n`)
  } catch (error) {
    message = (error as Error).message
  }
  assert.match(message, HARMFUL, 'the error quotes it')
  const log = new Log()
  const shown: string[] = []
  log.addSink(({ text }) => shown.push(text))
  log.write('warn', 'directory', `a consensus is refused: ${message}`)
  assert.doesNotMatch(shown.join(''), HARMFUL)
  assert.equal(log.recent()[0]!.text, shown[0])
})

test('no text of others makes a log line of its own; the lines of a stack trace stay', () => {
  const log = new Log()
  log.write('warn', 'x', 'refused\n2026-11-22T12:00:00.000Z error app: all is lost')
  log.write('error', 'x', 'Error: no\n    at place')
  assert.deepEqual(
    log.recent().map(({ text }) => text),
    ['refused\n  2026-11-22T12:00:00.000Z error app: all is lost', 'Error: no\n    at place'],
  )
})

test('JSON for a terminal holds nothing that a terminal obeys, and says the same', () => {
  const value = { text: HOSTILE, [HOSTILE]: [HOSTILE] }
  for (const indent of [undefined, 2]) {
    assert.doesNotMatch(terminalJson(value, indent).replaceAll('\n', ''), HARMFUL)
    assert.deepEqual(JSON.parse(terminalJson(value, indent)), value)
  }
  let written = ''
  new JsonEvents(text => {
    written += text
  }).emit({ event: 'problem', time: 'now', code: 'no-directory', reason: `${HOSTILE}\n{"event":"stopped"}` })
  assert.equal(written.indexOf('\n'), written.length - 1)
  assert.doesNotMatch(written.trimEnd(), HARMFUL)
  assert.doesNotMatch(problemText({ code: 'no-directory', detail: { reason: HOSTILE } }), HARMFUL)
})

test('a problem with a long fact, as the path of a file may be, can still be shown', () => {
  const long = new AppStartError('key-file-damaged', { file: `/${'folder/'.repeat(500)}`, port: 1 })
  problem.parse(long.problem)
  assert.deepEqual([String(long.problem.detail['file']).length, long.problem.detail['port']], [500, 1])
})
