import type { WebSocket } from 'ws'
import { clientFrame } from '../../shared/ipc.ts'
import type { ContractTransport } from '../app/contract.ts'
import type { CallAnswer } from '../app/hosted-app.ts'

/** Calls of one UI that may wait for their answers at once. */
const MAX_PENDING = 64
/**
 * Above so many bytes not yet taken by a slow UI, changes are dropped: it sees the gap in the revisions and asks for the whole. And it is not listened to
 * until it has taken them: one that calls without reading would have its answers pile up here. Whoever takes none for long gives no sign of life either.
 */
const MAX_BUFFERED = 4 << 20
/** Policy violation (RFC 6455 section 7.4.1): this is no UI of ours. */
const POLICY_VIOLATION = 1008

/** The contract over one WebSocket: text frames of JSON, `clientFrame` in, `serverFrame` out. */
export function webSocketTransport(socket: WebSocket): ContractTransport {
  let answer: ((name: string, argument: unknown) => Promise<CallAnswer>) | undefined
  let pending = 0
  const isFull = () => socket.bufferedAmount > MAX_BUFFERED
  const send = (frame: object) => {
    if (socket.readyState !== socket.OPEN) return
    socket.send(JSON.stringify(frame), () => {
      if (socket.isPaused && !isFull()) socket.resume()
    })
    if (isFull()) socket.pause()
  }
  socket.on('message', (data, isBinary) => {
    const frame = isBinary ? undefined : parseFrame(String(data))
    if (!frame || !answer || pending >= MAX_PENDING) {
      socket.close(POLICY_VIOLATION)
      return
    }
    pending++
    void answer(frame.call, frame.argument).then(reply => {
      pending--
      send(reply.ok ? { id: frame.id, result: reply.result } : { id: frame.id, problem: reply.problem })
    })
  })
  return {
    onCall: handler => {
      answer = handler
    },
    send: (event, payload) => {
      if (!isFull()) send({ event, payload })
    },
  }
}

function parseFrame(text: string) {
  try {
    return clientFrame.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
