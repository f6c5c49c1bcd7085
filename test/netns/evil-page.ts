// What a page can try to reach anything but through its proxy. Runs in the page; uses nothing from outside itself.

/** Where nobody may get from here: a public address, addresses of a home, ports of this machine; names that only a look-up would tell. */
export interface EvilTargets {
  readonly direct: string
  readonly lan: readonly string[]
  readonly localPorts: readonly number[]
  /** Looked up by whoever asks for it. */
  readonly names: string
}

/** Tries everything, and settles when it has all failed, worked, or taken its time. Answers with what was told by WebRTC. */
export async function tryEverything({ direct, lan, localPorts, names }: EvilTargets): Promise<string[]> {
  const told: string[] = []
  const add = <K extends keyof HTMLElementTagNameMap>(tag: K, fields: Record<string, string>) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(fields)) element.setAttribute(name, value)
    document.body.append(element)
    return element
  }
  const within = <T>(work: Promise<T>) => Promise.race([work, new Promise(resolve => setTimeout(resolve, 2500))]).catch(() => {})
  const places = [
    `http://${direct}`,
    `https://${direct}`,
    ...lan.map(host => `http://${host}`),
    ...localPorts.map(port => `http://127.0.0.1:${port}`),
    'http://localhost',
    'http://[::1]',
  ]
  const work: Promise<unknown>[] = []

  for (const rel of ['dns-prefetch', 'preconnect', 'prefetch', 'prerender', 'modulepreload', 'icon'])
    for (const origin of [`https://${rel}.${names}`, ...places]) add('link', { rel, href: `${origin}/${rel}`, crossorigin: '' })
  add('script', { type: 'speculationrules' }).textContent = JSON.stringify({
    prefetch: [{ urls: places }],
    prerender: [{ urls: [`https://prerender.${names}/`] }],
  })
  add('style', {}).textContent =
    `@import "https://css.${names}/x.css"; @font-face { font-family: x; src: url("http://${direct}/font") } body { font-family: x }`

  for (const [i, place] of places.entries()) {
    for (const mode of ['no-cors', 'cors'] as const) work.push(within(fetch(`${place}/fetch`, { mode })))
    work.push(within(fetch(`/redirect?to=${encodeURIComponent(`${place}/redirected`)}`, { mode: 'no-cors' })))
    add('img', { src: `${place}/image` })
    add('img', { src: `/redirect?to=${encodeURIComponent(`${place}/image`)}` })
    add('iframe', { src: `${place}/frame`, name: `frame${i}` })
    add('video', { src: `${place}/video`, preload: 'auto' })
    add('script', { src: `${place}/script.js` })
    navigator.sendBeacon(`${place}/beacon`, 'x')
    add('form', { method: 'post', action: `${place}/form`, target: `frame${i}` })
    ;(document.forms[document.forms.length - 1] as HTMLFormElement).submit()
    // A download that turns out to be none becomes a page, in the frame that asked for it.
    const frame = (add('iframe', {}) as HTMLIFrameElement).contentDocument!
    const link = frame.createElement('a')
    link.href = new URL(`/redirect?to=${encodeURIComponent(`${place}/file`)}`, location.href).href
    link.download = 'file'
    frame.body.append(link)
    link.click()
  }
  add('a', { href: `https://ping.${names}/`, ping: `http://${direct}/ping`, target: 'frame0' }).click()

  for (const url of [
    `wss://ws.${names}/`,
    `wss://${direct}/`,
    ...lan.map(host => `wss://${host}/`),
    ...localPorts.map(port => `ws://127.0.0.1:${port}/`),
  ])
    work.push(
      within(
        new Promise((resolve, reject) => {
          const socket = new WebSocket(url)
          socket.onclose = resolve
          socket.onerror = reject
        }),
      ),
    )
  const { WebTransport } = globalThis as unknown as {
    WebTransport?: new (url: string) => { closed: Promise<unknown>; ready: Promise<unknown> }
  }
  if (WebTransport)
    for (const host of [direct, `quic.${names}`]) {
      const transport = new WebTransport(`https://${host}/`)
      work.push(within(transport.ready), within(transport.closed))
    }
  work.push(within(new Promise(resolve => Object.assign(new EventSource(`https://events.${names}/`), { onerror: resolve }))))

  const connection = new RTCPeerConnection({
    iceServers: [
      { urls: [`stun:${direct}:3478`, `stun:stun.${names}:3478`, `stun:${lan[0]}:3478`] },
      { urls: [`turn:${direct}:3478`, `turn:${direct}:443?transport=tcp`, `turns:turn.${names}:443`], username: 'x', credential: 'x' },
    ],
  })
  connection.createDataChannel('x')
  connection.onicecandidate = ({ candidate }) => candidate?.candidate && told.push(candidate.candidate)
  await connection.setLocalDescription(await connection.createOffer())
  await within(
    connection.setRemoteDescription({
      type: 'answer',
      sdp: connection.localDescription!.sdp.replace(/a=setup:actpass/g, 'a=setup:active'),
    }),
  )

  work.push(
    within(
      (async () => {
        await navigator.serviceWorker.register('/worker.js')
        const { active } = await navigator.serviceWorker.ready
        active!.postMessage([...places, `https://worker.${names}`])
        await new Promise(resolve => navigator.serviceWorker.addEventListener('message', resolve))
      })(),
    ),
  )
  await Promise.all(work)
  connection.close()
  return told
}

/** The service worker of the page: does as it is told. */
export const WORKER = `
  addEventListener('install', () => skipWaiting())
  addEventListener('activate', event => event.waitUntil(clients.claim()))
  addEventListener('message', async event => {
    await Promise.allSettled(event.data.map(place => fetch(place + '/worker', { mode: 'no-cors', signal: AbortSignal.timeout(2000) })))
    event.source.postMessage('done')
  })`
