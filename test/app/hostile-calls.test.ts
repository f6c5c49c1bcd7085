import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnsweringApp } from '../../main/app/answers.ts'
import { checkedCall } from '../../main/app/checked-call.ts'
import { Log } from '../../main/lib/log.ts'
import { type CallName, calls } from '../../shared/ipc.ts'

/** What a structured clone can bring over IPC and JSON cannot, and what is too much of what it can. */
const HUGE = 'x\u202e'.repeat(5_000_000)
const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic
let deep: unknown = 'end'
for (let level = 0; level < 100_000; level++) deep = level % 2 ? [deep] : { deep }
const LEAVES: Record<string, unknown> = {
  'ten million characters': HUGE,
  'a million entries': new Array(1_000_000).fill('se'),
  'a list without entries': new Array(2 ** 32 - 1),
  cyclic,
  deep,
  'no number': Number.NaN,
  'infinite number': Number.POSITIVE_INFINITY,
  'minus nothing': -0,
  'beyond safe numbers': 2 ** 63,
  'big integer': 1n << 4096n,
  date: new Date(Number.NaN),
  map: new Map([[cyclic, HUGE]]),
  bytes: new Uint8Array(10_000_000),
  pattern: /(a+)+$/,
  'no prototype': Object.assign(Object.create(null), { toString: 1 }),
  error: new Error('x'),
}

interface Schema {
  readonly def: { type: string; shape?: Record<string, Schema>; element?: Schema; innerType?: Schema; options?: Schema[] }
}

/** Every place of a schema that a value can stand at, each as what puts one there. */
function places(schema: Schema, depth = 0): ((leaf: unknown) => unknown)[] {
  const { type, shape, element, innerType, options } = schema.def
  const here = [(leaf: unknown) => leaf]
  if (depth > 4) return here
  if (type === 'object' && shape)
    return [
      ...here,
      ...Object.entries(shape).flatMap(([name, of]) => places(of, depth + 1).map(put => (leaf: unknown) => ({ [name]: put(leaf) }))),
    ]
  if (type === 'array' && element) return [...here, ...places(element, depth + 1).map(put => (leaf: unknown) => [put(leaf)])]
  if (innerType) return places(innerType, depth)
  return [...here, ...(options ?? []).flatMap(of => places(of, depth + 1).slice(1))]
}

/** An app that must not be touched. */
const app = new Proxy({} as AnsweringApp, {
  get: (_target, name) => assert.fail(`a hostile call came as far as "${String(name)}"`),
})

test('T19: no call of the contract takes at any place what it was not made for, and none of it pollutes', { timeout: 60_000 }, async () => {
  const options = { started: true, log: new Log() }
  let tried = 0
  for (const [name, { argument }] of Object.entries(calls)) {
    for (const put of places(argument as unknown as Schema)) {
      for (const [what, leaf] of Object.entries(LEAVES)) {
        const hostile = put(leaf)
        // What a schema takes is no attack; that calls answer rightly is shown elsewhere.
        if (argument.safeParse(hostile).success) continue
        tried++
        const answer = await checkedCall(app, options, name as CallName, hostile)
        assert.equal(!answer.ok && answer.problem.code, 'bad-request', `${name}: ${what}`)
      }
    }
  }
  assert.ok(tried > 1000, `${tried}`)
  for (const name of ['toString', 'then', '__proto__', 'constructor', '', HUGE])
    assert.equal((await checkedCall(app, options, name, cyclic)).ok, false)
  assert.ok(!('polluted' in {}))
})
