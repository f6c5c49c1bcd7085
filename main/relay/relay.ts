import type { Duplex } from 'node:stream'
import { DestroyReason } from '../cell/command.ts'
import type { Cell } from '../cell/frame.ts'
import type { Channel, ChannelHandler } from '../channel/channel.ts'
import { ChannelMap } from '../channel/channel-map.ts'
import { CircuitServer } from '../circuit/circuit-server.ts'
import { congestionParams } from '../circuit/params.ts'
import { DirPort } from '../directory/dir-port.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { DirectoryServer, type DirectoryServerOptions, type DirectoryView } from '../directory/server.ts'
import type { ExitPolicy } from '../document/exit-policy.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import { ConnectionRate } from '../net/connection-rate.ts'
import type { Listener } from '../net/listener.ts'
import type { Resolver } from '../net/resolver.ts'
import { LinkCertificates, type ListenTlsOptions, listenTls } from '../net/tls.ts'
import { BandwidthLimiter, BandwidthMeter } from './bandwidth.ts'
import { ClientCircuits } from './client-circuits.ts'
import { type DosParams, dosParams } from './dos-params.ts'
import { ExitConnector, type ExitWatch } from './exit.ts'
import { OwnAddresses } from './exit-own.ts'
import type { RelayKeys } from './keys.ts'
import { OrRole } from './or-role.ts'
import type { BuiltDescriptor } from './own-descriptor.ts'

/** Where a listener binds. Port 0: any free one. */
export interface ListenPoint {
  readonly host: IpAddress
  readonly port: number
}

/** Something that shares the ORPort's links: virtual perspective access. */
export interface SecondDoor {
  /** Circuits of this link go to its own server instead of the relay's. */
  circuitsFor(channel: Channel): CircuitServer | undefined
  onControl(channel: Channel, cell: Cell): void
  onClose(channel: Channel): void
}

export interface RelayOptions {
  readonly keys: RelayKeys
  readonly directory: NetworkDirectory
  /** What the directory server serves, when it is not `directory` (an authority serves its own documents). */
  readonly view?: DirectoryView
  readonly listen: { readonly or: ListenPoint; readonly dir?: ListenPoint }
  /** Outgoing connections are bound to it. */
  readonly outboundAddress?: IpAddress
  /** Our published IPv4 address, when it is known. */
  address(): IpAddress | undefined
  ownDescriptor(): BuiltDescriptor | undefined
  readonly bandwidth: { readonly rate: number; readonly burst: number }
  readonly exitPolicy: ExitPolicy
  readonly resolver: Resolver
  /** Test networks only: private destinations that may be dialled or extended to all the same. */
  allowPrivate(address: IpAddress, port: number): boolean
  /** More answers of the directory server (nonces, authority endpoints). */
  readonly extraAnswers?: DirectoryServerOptions['extra']
  readonly maxPostBytes?: number
  frontPage?(): string | undefined
  readonly log: ScopedLog
}

/** A running relay: ORPort and DirPort, the channels and circuits behind them, the exit, and what it carries. */
export class Relay implements Service {
  readonly channels: ChannelMap
  readonly circuits: CircuitServer
  readonly directoryServer: DirectoryServer
  readonly linkCertificates = new LinkCertificates()
  readonly meter = new BandwidthMeter()
  /** An authenticated relay reached our ORPort from outside: the proof that it is open. */
  readonly onReached = new Listeners<[by: Channel]>()
  /** A peer's NETINFO said what our address looks like from there; a hint. */
  readonly onAddressHint = new Listeners<[address: IpAddress, channel: Channel]>()
  secondDoor: SecondDoor | undefined
  /** Keeps everything within the owner's rate, and tells perspective access what Tor leaves of it. */
  readonly limiter: BandwidthLimiter<Channel>
  readonly options: RelayOptions
  /** Who may connect to the ports where links begin, counted for all of them together. */
  readonly doors: Pick<ListenTlsOptions, 'limits' | 'admits'>
  readonly #clientCircuits = new ClientCircuits(() => this.#dos.circuits)
  readonly #ownAddresses = new OwnAddresses({ published: () => [this.options.address()] })
  #orListener: Listener | undefined
  #dirPort: DirPort | undefined
  #meterTimer: NodeJS.Timeout | undefined

