import type { KeyKeeper } from '../perspective/key-keeper.ts'
import type { PageCamera } from './compare/camera.ts'

/** Where a listener binds: an address of this machine (all of them when absent) and a port, 0 for any free one. */
export interface ListenOption {
  readonly address?: string
  readonly port: number
}

/** The network this program joins: the public one, the embedded practice network, or the authorities of a torrc-like file. */
export type NetworkOption = { readonly kind: 'tor' } | { readonly kind: 'practice' } | { readonly kind: 'file'; readonly path: string }

/** What the command line asked for; each of `overrides` wins over the settings file for this run and is not written to it. */
export interface AppOptions {
  readonly host: 'electron' | 'headless'
  readonly version: string
  /** Takes pictures for comparisons, where the host has a browser inside. */
  readonly camera?: PageCamera
  readonly network: NetworkOption
  /** The system's keystore, where the host has one. */
  readonly keyKeeper?: KeyKeeper
  /** The data folder of this network: keys, caches, history, settings. */
  readonly dataFolder: string
  readonly acceptConsent: { readonly relay: boolean; readonly perspective: boolean }
  readonly overrides: {
    readonly nickname?: string
    readonly contact?: string
    /** IPv4 address to publish. */
    readonly address?: string
    /** Local address for outgoing connections. */
    readonly outboundAddress?: string
    readonly orPort?: ListenOption
    readonly dirPort?: ListenOption
    readonly paPort?: ListenOption | 'virtual' | 'off'
    readonly exitPolicy?: string
    readonly perspectivePolicy?: string
    readonly perspectiveAdmits?: 'running' | 'stable'
    /** Test networks only: private and loopback addresses may be dialled. */
    readonly allowPrivate?: boolean
    readonly socksPort?: number
    readonly httpPort?: number
  }
}
