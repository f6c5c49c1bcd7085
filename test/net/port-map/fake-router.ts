import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A NAT-PMP router (RFC 6886) on loopback that a test can make misbehave. */
export class FakeNatPmp {
  readonly requests: Buffer[] = []
  /** internal → external port and lifetime */
  readonly mappings = new Map<number, { externalPort: number; lifetime: number }>()
  externalAddress = [8, 8, 4, 4]
  /** Result code of every answer. */
  result = 0
  /** How many requests are not answered. */
  silentFor = 0
  /** External ports that are somebody else's. */
  taken = new Set<number>()
  /** In place of an answer. */
  garbage: Buffer[] | undefined
  port = 0
  /** Where the newest request came from. */
  clientPort = 0
  readonly #socket: Socket = createSocket('udp4')

  async start(): Promise<this> {
    this.#socket.on('message', (request, from) => {
      this.requests.push(request)
      this.clientPort = from.port
      if (this.silentFor > 0) {
        this.silentFor--
        return
      }
      for (const answer of this.garbage ?? [this.#answer(request)]) this.#socket.send(answer, from.port, from.address)
    })
    this.#socket.bind(0, '127.0.0.1')
    await once(this.#socket, 'listening')
    this.port = this.#socket.address().port
    return this
  }

  stop(): void {
    this.#socket.close()
  }

  #answer(request: Buffer): Buffer {
    const head = Buffer.alloc(8)
    head.writeUInt8(request[1]! + 128, 1)
    head.writeUInt16BE(this.result, 2)
    head.writeUInt32BE(1000, 4)
    if (this.result !== 0) return head
    if (request[1] === 0) return Buffer.concat([head, Buffer.from(this.externalAddress)])
    const internal = request.readUInt16BE(4)
    const lifetime = request.readUInt32BE(8)
    let external = request.readUInt16BE(6)
    while (this.taken.has(external)) external++
    if (lifetime === 0) this.mappings.delete(internal)
    else this.mappings.set(internal, { externalPort: external, lifetime })
    const body = Buffer.alloc(8)
    body.writeUInt16BE(internal, 0)
    body.writeUInt16BE(external, 2)
    body.writeUInt32BE(lifetime, 4)
    return Buffer.concat([head, body])
  }
}

/** A UPnP Internet Gateway Device on loopback that a test can make misbehave. */
export class FakeIgd {
  readonly actions: { name: string; body: string }[] = []
  readonly mappings = new Map<number, { internalPort: number; client: string; lease: number; description: string }>()
  externalAddress = '8.8.4.4'
  serviceType = 'urn:schemas-upnp-org:service:WANIPConnection:1'
  controlUrl = '/control'
  /** External port → error code of AddPortMapping. */
  refusals = new Map<number, string>()
  onlyPermanent = false
  /** In place of the usual search answer. */
  location: string | undefined
  /** In place of everything over HTTP. */
  respond: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  searchPort = 0
  httpPort = 0
  readonly #socket: Socket = createSocket('udp4')
  readonly #http: Server = createServer((request, response) =>
    this.respond ? this.respond(request, response) : this.#serve(request, response),
  )

  async start(): Promise<this> {
    this.#socket.on('message', (request, from) => {
      const target = /\r\nST: (\S+)/.exec(request.toString())?.[1]
      const location = this.location ?? `http://127.0.0.1:${this.httpPort}/desc.xml`
      this.#socket.send(
        `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${target}\r\nLOCATION: ${location}\r\nEXT:\r\n\r\n`,
        from.port,
        from.address,
      )
    })
    this.#socket.bind(0, '127.0.0.1')
    this.#http.listen(0, '127.0.0.1')
    await Promise.all([once(this.#socket, 'listening'), once(this.#http, 'listening')])
    this.searchPort = this.#socket.address().port
    this.httpPort = (this.#http.address() as AddressInfo).port
    return this
  }

  stop(): void {
    this.#socket.close()
    this.#http.closeAllConnections()
    this.#http.close()
  }

  get description(): string {
    return `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion>
<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><friendlyName>Router &amp; more</friendlyName>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/other</controlURL></service></serviceList>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><deviceList><device><serviceList>
<service><serviceType>${this.serviceType}</serviceType><serviceId>x</serviceId><SCPDURL>/scpd</SCPDURL><controlURL>${this.controlUrl}</controlURL></service>
</serviceList></device></deviceList></device></deviceList></device></root>`
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    let body = ''
    request.setEncoding('utf8').on('data', text => {
      body += text
    })
    request.on('end', () => {
      if (request.url === '/desc.xml') return response.setHeader('content-type', 'text/xml').end(this.description)
      if (request.url !== this.controlUrl) return response.writeHead(404).end()
      const name = /#(\w+)"$/.exec(String(request.headers['soapaction']))?.[1] ?? ''
      this.actions.push({ name, body })
      const argument = (key: string) => new RegExp(`<${key}>([^<]*)<`).exec(body)?.[1] ?? ''
      const answer = this.#act(name, argument)
      const failed = 'error' in answer
      const inner = failed
        ? `<s:Fault><faultcode>s:Client</faultcode><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${answer.error}</errorCode></UPnPError></detail></s:Fault>`
        : `<u:${name}Response xmlns:u="${this.serviceType}">${answer.xml}</u:${name}Response>`
      response.writeHead(failed ? 500 : 200, { 'content-type': 'text/xml' })
      return response.end(
        `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`,
      )
    })
  }

  #act(name: string, argument: (key: string) => string): { xml: string } | { error: string } {
    const externalPort = Number(argument('NewExternalPort'))
    switch (name) {
      case 'GetExternalIPAddress':
        return { xml: `<NewExternalIPAddress>${this.externalAddress}</NewExternalIPAddress>` }
      case 'AddPortMapping': {
        const lease = Number(argument('NewLeaseDuration'))
        const refusal = this.refusals.get(externalPort)
        if (refusal) return { error: refusal }
        if (this.onlyPermanent && lease !== 0) return { error: '725' }
        this.mappings.set(externalPort, {
          internalPort: Number(argument('NewInternalPort')),
          client: argument('NewInternalClient'),
          lease,
          description: argument('NewPortMappingDescription'),
        })
        return { xml: '' }
      }
      case 'DeletePortMapping':
        if (argument('NewProtocol') !== 'TCP') return { error: '402' }
        return this.mappings.delete(externalPort) ? { xml: '' } : { error: '714' }
      default:
        return { error: '401' }
    }
  }
}
