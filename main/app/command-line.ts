import { resolve } from 'node:path'
import { settings } from '../../shared/settings.ts'
import { ExitPolicy } from '../document/exit-policy.ts'
import { canonicalIp, isIPv4 } from '../lib/ip.ts'
import type { AppOptions, ListenOption, NetworkOption } from './app-options.ts'
import { defaultDataFolder, type FolderEnvironment } from './data-folder.ts'

/** The command line is wrong; `message` is one line for the person who wrote it. Exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** What the command line asks for. */
export type CommandLine =
  | {
      readonly command: 'run'
      readonly app: Omit<AppOptions, 'host' | 'version'>
      /** Do not try Electron. */
      readonly headless: boolean
      /** Loopback port of the headless UI; 0: any free one. */
      readonly uiPort: number
      /** Electron: begin in the tray, without a window. */
      readonly hidden: boolean
      /** Events as JSON lines on stdout. */
      readonly json: boolean
    }
  | { readonly command: 'status' | 'stop'; readonly dataFolder: string }
  | { readonly command: 'help' }

export interface CommandLineEnvironment extends FolderEnvironment {
  /** Without `--network`: practice in a checkout, the public one in an installed app. */
  readonly defaultNetwork: 'tor' | 'practice'
  /** What people type to start it: `npm start --` in a checkout, `vantage` when installed. */
  readonly program: string
  /** Whether this machine can send from the address. */
  isLocalAddress(address: string): boolean
}

/** The text of `--help`. */
export const usage = (program: string) => `Usage: ${program} [options]
       ${program} status|stop [--data DIR] [--network NAME]

  --headless                       do not try Electron; the UI opens in a browser
  --network tor|practice|FILE      FILE: torrc lines DirAuthority …, optionally TestingTorNetwork 1
  --data DIR                       keys, caches, history, settings
  --nickname NAME                  1–19 letters and digits
  --contact TEXT
  --address IP                     IPv4 address to publish
  --outbound-address IP            bind for outgoing connections (default: --address if it is local)
  --or-port [ADDR:]PORT
  --dir-port [ADDR:]PORT
  --pa-port [ADDR:]PORT|virtual|off
  --exit-policy TEXT               for Tor, in torrc's grammar
  --pa-policy TEXT                 for perspective access, in torrc's grammar
  --pa-admit running|stable
  --allow-private                  test networks only
  --socks-port PORT  --http-port PORT  --ui-port PORT     on loopback; 0: any free one
  --accept-consent relay[,perspective]                    otherwise asked in the UI
  --hidden                         begin in the tray, without a window
  --json                           one JSON event a line on stdout
  --help
`

const FLAGS = ['--headless', '--hidden', '--allow-private', '--json', '--help'] as const
const VALUES = [
  '--network',
  '--data',
  '--nickname',
  '--contact',
  '--address',
  '--outbound-address',
  '--or-port',
  '--dir-port',
  '--pa-port',
  '--exit-policy',
  '--pa-policy',
  '--pa-admit',
  '--socks-port',
  '--http-port',
  '--ui-port',
  '--accept-consent',
] as const
type Flag = (typeof FLAGS)[number]
type ValueOption = (typeof VALUES)[number]

/** Parses the arguments behind the program's name. @throws UsageError */
export function parseCommandLine(argv: readonly string[], environment: CommandLineEnvironment): CommandLine {
  const { command, flags, values } = split(argv)
  if (flags.has('--help')) return { command: 'help' }
  const value = <T>(option: ValueOption, parse: (text: string, option: string) => T): T | undefined => {
    const text = values.get(option)
    return text === undefined ? undefined : parse(text, option)
  }
  const network = value('--network', parseNetwork) ?? { kind: environment.defaultNetwork }
  const dataFolder = value('--data', parsePath) ?? defaultDataFolder(network, environment)
  if (command !== undefined) {
    const stray = [...flags, ...values.keys()].find(option => option !== '--data' && option !== '--network')
    if (stray !== undefined) throw new UsageError(`${stray} says nothing to ${command}`)
    return { command, dataFolder }
  }
  const allowPrivate = flags.has('--allow-private')
  if (allowPrivate && network.kind === 'tor') throw new UsageError('--allow-private is for test networks, not for --network tor')
  const address = value('--address', parseIPv4)
  const localAddress = address !== undefined && environment.isLocalAddress(address) ? address : undefined
  return {
    command: 'run',
    headless: flags.has('--headless'),
    hidden: flags.has('--hidden'),
    uiPort: value('--ui-port', parsePort) ?? 0,
    json: flags.has('--json'),
    app: {
      network,
      dataFolder,
      acceptConsent: value('--accept-consent', parseConsent) ?? { relay: false, perspective: false },
      overrides: withoutUndefined({
        nickname: value('--nickname', parseNickname),
        contact: value('--contact', parseContact),
        address,
        outboundAddress: value('--outbound-address', parseIp) ?? localAddress,
        orPort: value('--or-port', parseListen),
        dirPort: value('--dir-port', parseListen),
        paPort: value('--pa-port', (text, option) => (text === 'virtual' || text === 'off' ? text : parseListen(text, option))),
        exitPolicy: value('--exit-policy', parsePolicy),
        perspectivePolicy: value('--pa-policy', parsePolicy),
        perspectiveAdmits: value('--pa-admit', parseAdmits),
        allowPrivate: allowPrivate || undefined,
        socksPort: value('--socks-port', parsePort),
        httpPort: value('--http-port', parsePort),
      }),
    },
  }
}

