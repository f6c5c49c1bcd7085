import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { freeBuffersHere } from '../../main/app/buffer-sweeping.ts'

test('the switch by which V8 frees buffers on our thread is one that it knows, and can be set while buffers come and go', () => {
  assert.match(execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }), /--concurrent-array-buffer-sweeping/)
  let kept = Buffer.alloc(0)
  for (let i = 0; i < 2000; i++) {
    if (i === 1000) freeBuffersHere()
    const next = Buffer.alloc(65_536, i)
    if (i % 500 === 0) kept = next
  }
  assert.equal(kept[65_535], 1500 % 256)
})
