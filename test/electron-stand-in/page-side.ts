// Functions whose source is injected into pages: they use nothing from outside themselves. `endpoint` runs once in the page's own world
// and once in the preload's isolated world; the two talk by synchronous DOM events, whose `detail` Chromium clones between worlds, so
// functions are passed as numbers. `runPreload` runs the preload script in the isolated world.

// biome-ignore lint/suspicious/noExplicitAny: values of any kind cross here
type Any = any

/** Names of one page's events and of its channel to the main process. */
export interface PageNames {
  readonly toPage: string
  readonly toPreload: string
  readonly binding: string
  readonly receive: string
}

export function endpoint(outName: string, inName: string) {
  const functions = new Map<number, (...args: Any[]) => Any>()
  const promises = new Map<number, { resolve: (value: Any) => void; reject: (error: Error) => void }>()
  let next = 1
  let reply: Any
  const send = (message: Any) => {
    reply = undefined
    document.dispatchEvent(new CustomEvent(outName, { detail: message }))
    return reply
  }
  const pack = (value: Any): Any => {
    if (typeof value === 'function') {
      functions.set(next, value)
      return { kind: 'function', id: next++ }
    }
    if (value && typeof value.then === 'function') {
      const id = next++
      value.then(
        (result: Any) => send({ op: 'settle', id, value: pack(result) }),
        (error: Any) => send({ op: 'settle', id, error: String(error?.message ?? error) }),
      )
      return { kind: 'promise', id }
    }
    if (Array.isArray(value)) return { kind: 'array', value: value.map(pack) }
    if (value && Object.getPrototypeOf(value) === Object.prototype)
      return { kind: 'object', value: Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pack(part)])) }
    if (value !== null && typeof value === 'object') throw new Error('the bridge carries plain values only (in the stand-in)')
    return { kind: 'value', value }
  }
  const unpack = (packed: Any): Any => {
    switch (packed.kind) {
      case 'function':
        return (...args: Any[]) => {
          const answer = send({ op: 'call', id: packed.id, args: args.map(pack) })
          if (!answer) throw new Error('no answer from the other world')
          if ('error' in answer) throw new Error(answer.error)
          return unpack(answer.value)
        }
      case 'promise':
        return new Promise((resolve, reject) => promises.set(packed.id, { resolve, reject }))
      case 'array':
        return packed.value.map(unpack)
      case 'object':
        return Object.fromEntries(Object.entries(packed.value).map(([key, part]) => [key, unpack(part)]))
      default:
        return packed.value
    }
  }
  const freeze = (value: Any): Any => {
    if (value && typeof value === 'object') Object.values(value).forEach(freeze)
    return value && typeof value === 'object' ? Object.freeze(value) : value
  }
  document.addEventListener(inName, event => {
    const message = (event as CustomEvent).detail
    if (message.op === 'reply') reply = message.answer
    else if (message.op === 'expose')
      Object.defineProperty(globalThis, message.key, { value: freeze(unpack(message.value)), enumerable: true })
    else if (message.op === 'settle') {
      const promise = promises.get(message.id)
      promises.delete(message.id)
      if ('error' in message) promise?.reject(new Error(message.error))
      else promise?.resolve(unpack(message.value))
    } else if (message.op === 'call') {
      let answer: Any
      try {
        answer = { value: pack(functions.get(message.id)!(...message.args.map(unpack))) }
      } catch (error) {
        answer = { error: String((error as Error)?.message ?? error) }
      }
      document.dispatchEvent(new CustomEvent(outName, { detail: { op: 'reply', answer } }))
    }
  })
  return { expose: (key: string, value: Any) => send({ op: 'expose', key, value: pack(value) }) }
}

