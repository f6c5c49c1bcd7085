import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { webSocketTransport } from '../../main/headless/ui-socket.ts'

/** A socket whose other end reads only when it is told to. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  isPaused = false
  bufferedAmount = 0
  sent = 0
  closed: number | undefined
  readonly #taken: (() => void)[] = []

  send(text: string, done: () => void): void {
    this.sent++
    this.bufferedAmount += text.length
    this.#taken.push(() => {
      this.bufferedAmount -= text.length
      done()
    })
  }
  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
  }
  close(code: number): void {
    this.closed = code
  }
  read(): void {
    for (const take of this.#taken.splice(0)) take()
  }
}

test('a UI that calls without reading its answers is not listened to until it has read them', async () => {
  const socket = new SlowSocket()
  const transport = webSocketTransport(socket as unknown as WebSocket)
  let asked = 0
  transport.onCall(async () => {
    asked++
    return { ok: true, result: 'x'.repeat(1_000_000) }
  })
  const call = async () => {
    socket.emit('message', Buffer.from(`{"id":${asked},"call":"state.get"}`), false)
    await setImmediate()
  }
  while (!socket.isPaused && asked < 50) await call()
  assert.ok(socket.isPaused, `${asked} answers of 1 MB wait`)
  assert.ok(socket.bufferedAmount < 8e6)
  transport.send('state', {})
  assert.equal(socket.sent, asked, 'changes are dropped, as before')
  socket.read()
  assert.equal(socket.isPaused, false)
  await call()
  assert.equal(socket.sent, asked)
  assert.equal(socket.closed, undefined)
})