  constructor(options: RelayOptions) {
    this.options = options
    const { keys, directory, log } = options
    const rate = new ConnectionRate(() => this.#dos.connections)
    this.doors = { limits: () => ({ perAddress: this.#dos.connections.perAddress }), admits: address => rate.admits(address) }
    const handler: ChannelHandler = {
      onCreate: (channel, circId, command, body) =>
        (this.secondDoor?.circuitsFor(channel) ?? this.circuits).handleCreate(channel, circId, command, body),
      onControl: (channel, cell) => this.secondDoor?.onControl(channel, cell),
      onClose: channel => {
        this.circuits.handleChannelClosed(channel)
        this.#clientCircuits.closed(channel)
        this.secondDoor?.onClose(channel)
      },
    }
    this.limiter = new BandwidthLimiter({
      ...options.bandwidth,
      total: () => this.carried.read,
      channels: () => this.channels.all(),
    })
    this.channels = new ChannelMap({
      shaper: this.limiter,
      keys: () => keys.linkKeys(),
      log,
      localAddress: options.outboundAddress,
      ownAddresses: () => [options.address()].filter(address => address !== undefined),
      handlerFor: channel => {
        this.#noteChannel(channel)
        this.#clientCircuits.opened(channel)
        return handler
      },
    })
    this.directoryServer = new DirectoryServer({
      directory: options.view ?? directory,
      ownDescriptor: () => options.ownDescriptor()?.descriptor,
      ownExtraInfo: () => options.ownDescriptor()?.extraInfo,
      frontPage: () => options.frontPage?.(),
      extra: options.extraAnswers,
      maxPostBytes: options.maxPostBytes,
      log,
    })
    this.circuits = new CircuitServer({
      keys: () => keys.onionKeys(),
      params: () => congestionParams(directory.consensus?.params ?? new Map()),
      streamLimits: () => this.#dos.streams,
      admit: channel => (this.#clientCircuits.admits(channel) ? undefined : DestroyReason.RESOURCELIMIT),
      log,
      role: new OrRole({
        channels: this.channels,
        exit: this.exitConnector(() => options.exitPolicy),
        serveDirectory: (duplex: Duplex, remoteAddress) => this.directoryServer.serve(duplex, { remoteAddress, tunnelled: true }),
        ed25519Of: rsaIdentity => directory.descriptor(rsaIdentity.toString('hex').toUpperCase())?.ed25519Identity,
        isListed: rsaIdentity => directory.consensus?.byFingerprint.has(rsaIdentity.toString('hex').toUpperCase()) ?? false,
        refuseUnknownExits: () => (directory.consensus?.params.get('refuseunknownexits') ?? 1) !== 0,
        allowPrivate: options.allowPrivate,
      }),
    })
  }

  /** An exit under another policy but with all of this relay's refusals (perspective access has its own policy). */
  exitConnector(policy: () => ExitPolicy, more: { isRelayAddress?: boolean; watch?: ExitWatch } = {}): ExitConnector {
    const { resolver, allowPrivate, outboundAddress } = this.options
    return new ExitConnector({
      policy,
      resolver,
      allowPrivate,
      localAddress: outboundAddress,
      watch: more.watch,
      // On loopback networks many relays share one special address; there only the ports below are ours.
      isOwnAddress: address => this.#ownAddresses.has(address),
      isRelayAddress: more.isRelayAddress === false ? undefined : (address, port) => this.#isRelayAddress(address, port),
    })
  }

  /** ORPorts of listed relays and our own listeners: no stream may re-enter the network through an exit. */
  #isRelayAddress(address: IpAddress, port: number): boolean {
    if (address === this.options.address() && (port === this.#orListener?.port || port === this.#dirPort?.port)) return true
    return this.#relayPorts().has(`${address} ${port}`)
  }

  #dosOf: { params: ReadonlyMap<string, number> | undefined; dos: DosParams } | undefined
  /** What the authorities want done about floods. */
  get #dos(): DosParams {
    const params = this.options.directory.consensus?.params
    if (!this.#dosOf || this.#dosOf.params !== params) this.#dosOf = { params, dos: dosParams(params ?? new Map()) }
    return this.#dosOf.dos
  }

  #relayPortsOf: { validAfter: number; set: Set<string> } | undefined
  #relayPorts(): Set<string> {
    const consensus = this.options.directory.consensus
    if (!consensus) return new Set()
    if (this.#relayPortsOf?.validAfter !== consensus.validAfter) {
      this.#relayPortsOf = { validAfter: consensus.validAfter, set: new Set(consensus.routers.map(r => `${r.address} ${r.orPort}`)) }
    }
    return this.#relayPortsOf.set
  }

  #noteChannel(channel: Channel): void {
    if (channel.observedAddress) this.onAddressHint.emit(channel.observedAddress, channel)
    if (!channel.initiated && channel.peer && !channel.peer.rsaIdentity.equals(this.options.keys.rsa.fingerprint))
      this.onReached.emit(channel)
  }

  get orPort(): Listener {
    if (!this.#orListener) throw new Error('the relay is not started')
    return this.#orListener
  }

  get dirPort(): DirPort | undefined {
    return this.#dirPort
  }

  /** Opens the ports; rejects with the system's error when one cannot be opened, and then leaves none open. */
  async start(): Promise<void> {
    const { listen, log } = this.options
    try {
      this.#orListener = await listenTls({
        ...listen.or,
        ...this.doors,
        certificate: () => this.linkCertificates.current(Date.now()),
        onConnection: link => this.channels.accept(link),
      })
      if (listen.dir) this.#dirPort = await DirPort.open({ ...listen.dir, server: this.directoryServer, log })
    } catch (error) {
      await this.#orListener?.close()
      this.#orListener = undefined
      throw error
    }
    this.#meterTimer = setInterval(() => this.meter.sample(this.carried.read, this.carried.written, Date.now()), 1000)
    this.limiter.start()
  }

  /** Bytes of cells since start, all links together. */
  get carried(): { read: number; written: number } {
    const { orRead, orWritten, paRead, paWritten } = this.channels.bytes
    return { read: orRead + paRead, written: orWritten + paWritten }
  }

  async stop(): Promise<void> {
    clearInterval(this.#meterTimer)
    this.limiter.stop()
    await this.#orListener?.close()
    await this.#dirPort?.close()
    this.circuits.closeAll(DestroyReason.HIBERNATING)
    this.directoryServer.close()
    await this.channels.closeAll()
  }
}