export function runPreload(names: PageNames, makeEndpoint: typeof endpoint, preload: (require: (name: string) => Any) => void) {
  const bridge = makeEndpoint(names.toPage, names.toPreload)
  const listeners = new Map<string, Set<(...args: Any[]) => void>>()
  const calls = new Map<number, { resolve: (value: Any) => void; reject: (error: Error) => void }>()
  let next = 1
  const world = globalThis as Any
  const ipcRenderer = {
    invoke: (channel: string, ...args: Any[]) =>
      new Promise((resolve, reject) => {
        calls.set(next, { resolve, reject })
        // JSON has no undefined: an argument is a list of one or of none.
        world[names.binding](JSON.stringify({ id: next++, channel, args: args.map(value => (value === undefined ? [] : [value])) }))
      }),
    on(channel: string, listener: (...args: Any[]) => void) {
      if (!listeners.has(channel)) listeners.set(channel, new Set())
      listeners.get(channel)!.add(listener)
      return ipcRenderer
    },
    off(channel: string, listener: (...args: Any[]) => void) {
      listeners.get(channel)?.delete(listener)
      return ipcRenderer
    },
  }
  world[names.receive] = (message: Any) => {
    if (message.channel !== undefined) for (const listener of listeners.get(message.channel) ?? []) listener({}, ...message.args)
    else {
      const call = calls.get(message.id)
      calls.delete(message.id)
      if ('error' in message) call?.reject(new Error(message.error))
      else call?.resolve(message.value)
    }
  }
  const missing = (name: string, object: object) =>
    new Proxy(object, {
      get: (target, key) => {
        if (key in target) return Reflect.get(target, key)
        throw new Error(`electron: ${name}.${String(key)} is not in the stand-in`)
      },
    })
  const electron = {
    ipcRenderer: missing('ipcRenderer', ipcRenderer),
    contextBridge: missing('contextBridge', { exposeInMainWorld: bridge.expose }),
  }
  preload(name => {
    if (name === 'electron') return electron
    throw new Error(`a sandboxed preload may require electron only, not ${name}`)
  })
}

/** What a page would do beside loading pages of the web, that its title changed, and keys that are pressed in it, told to the main process. */
export type PageWish =
  | { readonly kind: 'open'; readonly url: string; readonly beside: boolean }
  | { readonly kind: 'leave'; readonly url: string }
  | { readonly kind: 'title' }
  | { readonly kind: 'close' }
  | { readonly kind: 'key'; readonly input: PageKey }
export type PageKey = Readonly<Record<'key' | 'code', string> & Record<'shift' | 'control' | 'alt' | 'meta' | 'isAutoRepeat', boolean>>

/**
 * In the page's own world: what would open a window, or go to an address that Chromium hands to another program (with a dialog that
 * then blocks the page), asks the main process instead and never happens by itself. Keys are told, too late to be taken from the page.
 */
export function askFirst(binding: string) {
  const tell = (globalThis as Any)[binding] as (wish: string) => void
  delete (globalThis as Any)[binding]
  const ask = (wish: PageWish) => tell(JSON.stringify(wish))
  globalThis.open = url => {
    ask({ kind: 'open', url: new URL(String(url ?? 'about:blank'), document.baseURI).href, beside: false })
    return null
  }
  // Chromium's own pages here have an empty one behind them, so it would refuse.
  if (window === top) globalThis.close = () => ask({ kind: 'close' })
  document.addEventListener('click', event => {
    const link = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null
    const beside = event.ctrlKey || event.metaKey
    if (!link || event.defaultPrevented || (!beside && link.target !== '_blank')) return
    event.preventDefault()
    ask({ kind: 'open', url: link.href, beside })
  })
  document.addEventListener(
    'keydown',
    ({ isTrusted, key, code, shiftKey, ctrlKey, altKey, metaKey, repeat }) => {
      const input: PageKey = { key, code, shift: shiftKey, control: ctrlKey, alt: altKey, meta: metaKey, isAutoRepeat: repeat }
      if (isTrusted) ask({ kind: 'key', input })
    },
    true,
  )
  let title = ''
  if (window === top)
    new MutationObserver(() => {
      if (title === document.title) return
      title = document.title
      ask({ kind: 'title' })
    }).observe(document, { subtree: true, childList: true, characterData: true })
  ;(globalThis as Any).navigation.addEventListener('navigate', (event: Any) => {
    if (!event.cancelable || /^(https?|about|blob|data|file|chrome):/.test(event.destination.url)) return
    event.preventDefault()
    ask({ kind: 'leave', url: event.destination.url })
  })
}

/** Selects the `at`th place (from 0, round and round) where a text stands in the page; answers which one of how many. */
export function findText(text: string, at: number): { at: number; of: number } {
  const places: Range[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const wanted = text.toLowerCase()
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const own = node.nodeValue!.toLowerCase()
    for (let from = own.indexOf(wanted); from >= 0; from = own.indexOf(wanted, from + wanted.length)) {
      const range = document.createRange()
      range.setStart(node, from)
      range.setEnd(node, from + wanted.length)
      places.push(range)
    }
  }
  if (places.length === 0) return { at: 0, of: 0 }
  const chosen = ((at % places.length) + places.length) % places.length
  getSelection()!.removeAllRanges()
  getSelection()!.addRange(places[chosen]!)
  return { at: chosen + 1, of: places.length }
}
