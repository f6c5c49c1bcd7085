import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const START = join(root, 'tools/start.mjs')

describe('npm start', () => {
  let data: string
  const children = new Set<ChildProcess>()
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'vantage-start-'))
  })
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    children.clear()
  })
  after(() => rm(data, { recursive: true, force: true, maxRetries: 5 }))

  function start(command: string[], environment: Record<string, string> = {}) {
    const child = spawn(command[0]!, command.slice(1), {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    const output = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', text => {
      output.out += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      output.err += text
    })
    const closed = once(child, 'close') as Promise<[code: number | null]>
    /** Until a line of stdout has the event. */
    const heard = async (event: string) => {
      while (!output.out.includes(`"event":"${event}"`)) {
        const more = await Promise.race([once(child.stdout, 'data'), closed.then(() => undefined)])
        if (!more) throw new Error(`it ended without "${event}": ${output.err}`)
      }
    }
    return { child, output, closed, heard }
  }
  const options = () => ['--headless', '--json', '--data', data, '--socks-port', '0', '--http-port', '0']

  test('with --json stdout holds JSON lines only; a signal ends it in good order', async () => {
    const { child, output, closed, heard } = start([process.execPath, START, ...options()])
    await heard('practice')
    child.kill('SIGTERM')
    assert.equal((await closed)[0], 0)
    const events = output.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { event: string; time: string })
    assert.equal(events[0]!.event, 'listening')
    assert.equal(events.at(-1)!.event, 'stopped')
    assert.ok(events.every(({ time }) => new Date(time).toISOString() === time))
    assert.ok(!(await readdir(data)).includes('control.json'))
  })

  test('it ends with the shell that npm put before it', async () => {
    const script = [process.execPath, START, ...options()].map(word => `'${word}'`).join(' ')
    // The second command keeps the shell from becoming the first.
    const { child, output, closed, heard } = start(['sh', '-c', `${script}; true`], { npm_lifecycle_event: 'start' })
    await heard('practice')
    child.kill('SIGKILL')
    await closed
    assert.equal(JSON.parse(output.out.trim().split('\n').at(-1)!).event, 'stopped')
  })

  test('a wrong option: one line on stderr, code 2, nothing on stdout', async () => {
    const { output, closed } = start([process.execPath, START, '--headless', '--or-port', 'x'])
    assert.equal((await closed)[0], 2)
    assert.match(output.err, /^vantage: --or-port wants /m)
    assert.equal(output.out, '')
  })

  test('status of nothing running: said, code 1', async () => {
    const { output, closed } = start([process.execPath, START, 'status', '--data', data])
    assert.equal((await closed)[0], 1)
    assert.match(output.err, /nothing runs on /)
    assert.equal(output.out, '')
  })
})