/** Tells options, their values and the command apart: `--name value`, `--name=value`, `--flag`. */
function split(argv: readonly string[]) {
  const flags = new Set<Flag>()
  const values = new Map<ValueOption, string>()
  let command: 'status' | 'stop' | undefined
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!
    const equals = argument.indexOf('=')
    const name = argument.startsWith('--') && equals > 0 ? argument.slice(0, equals) : argument
    if (isOneOf(FLAGS, name)) {
      if (name !== argument) throw new UsageError(`${name} takes no value`)
      flags.add(name)
    } else if (isOneOf(VALUES, name)) {
      const text = name === argument ? argv[++i] : argument.slice(equals + 1)
      // A value that looks like an option is far more often a forgotten value; "--name=--value" still says it.
      if (text === undefined || (name === argument && text.startsWith('--'))) throw new UsageError(`${name} needs a value`)
      if (values.has(name)) throw new UsageError(`${name} is given twice`)
      values.set(name, text)
    } else if (argument === 'status' || argument === 'stop') {
      if (command !== undefined) throw new UsageError(`${command} and ${argument}: only one command at a time`)
      command = argument
    } else throw new UsageError(argument.startsWith('-') ? `unknown option ${name}` : `"${argument}" is neither an option nor a command`)
  }
  return { command, flags, values }
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text)
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

function wrong(option: string, text: string, wants: string): UsageError {
  return new UsageError(`${option} wants ${wants}, not "${text}"`)
}

function parseNetwork(text: string): NetworkOption {
  if (text === 'tor' || text === 'practice') return { kind: text }
  return { kind: 'file', path: parsePath(text, '--network') }
}

function parsePath(text: string, option: string): string {
  if (text === '') throw new UsageError(`${option} needs a value`)
  return resolve(text)
}

function parseNickname(text: string, option: string): string {
  if (!settings.shape.nickname.safeParse(text).success) throw wrong(option, text, '1–19 letters and digits')
  return text
}

function parseContact(text: string, option: string): string {
  // The contact is one line of a signed document.
  if (!settings.shape.contact.safeParse(text).success || /[\x00-\x1f\x7f]/.test(text))
    throw new UsageError(`${option} wants one line of at most 200 characters`)
  return text
}

function parseIp(text: string, option: string): string {
  const ip = canonicalIp(text)
  if (ip === undefined) throw wrong(option, text, 'an IP address')
  return ip
}

function parseIPv4(text: string, option: string): string {
  const ip = canonicalIp(text)
  if (ip === undefined || !isIPv4(ip)) throw wrong(option, text, 'an IPv4 address')
  return ip
}

function parsePort(text: string, option: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw wrong(option, text, 'a port from 0 to 65535')
  return Number(text)
}

function parseListen(text: string, option: string): ListenOption {
  const colon = text.lastIndexOf(':')
  if (colon < 0) return { port: parsePort(text, option) }
  const host = text.slice(0, colon)
  const address = canonicalIp(host)
  if (address === undefined || host.startsWith('[') === isIPv4(address)) throw wrong(option, text, '[ADDR:]PORT, IPv6 in brackets')
  return { address, port: parsePort(text.slice(colon + 1), option) }
}

function parsePolicy(text: string, option: string): string {
  try {
    ExitPolicy.parse(text)
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`)
  }
  return text
}

function parseAdmits(text: string, option: string): 'running' | 'stable' {
  if (text !== 'running' && text !== 'stable') throw wrong(option, text, 'running or stable')
  return text
}

function parseConsent(text: string, option: string): AppOptions['acceptConsent'] {
  const names = text.split(',')
  if (!names.every(name => name === 'relay' || name === 'perspective')) throw wrong(option, text, 'relay or relay,perspective')
  if (!names.includes('relay')) throw new UsageError(`${option}: perspective needs relay too, since only relays get perspectives`)
  return { relay: true, perspective: names.includes('perspective') }
}
