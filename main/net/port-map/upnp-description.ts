import { MalformedError } from '../../lib/bytes.ts'

/** Services that map ports, the newer first; both versions have the actions we use. */
const SERVICES = ['WANIPConnection:2', 'WANIPConnection:1', 'WANPPPConnection:1'].map(name => `urn:schemas-upnp-org:service:${name}`)

const MAX_SERVICES = 64

/** Where and as what a router takes port mapping actions. */
export interface ControlPoint {
  readonly serviceType: string
  readonly url: URL
}

/**
 * The text of the first element `name`, whatever its namespace prefix; `undefined` when there is none or it has child elements. The
 * five predefined entities are replaced, no others exist for us: no DTD is ever read.
 */
export function xmlText(xml: string, name: string): string | undefined {
  const text = new RegExp(`<(?:[A-Za-z_][\\w.-]{0,30}:)?${name}(?:\\s[^<>]{0,200})?>([^<]{0,2000})</`).exec(xml)?.[1]
  return text?.trim().replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Finds the port mapping service in a router's device description (UPnP Device Architecture 2.3). The control URL must be on the
 * router itself: a description must not send our requests elsewhere. @throws MalformedError when there is no such service
 */
export function findControlPoint(description: string, location: URL): ControlPoint {
  const base = URL.parse(xmlText(description, 'URLBase') ?? '', location) ?? location
  const found = new Map<string, string>()
  for (const part of description.split('<service>', MAX_SERVICES + 1).slice(1)) {
    const end = part.indexOf('</service>')
    const service = end < 0 ? part : part.slice(0, end)
    const type = xmlText(service, 'serviceType')
    const control = xmlText(service, 'controlURL')
    if (type !== undefined && control !== undefined && !found.has(type)) found.set(type, control)
  }
  for (const serviceType of SERVICES) {
    const url = URL.parse(found.get(serviceType) ?? '', base)
    if (found.has(serviceType) && url && isOnHost(url, location.hostname)) return { serviceType, url }
  }
  throw new MalformedError('the router describes no port mapping service of its own')
}

/** True for plain HTTP on exactly this host, without credentials. */
export function isOnHost(url: URL, hostname: string): boolean {
  return url.protocol === 'http:' && url.hostname === hostname && url.username === '' && url.password === ''
}
