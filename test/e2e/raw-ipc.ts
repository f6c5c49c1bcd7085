import type { CDPSession, Page } from 'playwright-core'

/** What came back over IPC: a value, or the text of an error. */
export interface RawReply {
  readonly value?: unknown
  readonly error?: string
}

/**
 * IPC as whoever has taken over a renderer speaks it: any channel, any arguments, past the preload. Gets into the isolated world of the
 * stand-in's preload by the developer tools.
 */
export class RawIpc {
  readonly #devtools: CDPSession
  readonly #context: number
  #next = 1_000_000

  private constructor(devtools: CDPSession, context: number) {
    this.#devtools = devtools
    this.#context = context
  }

  /** Rejects where a page has no preload. */
  static async of(page: Page): Promise<RawIpc> {
    const devtools = await page.context().newCDPSession(page)
    const contexts: { id: number; name: string }[] = []
    devtools.on('Runtime.executionContextCreated', ({ context }) => contexts.push(context))
    await devtools.send('Runtime.enable')
    const own = contexts.find(({ name }) => name === 'electron-preload')
    if (!own) throw new Error('this page has no preload')
    return new RawIpc(devtools, own.id)
  }

  async invoke(channel: string, ...args: unknown[]): Promise<RawReply> {
    const id = this.#next++
    const message = JSON.stringify({ id, channel, args: args.map(value => (value === undefined ? [] : [value])) })
    const expression = `new Promise(resolve => {
      const names = Object.getOwnPropertyNames(globalThis)
      const binding = names.find(name => /^b[0-9a-f]{32}$/.test(name))
      const receive = names.find(name => /^r[0-9a-f]{32}$/.test(name))
      globalThis.rawReplies ??= (() => {
        const waiting = new Map()
        const old = globalThis[receive]
        globalThis[receive] = reply => {
          if (!waiting.has(reply.id)) return old(reply)
          waiting.get(reply.id)(reply)
          waiting.delete(reply.id)
        }
        return waiting
      })()
      globalThis.rawReplies.set(${id}, resolve)
      globalThis[binding](${JSON.stringify(message)})
    })`
    const { result, exceptionDetails } = await this.#devtools.send('Runtime.evaluate', {
      contextId: this.#context,
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.text)
    const { id: _, ...reply } = result.value as RawReply & { id: number }
    return reply
  }
}
