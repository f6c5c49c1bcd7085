import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemText } from '../../main/app/host-commands.ts'
import { takerOf } from '../../main/app/port-taker.ts'
import { problem } from '../../shared/problem.ts'

test('a program that holds a port is named, whatever it calls itself, without what a terminal or a page would obey', async () => {
  const hostile = '\u202e\u001b[31mTor\u200b\u0007\n<b>'
  const detail = await takerOf(9001, async () => ({ pid: 7, program: hostile + 'x'.repeat(500), user: hostile }))
  assert.deepEqual(detail, { program: `[31mTor<b>${'x'.repeat(49)}…`, pid: 7, user: '[31mTor<b>' })
  assert.doesNotMatch(problemText({ code: 'port-in-use', detail }), /\p{C}/u)
  problem.parse({ code: 'port-in-use', detail })
})

test('a port that nobody holds names nobody', async () => {
  assert.deepEqual(await takerOf(1), {})
})
