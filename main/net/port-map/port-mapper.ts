import { cidrContains, type IpAddress, ipToBytes, isIPv4, isSpecialAddress, parseCidr } from '../../lib/ip.ts'
import type { ScopedLog } from '../../lib/log.ts'
import { Listeners, type Service } from '../../lib/service.ts'
import { findGateway, type Gateway } from './gateway.ts'
import { type GatewayClient, MappingError, type MappingFailure } from './gateway-client.ts'
import { NatPmpClient } from './nat-pmp.ts'
import { UpnpClient } from './upnp.ts'

export type { MappingFailure } from './gateway-client.ts'

/** What is known of one port's mapping; the shape of `PortState.mapping` of the contract. Times in ms since 1970. */
export type MappingState =
  | { readonly state: 'off' }
  | { readonly state: 'not-needed' }
  | { readonly state: 'asking' }
  | {
      readonly state: 'mapped'
      readonly method: GatewayClient['method']
      readonly externalAddress?: IpAddress
      readonly externalPort: number
      /** Absent: until we remove it. */
      readonly until?: number
    }
  /** `externalAddress`: the one that made us call it failed. */
  | { readonly state: 'failed'; readonly reason: MappingFailure; readonly externalAddress?: IpAddress }

export interface PortToMap {
  /** A name of the caller's: 'or', 'dir', 'pa'. */
  readonly name: string
  /** Where the listener is bound. Loopback or public: no mapping is needed. `0.0.0.0`: the address that faces the gateway. */
  readonly address: IpAddress
  readonly port: number
}

export interface PortMapperTimes {
  /** Seconds that are asked for: a router that is forgotten closes the port by itself within the hour (features.md T25). */
  readonly leaseSeconds: number
  /** Milliseconds after which mappings are renewed, at the latest after half their lease (RFC 6886 section 3.3). */
  readonly renewMs: number
  /** Milliseconds after which a failure is tried again. */
  readonly retryMs: number
  /** Milliseconds that `stop` takes at most. */
  readonly stopMs: number
}
const TIMES: PortMapperTimes = { leaseSeconds: 3600, renewMs: 20 * 60_000, retryMs: 5 * 60_000, stopMs: 2000 }

export interface PortMapperOptions {
  readonly log: ScopedLog
  readonly findGateway?: (signal: AbortSignal) => Promise<Gateway | undefined>
  /** The ways of asking a router, the best first. */
  readonly clients?: (gateway: Gateway) => readonly GatewayClient[]
  readonly times?: Partial<PortMapperTimes>
}

/** A mapping that a router has granted. */
interface Held {
  readonly client: GatewayClient
  readonly port: number
  readonly externalPort: number
}

/** Shared by many homes of a provider (RFC 6598). */
const CARRIER_NAT = parseCidr('100.64.0.0/10')!
const OFF: MappingState = { state: 'off' }

/**
 * Keeps the given TCP ports mapped at the home router: asks by NAT-PMP, then by UPnP IGD, renews the leases, and takes the mappings
 * back at `stop`. What a router says is not proof: only a connection from outside is.
 */
export class PortMapper implements Service {
  /** After every change of a port's state. */
  readonly onChange = new Listeners<[name: string, state: MappingState]>()
  readonly #log: ScopedLog
  readonly #findGateway: NonNullable<PortMapperOptions['findGateway']>
  readonly #clients: NonNullable<PortMapperOptions['clients']>
  readonly #times: PortMapperTimes
  readonly #states = new Map<string, MappingState>()
  readonly #held = new Map<string, Held>()
  #ports: readonly PortToMap[] = []
  #gateway: Gateway | undefined
  #running: AbortController | undefined
  #loop: Promise<void> = Promise.resolve()
  #wake: () => void = () => {}

  constructor(options: PortMapperOptions) {
    this.#log = options.log
    this.#findGateway = options.findGateway ?? findGateway
    this.#clients = options.clients ?? (gateway => [new NatPmpClient(gateway), new UpnpClient(gateway)])
    this.#times = { ...TIMES, ...options.times }
  }

