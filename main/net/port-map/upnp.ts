import { createSocket } from 'node:dgram'
import { MalformedError } from '../../lib/bytes.ts'
import { canonicalIp, type IpAddress, isIPv4 } from '../../lib/ip.ts'
import type { Gateway } from './gateway.ts'
import { type GatewayClient, type Mapped, MappingError } from './gateway-client.ts'
import { routerHttp } from './router-http.ts'
import { type ControlPoint, findControlPoint, isOnHost, xmlText } from './upnp-description.ts'

/** Where devices listen for searches (UPnP Device Architecture 1.3.2). */
const SSDP = { address: '239.255.255.250', port: 1900 }
const SEARCH_TARGETS = ['urn:schemas-upnp-org:device:InternetGatewayDevice:1', 'urn:schemas-upnp-org:device:InternetGatewayDevice:2']
const SEARCH_MS = 3000
const ErrorCode = { CONFLICT: '718', ONLY_PERMANENT_LEASES: '725', NO_SUCH_ENTRY: '714' } as const

export interface UpnpOptions {
  /** Where searches go; default: the multicast address, and the gateway itself. */
  readonly searchAt?: readonly { readonly address: IpAddress; readonly port: number }[]
}

/**
 * UPnP IGD (WANIPConnection, WANPPPConnection) with one router, the default gateway: answers from other addresses, descriptions and
 * control URLs that lie elsewhere, redirects and oversized answers are refused (features.md T25).
 */
export class UpnpClient implements GatewayClient {
  readonly method = 'upnp'
  readonly #gateway: Gateway
  readonly #searchAt: NonNullable<UpnpOptions['searchAt']>
  /** Shown in the router's list; says nothing about us (features.md T25). */
  readonly #description = Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString('hex')
  #control: ControlPoint | undefined

  constructor(gateway: Gateway, options: UpnpOptions = {}) {
    this.#gateway = gateway
    this.#searchAt = options.searchAt ?? [SSDP, { address: gateway.address, port: SSDP.port }]
  }

  get gatewayAddress(): IpAddress {
    return this.#gateway.address
  }

  async externalAddress(signal: AbortSignal): Promise<IpAddress> {
    const answer = await this.#act('GetExternalIPAddress', {}, signal)
    const address = canonicalIp(xmlText(answer, 'NewExternalIPAddress') ?? '')
    if (address === undefined || !isIPv4(address)) throw new MappingError('refused', 'UPnP: the router has no address outside')
    return address
  }

  async map(internalPort: number, externalPort: number, lifetimeSeconds: number, signal: AbortSignal): Promise<Mapped> {
    const add = (lease: number) =>
      this.#act(
        'AddPortMapping',
        {
          NewRemoteHost: '',
          NewExternalPort: externalPort,
          NewProtocol: 'TCP',
          NewInternalPort: internalPort,
          NewInternalClient: this.#gateway.localAddress,
          NewEnabled: 1,
          NewPortMappingDescription: this.#description,
          NewLeaseDuration: lease,
        },
        signal,
      )
    try {
      await add(lifetimeSeconds)
      return { externalPort, lifetimeSeconds }
    } catch (error) {
      if (!(error instanceof UpnpError)) throw error
      if (error.code === ErrorCode.CONFLICT) throw new MappingError('port-taken', error.message, { cause: error })
      if (error.code !== ErrorCode.ONLY_PERMANENT_LEASES) throw new MappingError('refused', error.message, { cause: error })
    }
    await add(0)
    return { externalPort, lifetimeSeconds: 0 }
  }

  async unmap(_internalPort: number, externalPort: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#act('DeletePortMapping', { NewRemoteHost: '', NewExternalPort: externalPort, NewProtocol: 'TCP' }, signal)
    } catch (error) {
      if (!(error instanceof UpnpError && error.code === ErrorCode.NO_SUCH_ENTRY)) throw error
    }
  }

  /** Invokes a SOAP action (UPnP Device Architecture 3.2) and answers with the response's XML. */
  async #act(action: string, args: Record<string, string | number>, signal: AbortSignal): Promise<string> {
    this.#control ??= await this.#discover(signal)
    const { serviceType, url } = this.#control
    const body =
      '<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
      's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
      `<u:${action} xmlns:u="${serviceType}">${Object.entries(args)
        .map(([name, value]) => `<${name}>${value}</${name}>`)
        .join('')}</u:${action}></s:Body></s:Envelope>\r\n`
    const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${serviceType}#${action}"` }
    const answer = await routerHttp(url, this.#gateway.localAddress, signal, { headers, body })
    const text = answer.body.toString('utf8')
    if (answer.status === 200) return text
    const code = /^\d{3}$/.exec(xmlText(text, 'errorCode') ?? '')?.[0]
    if (code === undefined) {
      // Perhaps another description by now (the router was restarted): look again next time.
      this.#control = undefined
      throw new MappingError('refused', `UPnP: ${action} was answered with HTTP ${answer.status}`)
    }
    throw new UpnpError(code, action)
  }

  async #discover(signal: AbortSignal): Promise<ControlPoint> {
    const location = await this.#search(signal)
    const { status, body } = await routerHttp(location, this.#gateway.localAddress, signal)
    if (status !== 200) throw new MappingError('refused', `UPnP: the description was answered with HTTP ${status}`)
    try {
      return findControlPoint(body.toString('utf8'), location)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      throw new MappingError('refused', `UPnP: ${error.message}`, { cause: error })
    }
  }

  /** Where the gateway says its description is: the first good answer to M-SEARCH. */
  #search(signal: AbortSignal): Promise<URL> {
    signal.throwIfAborted()
    const socket = createSocket('udp4')
    const { promise, resolve, reject } = Promise.withResolvers<URL>()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(() => reject(new MappingError('no-answer', 'UPnP: no answer')), SEARCH_MS)
    socket.on('error', error => reject(new MappingError('no-answer', 'UPnP: cannot search', { cause: error })))
    socket.on('message', (datagram, from) => {
      if (from.address !== this.#gateway.address) return
      const location = parseSearchAnswer(datagram)
      if (location && isOnHost(location, this.#gateway.address)) resolve(location)
    })
    socket.bind({ address: this.#gateway.localAddress }, () => {
      for (const target of SEARCH_TARGETS)
        for (const { address, port } of this.#searchAt) socket.send(searchMessage(target), port, address, () => {})
    })
    return promise.finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.close()
    })
  }
}

/** The router's own error code for an action (UPnP WANIPConnection 2.4). */
class UpnpError extends MappingError {
  override name = 'UpnpError'
  readonly code: string
  constructor(code: string, action: string) {
    super('refused', `UPnP: ${action} failed with error ${code}`)
    this.code = code
  }
}

function searchMessage(target: string): Buffer {
  return Buffer.from(`M-SEARCH * HTTP/1.1\r\nHOST: ${SSDP.address}:${SSDP.port}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${target}\r\n\r\n`)
}

/** The LOCATION of an answer to a search, or `undefined`. */
export function parseSearchAnswer(datagram: Buffer): URL | undefined {
  const text = datagram.toString('latin1', 0, 2048)
  if (!/^HTTP\/1\.[01] 200 /.test(text)) return undefined
  const location = /\r\nlocation:[ \t]*(\S{1,500})[ \t]*\r\n/i.exec(text)?.[1]
  return location === undefined ? undefined : (URL.parse(location) ?? undefined)
}
