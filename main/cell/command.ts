/** Length of a fixed cell with 4-byte circuit ids, and of its body. tor-spec 3. */
export const CELL_LENGTH = 514
export const CELL_BODY = 509
/** Most data bytes in one relay message of format v0: CELL_BODY − 11. */
export const RELAY_DATA_MAX = 498

/** Channel cell commands. tor-spec 3; 240–242 are Vantage's (docs: perspective access). */
export const Command = {
  PADDING: 0,
  CREATE: 1,
  CREATED: 2,
  RELAY: 3,
  DESTROY: 4,
  CREATE_FAST: 5,
  CREATED_FAST: 6,
  VERSIONS: 7,
  NETINFO: 8,
  RELAY_EARLY: 9,
  CREATE2: 10,
  CREATED2: 11,
  PADDING_NEGOTIATE: 12,
  VPADDING: 128,
  CERTS: 129,
  AUTH_CHALLENGE: 130,
  AUTHENTICATE: 131,
  AUTHORIZE: 132,
  PA_NEGOTIATE: 240,
  PA_STATUS: 241,
  PA_RELAY: 242,
} as const

/** Relay message commands. tor-spec 6.1, rend-spec-v3 3, proposals 254 (padding), 324 (flow control), 329 (conflux). */
export const RelayCommand = {
  BEGIN: 1,
  DATA: 2,
  END: 3,
  CONNECTED: 4,
  SENDME: 5,
  EXTEND: 6,
  EXTENDED: 7,
  TRUNCATE: 8,
  TRUNCATED: 9,
  DROP: 10,
  RESOLVE: 11,
  RESOLVED: 12,
  BEGIN_DIR: 13,
  EXTEND2: 14,
  EXTENDED2: 15,
  CONFLUX_LINK: 19,
  CONFLUX_LINKED: 20,
  CONFLUX_LINKED_ACK: 21,
  CONFLUX_SWITCH: 22,
  ESTABLISH_INTRO: 32,
  ESTABLISH_RENDEZVOUS: 33,
  INTRODUCE1: 34,
  INTRODUCE2: 35,
  RENDEZVOUS1: 36,
  RENDEZVOUS2: 37,
  INTRO_ESTABLISHED: 38,
  RENDEZVOUS_ESTABLISHED: 39,
  INTRODUCE_ACK: 40,
  PADDING_NEGOTIATE: 41,
  PADDING_NEGOTIATED: 42,
  XOFF: 43,
  XON: 44,
} as const

const ONWARD: ReadonlySet<number> = new Set([
  RelayCommand.EXTEND,
  RelayCommand.EXTEND2,
  RelayCommand.ESTABLISH_INTRO,
  RelayCommand.ESTABLISH_RENDEZVOUS,
  RelayCommand.INTRODUCE1,
  RelayCommand.INTRODUCE2,
  RelayCommand.RENDEZVOUS1,
  RelayCommand.RENDEZVOUS2,
  RelayCommand.INTRO_ESTABLISHED,
  RelayCommand.RENDEZVOUS_ESTABLISHED,
  RelayCommand.INTRODUCE_ACK,
])

/** Relay messages that ask for a way to another relay, or belong to one: what is no business of a circuit that exits in one hop. */
export function leadsOnward(command: number): boolean {
  return ONWARD.has(command)
}

/** Why a circuit ends (DESTROY, TRUNCATED). tor-spec 5.4. */
export const DestroyReason = {
  NONE: 0,
  PROTOCOL: 1,
  INTERNAL: 2,
  REQUESTED: 3,
  HIBERNATING: 4,
  RESOURCELIMIT: 5,
  CONNECTFAILED: 6,
  OR_IDENTITY: 7,
  CHANNEL_CLOSED: 8,
  FINISHED: 9,
  TIMEOUT: 10,
  DESTROYED: 11,
  NOSUCHSERVICE: 12,
} as const
export type DestroyReason = (typeof DestroyReason)[keyof typeof DestroyReason]

/** Why a stream ends (END). tor-spec 6.3. */
export const EndReason = {
  MISC: 1,
  RESOLVEFAILED: 2,
  CONNECTREFUSED: 3,
  EXITPOLICY: 4,
  DESTROY: 5,
  DONE: 6,
  TIMEOUT: 7,
  NOROUTE: 8,
  HIBERNATING: 9,
  INTERNAL: 10,
  RESOURCELIMIT: 11,
  CONNRESET: 12,
  TORPROTOCOL: 13,
  NOTDIRECTORY: 14,
} as const
export type EndReason = (typeof EndReason)[keyof typeof EndReason]

/** True for cells that carry their own length: VERSIONS and every command from 128 on. tor-spec 3. */
export function isVariableLength(command: number): boolean {
  return command === Command.VERSIONS || command >= 128
}
