import { Duplex } from 'node:stream'
import { EndReason } from '../cell/command.ts'
import type { CircuitStream } from './stream.ts'

/** The stream did not end in peace; `reason` is an EndReason. */
export class StreamClosed extends Error {
  override name = 'StreamClosed'
  readonly reason: number

  constructor(reason: number) {
    super(`the stream was closed (END reason ${reason})`)
    this.reason = reason
  }
}

const HIGH_WATER = 64 * 1024

/**
 * A circuit stream as a Node stream. Ending its writable side ends the whole stream, because Tor has no half-close: so read what you asked for
 * first. 'finish' comes when END was packed behind the last byte; destroying drops what was not sent yet.
 */
export function streamDuplex(stream: CircuitStream): Duplex {
  let written: (() => void) | undefined
  const goOn = () => {
    const callback = written
    written = undefined
    callback?.()
  }
  let atEnd = false
  const pushEnd = () => {
    if (!atEnd && !duplex.destroyed) duplex.push(null)
    atEnd = true
  }
  const duplex = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: HIGH_WATER,
    writableHighWaterMark: HIGH_WATER,
    read: () => stream.resume(),
    write(chunk: Buffer, _encoding, callback) {
      if (stream.write(chunk)) callback()
      else written = callback
    },
    final(callback) {
      if (stream.closed) return callback()
      stream.onClose.add(() => callback())
      stream.end()
    },
    destroy(error, callback) {
      stream.abort(error ? EndReason.MISC : EndReason.DONE)
      callback(error)
    },
  })
  stream.onData = data => {
    if (!duplex.push(data)) stream.pause()
  }
  stream.onDrain = goOn
  stream.onEnd = reason => {
    // Clients name no other reason than MISC (tor-spec 6.3).
    if (reason === EndReason.DONE || reason === EndReason.MISC) pushEnd()
    else duplex.destroy(new StreamClosed(reason))
  }
  stream.onClose.add(() => {
    goOn()
    // After our own end nothing comes any more.
    if (duplex.writableEnded) pushEnd()
  })
  return duplex
}
