import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { problemText } from '../../main/app/host-commands.ts'
import { takerOf } from '../../main/app/port-taker.ts'

const HOSTILE = '\u202e\u001b[31mTor\u200b\u0007'
const LISTEN = `
  process.title = ${JSON.stringify(HOSTILE)}
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))
`

test('a program that holds a port is named, whatever it calls itself, without what a terminal or a page would obey', async t => {
  if (process.platform !== 'linux') return t.skip('asks the Linux kernel')
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await once(child.stdout, 'data')
    const detail = await takerOf(Number(String(line)))
    assert.deepEqual(detail, { program: '[31mTor', pid: child.pid })
    assert.equal(problemText({ code: 'port-in-use', detail }), `port-in-use (program: [31mTor, pid: ${child.pid})`)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test('a port that nobody holds names nobody', async () => {
  assert.deepEqual(await takerOf(1), {})
})
