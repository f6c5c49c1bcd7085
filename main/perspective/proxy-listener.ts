import type { Socket } from 'node:net'
import type { IpAddress } from '../lib/ip.ts'
import { type Listener, listenTcp } from '../net/listener.ts'
import { HttpProxyServer } from './http-proxy.ts'
import type { LocalPort } from './pac.ts'
import { type ProxyClientRules, type ProxyHandler, type ProxyProtocol, ProxyRefused, type ProxyStep } from './proxy-target.ts'
import { Socks5Server } from './socks5.ts'

/** The only address a proxy ever listens on: an open proxy for the neighbourhood must not be one setting away (features.md T8). */
const LOOPBACK = '127.0.0.1'
/** Milliseconds that a refused client has to read why. */
const LINGER = 2000

export interface ProxyListenerOptions {
  readonly protocol: 'socks5' | 'http'
  /** On 127.0.0.1; 0 = any free one. */
  readonly port: number
  readonly handler: ProxyHandler
  /** What clients must keep to, asked for anew with every connection; `at` is this port. */
  rules?(at: LocalPort): ProxyClientRules
  readonly limits?: Partial<ProxyLimits>
}

export interface ProxyLimits {
  /** Connections at once. */
  readonly connections: number
  /** Milliseconds for a client to say what it wants. */
  readonly requestMs: number
  /** Milliseconds for the way to the destination to open. */
  readonly openMs: number
  /** Bytes kept that a client sends before the way is open; beyond, it is not read from. */
  readonly earlyBytes: number
}
export const PROXY_LIMITS: ProxyLimits = { connections: 512, requestMs: 10_000, openMs: 60_000, earlyBytes: 65_536 }

/** A local proxy: SOCKS5 or HTTP CONNECT on loopback. */
export interface ProxyListener {
  readonly host: IpAddress
  readonly port: number
  /** Stops listening and ends every connection. */
  close(): Promise<void>
}

/** Opens a local proxy; rejects with the system's error (EADDRINUSE, EACCES) when the port cannot be had. */
export async function listenProxy(options: ProxyListenerOptions): Promise<ProxyListener> {
  const limits = { ...PROXY_LIMITS, ...options.limits }
  const listener: Listener = await listenTcp({
    host: LOOPBACK,
    port: options.port,
    limits: { total: limits.connections, perAddress: limits.connections },
    onConnection: socket => serveClient(socket, options, limits, options.rules?.({ host: LOOPBACK, port: listener.port }) ?? {}),
  })
  return { host: LOOPBACK, port: listener.port, close: () => listener.close() }
}

/** One client: its request is read and answered, then its bytes are the connection's. */
function serveClient(socket: Socket, options: ProxyListenerOptions, limits: ProxyLimits, rules: ProxyClientRules): void {
  const protocol: ProxyProtocol = options.protocol === 'http' ? new HttpProxyServer(rules) : new Socks5Server(rules)
  const gone = new AbortController()
  const early: Buffer[] = []
  let earlyBytes = 0
  let timer = setTimeout(() => socket.destroy(), limits.requestMs)

  const send = () => {
    const output = protocol.takeOutput()
    if (output.length > 0) socket.write(output)
  }
  /** Nothing more to say: the client gets the answer and a moment to go by itself, since a hard close could swallow the answer. */
  const finish = () => {
    send()
    socket.resume()
    socket.end()
    clearTimeout(timer)
    timer = setTimeout(() => socket.destroy(), LINGER)
  }
  const keepEarly = (chunk: Buffer) => {
    early.push(chunk)
    earlyBytes += chunk.length
    // Reading goes on until then, because only a reader sees the client go away.
    if (earlyBytes >= limits.earlyBytes) socket.pause()
  }
  const onData = (chunk: Buffer) => {
    if (protocol.state.step === 'asked') keepEarly(chunk)
    if (protocol.state.step !== 'reading') return
    const after = protocol.receive(chunk)
    if (after.step === 'failed') finish()
    else send()
    if (after.step !== 'asked') return
    clearTimeout(timer)
    keepEarly(protocol.takeRest())
    void serve(after).catch(error => {
      protocol.refuse(ProxyRefused.of(error))
      if (!socket.destroyed) finish()
    })
  }
  /** The client has sent its last byte; it may still wait for an answer to what it asked. */
  const onEnd = () => {
    if (protocol.state.step !== 'asked') socket.destroy()
  }

  const serve = async ({ command, request }: ProxyStep & { step: 'asked' }) => {
    const late = AbortSignal.timeout(limits.openMs)
    const signal = AbortSignal.any([gone.signal, late])
    try {
      if (command === 'resolve') {
        if (!options.handler.resolve) throw new ProxyRefused('command-unsupported')
        protocol.accept(await options.handler.resolve(request, signal))
        finish()
        return
      }
      const connection = await options.handler.open(request, signal)
      if (socket.destroyed) {
        connection.abort()
        return
      }
      protocol.accept(connection.address)
      send()
      socket.off('data', onData)
      socket.off('end', onEnd)
      connection.splice(socket, Buffer.concat(early))
    } catch (error) {
      throw late.aborted ? new ProxyRefused('timeout', { cause: error }) : error
    }
  }

  socket.allowHalfOpen = true
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.once('close', () => {
    clearTimeout(timer)
    gone.abort()
  })
  socket.on('data', onData)
  socket.on('end', onEnd)
}