  /** The ports to keep mapped from now on; those no longer named are unmapped. */
  setPorts(ports: readonly PortToMap[]): void {
    this.#ports = ports
    for (const name of this.#states.keys()) if (!ports.some(port => port.name === name)) this.#set(name, OFF)
    this.refresh()
  }

  /** The router as found by the newest round, and our address on its side. */
  get gateway(): Gateway | undefined {
    return this.#gateway
  }

  state(name: string): MappingState {
    return this.#states.get(name) ?? OFF
  }

  /** Asks the router again now (the network changed, or somebody pressed retest). */
  refresh(): void {
    this.#wake()
  }

  /** Begins; does not wait for the router. */
  async start(): Promise<void> {
    this.#running ??= new AbortController()
    this.#loop = this.#run(this.#running.signal)
  }

  /** Removes every mapping, within `stopMs`, and ends. */
  async stop(): Promise<void> {
    this.#running?.abort()
    this.#wake()
    await this.#loop
    this.#running = undefined
    const late = AbortSignal.timeout(this.#times.stopMs)
    await Promise.all([...this.#held.keys()].map(name => this.#unmap(name, late)))
    for (const name of this.#states.keys()) this.#set(name, OFF)
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let again = false
      const woken = new Promise<void>(resolve => {
        this.#wake = () => {
          again = true
          resolve()
        }
      })
      const failed = await this.#mapAll(signal).catch(error => {
        if (!signal.aborted) this.#log.warn(`mapping failed: ${(error as Error).message}`)
        return true
      })
      if (again || signal.aborted) continue
      let timer: NodeJS.Timeout | undefined
      const elapsed = new Promise<void>(resolve => {
        timer = setTimeout(resolve, failed ? this.#times.retryMs : this.#times.renewMs)
      })
      await Promise.race([woken, elapsed])
      clearTimeout(timer)
    }
  }

  /** One round over all ports; true when one of them failed. */
  async #mapAll(signal: AbortSignal): Promise<boolean> {
    for (const [name, held] of this.#held)
      if (!this.#ports.some(port => port.name === name && port.port === held.port)) await this.#unmap(name, signal)
    const gateway = await this.#findGateway(signal)
    signal.throwIfAborted()
    this.#gateway = gateway
    const wanted = this.#ports.filter(port => {
      const needed = needsMapping(port.address, gateway)
      if (!needed) this.#set(port.name, { state: 'not-needed' })
      return needed
    })
    if (wanted.length === 0) return false
    if (!gateway) {
      for (const { name } of wanted) this.#set(name, { state: 'failed', reason: 'no-gateway' })
      return true
    }
    for (const { name } of wanted) if (this.state(name).state !== 'mapped') this.#set(name, { state: 'asking' })
    // The client that mapped before knows how, as long as the gateway is the same.
    const known = [...this.#held.values()].find(held => held.client.gatewayAddress === gateway.address)?.client
    const clients = this.#clients(gateway).filter(client => client.method !== known?.method)
    const { client, externalAddress, reason } = await this.#choose(known ? [known, ...clients] : clients, signal)
    if (!client) {
      for (const { name } of wanted) this.#set(name, { state: 'failed', reason })
      return true
    }
    let failed = false
    for (const port of wanted) {
      const state = await this.#map(client, port, externalAddress, signal)
      failed ||= state.state === 'failed'
      this.#set(port.name, state)
    }
    return failed
  }

  /** The first client whose router answers, with the router's address outside. */
  async #choose(
    clients: readonly GatewayClient[],
    signal: AbortSignal,
  ): Promise<
    | { client: GatewayClient; externalAddress: IpAddress; reason?: undefined }
    | { client?: undefined; externalAddress?: undefined; reason: MappingFailure }
  > {
    let reason: MappingFailure = 'no-answer'
    for (const client of clients) {
      try {
        return { client, externalAddress: await client.externalAddress(signal) }
      } catch (error) {
        signal.throwIfAborted()
        this.#log.info((error as Error).message)
        // A refusal tells more than silence.
        if (error instanceof MappingError && error.reason !== 'no-answer') reason = error.reason
      }
    }
    return { reason }
  }

  async #map(client: GatewayClient, { name, port }: PortToMap, externalAddress: IpAddress, signal: AbortSignal): Promise<MappingState> {
    try {
      const mapped = await client.map(port, this.#held.get(name)?.externalPort ?? port, this.#times.leaseSeconds, signal)
      this.#held.set(name, { client, port, externalPort: mapped.externalPort })
      const shared = sharedReason(externalAddress)
      if (shared) return { state: 'failed', reason: shared, externalAddress }
      const until = mapped.lifetimeSeconds === 0 ? undefined : Date.now() + mapped.lifetimeSeconds * 1000
      return { state: 'mapped', method: client.method, externalAddress, externalPort: mapped.externalPort, until }
    } catch (error) {
      signal.throwIfAborted()
      this.#log.info((error as Error).message)
      return { state: 'failed', reason: error instanceof MappingError ? error.reason : 'refused' }
    }
  }

  async #unmap(name: string, signal: AbortSignal): Promise<void> {
    const held = this.#held.get(name)
    if (!held) return
    this.#held.delete(name)
    await held.client.unmap(held.port, held.externalPort, signal).catch(error => {
      this.#log.info(`a mapping was left to its lease: ${(error as Error).message}`)
    })
  }

  #set(name: string, state: MappingState): void {
    const before = this.#states.get(name)
    this.#states.set(name, state)
    if (JSON.stringify(before) !== JSON.stringify(state)) this.onChange.emit(name, state)
  }
}

/**
 * A mapping helps where the world cannot reach the address: an IPv4 address behind a home router. Nobody outside reaches loopback, and
 * nobody should.
 */
function needsMapping(address: IpAddress, gateway: Gateway | undefined): boolean {
  if (address === '0.0.0.0' || address === '::') return gateway === undefined || isSpecialAddress(gateway.localAddress)
  return isIPv4(address) && isSpecialAddress(address) && !address.startsWith('127.')
}

/** Why a router's outer address is no address of the Internet; `undefined` when it is one. */
function sharedReason(externalAddress: IpAddress): MappingFailure | undefined {
  if (!isSpecialAddress(externalAddress)) return undefined
  return cidrContains(CARRIER_NAT, ipToBytes(externalAddress)!) ? 'address-shared' : 'double-nat'
}
