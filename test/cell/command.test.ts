import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CELL_BODY, CELL_LENGTH, Command, isVariableLength, RELAY_DATA_MAX } from '../../main/cell/command.ts'

test('VERSIONS and commands from 128 on carry their length, no other does', () => {
  const variable = Array.from({ length: 256 }, (_, command) => command).filter(isVariableLength)
  assert.deepEqual(variable, [Command.VERSIONS, ...Array.from({ length: 128 }, (_, i) => 128 + i)])
})

test('the sizes belong together', () => {
  assert.equal(CELL_LENGTH, 4 + 1 + CELL_BODY)
  assert.equal(RELAY_DATA_MAX, CELL_BODY - 11)
})
