import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gate } from '../../main/practice/gate.ts'
import { freePorts } from '../../main/practice/loopback.ts'
import { PracticeResolver } from '../../main/practice/practice-resolver.ts'

test('a gate wakes those whose condition has come true, and no others', async () => {
  const gate = new Gate()
  let done = false
  const woken = gate.until(() => done, 10_000)
  const given = gate.until(() => false, 20)
  gate.open()
  done = true
  gate.open()
  assert.equal(await woken, true)
  assert.equal(await given, false)
  assert.equal(await gate.until(() => true, 0), true)
  assert.equal(await gate.until(() => false, -5), false)
})

test('free ports are all different', async () => {
  const ports = await freePorts('127.0.0.1', 5)
  assert.equal(new Set(ports).size, 5)
  assert.ok(ports.every(port => port > 0))
})

test('the practice resolver knows the practice site and asks nobody', async () => {
  const resolver = new PracticeResolver('127.44.0.80')
  assert.equal((await resolver.resolve('Practice.TEST.'))[0]?.address, '127.44.0.80')
  await assert.rejects(resolver.resolve('example.com'), { name: 'ResolveError' })
  assert.equal((await resolver.reverse('127.44.0.80'))[0]?.name, 'practice.test')
  await assert.rejects(resolver.reverse('127.0.0.1'), { name: 'ResolveError' })
})
