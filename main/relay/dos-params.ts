import type { CircuitLimits } from '../circuit/circuit-limits.ts'
import type { ConnectionRateLimits } from '../net/connection-rate.ts'
import type { ListenerLimits } from '../net/listener.ts'

/** Circuits that clients of one address may make, as C tor's DoSCircuitCreation. */
export interface ClientCircuitLimits {
  /** Nothing is refused to an address with fewer links. */
  readonly minLinks: number
  /** Circuits a second, and at once. */
  readonly rate: number
  readonly burst: number
  /** Who used that up gets no circuits for so long (ms), and up to half as long again. */
  readonly shutMs: number
}

export interface DosParams {
  readonly connections: ConnectionRateLimits & Pick<ListenerLimits, 'perAddress'>
  /** `undefined`: the authorities do not ask for it. */
  readonly circuits: ClientCircuitLimits | undefined
  /** BEGINs on one circuit; `undefined`: ours hold. */
  readonly streams: Pick<CircuitLimits, 'streamRate' | 'streamBurst'> | undefined
}

/** What holds while the authorities say nothing: a second's patience for whoever comes too often. */
const DEFAULT_CONNECTIONS: DosParams['connections'] = { rate: 20, burst: 40, shutMs: 1000, perAddress: 100 }
/** "Close the connection", and "refuse the cell": what the defence types of the parameters have to be for there to be a defence. */
const CLOSE = 2
const REFUSE = 2

/**
 * The DoSConnection…, DoSCircuitCreation… and DoSStreamCreation… parameters of a consensus, with the defaults of tor's dos.h. Unlike C tor we count connections of relays, too, and
 * before their handshake; without the authorities' word new connections are limited all the same.
 */
export function dosParams(params: ReadonlyMap<string, number>): DosParams {
  const positive = (name: string, otherwise: number) => Math.max(1, params.get(name) ?? otherwise)
  const shut = (name: string, seconds: number, least: number) => Math.max(least, params.get(name) ?? seconds) * 1000
  const isOn = (what: string, type: number) => params.get(`${what}Enabled`) === 1 && (params.get(`${what}DefenseType`) ?? type) === type
  return {
    connections: isOn('DoSConnection', CLOSE)
      ? {
          rate: positive('DoSConnectionConnectRate', 20),
          burst: positive('DoSConnectionConnectBurst', 40),
          shutMs: shut('DoSConnectionConnectDefenseTimePeriod', 24 * 3600, 10),
          perAddress: positive('DoSConnectionMaxConcurrentCount', 100),
        }
      : DEFAULT_CONNECTIONS,
    circuits: isOn('DoSCircuitCreation', REFUSE)
      ? {
          minLinks: positive('DoSCircuitCreationMinConnections', 3),
          rate: positive('DoSCircuitCreationRate', 3),
          burst: positive('DoSCircuitCreationBurst', 90),
          shutMs: shut('DoSCircuitCreationDefenseTimePeriod', 3600, 0),
        }
      : undefined,
    // Whether to refuse the stream (2) or to close its circuit (3): we refuse the stream.
    streams:
      params.get('DoSStreamCreationEnabled') === 1 && params.get('DoSStreamCreationDefenseType') !== 1
        ? { streamRate: positive('DoSStreamCreationRate', 100), streamBurst: positive('DoSStreamCreationBurst', 300) }
        : undefined,
  }
}
