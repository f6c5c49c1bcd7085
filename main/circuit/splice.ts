import type { Duplex } from 'node:stream'
import { EndReason } from '../cell/command.ts'
import type { CircuitStream } from './stream.ts'

/** A socket that does not take the last bytes within this time is cut off. */
const LINGER_MS = 60_000

/**
 * Carries bytes both ways between a circuit stream and a socket until either ends; each side's slowness holds the other back. When one side has
 * ended, what it sent before still reaches the other.
 */
export function spliceSocket(stream: CircuitStream, socket: Duplex): void {
  let linger: NodeJS.Timeout | undefined
  const closeSocket = () => {
    if (socket.destroyed) return
    linger ??= setTimeout(() => socket.destroy(), LINGER_MS)
    linger.unref()
    // What still comes from it nobody wants, but leaving it unread could cut off the bytes that we have sent.
    socket.resume()
    socket.end(() => socket.destroy())
  }

  socket.on('data', (chunk: Buffer) => {
    if (!stream.write(chunk)) socket.pause()
  })
  socket.on('drain', () => stream.resume())
  socket.on('end', () => stream.end(EndReason.DONE))
  // What the socket gave before it failed is still sent first; after its regular end none of these changes anything.
  socket.on('error', (error: NodeJS.ErrnoException) => stream.end(endReason(error)))
  socket.on('close', () => {
    clearTimeout(linger)
    stream.end(EndReason.CONNRESET)
    stream.resume()
  })

  stream.onDrain = () => socket.resume()
  stream.onData = data => {
    if (!socket.writable) return
    if (!socket.write(data)) stream.pause()
  }
  stream.onEnd = closeSocket
  stream.onClose.add(closeSocket)
  if (socket.destroyed) stream.end(EndReason.CONNRESET)
  else {
    stream.resume()
    socket.resume()
  }
}

/** The EndReason for an error of a socket that was connected. */
function endReason(error: NodeJS.ErrnoException): number {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return EndReason.CONNRESET
    case 'ETIMEDOUT':
      return EndReason.TIMEOUT
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return EndReason.NOROUTE
    default:
      return EndReason.MISC
  }
}
