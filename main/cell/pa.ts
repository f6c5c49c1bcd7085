export const PaPurpose = { BROWSE: 0, PROBE: 1 } as const
export const PaCapability = { BULK: 1 } as const
export const PaStatusCode = {
  ADMITTED: 0,
  NOT_AUTHENTICATED: 1,
  NOT_LISTED: 2,
  NOT_RUNNING: 3,
  NOT_STABLE: 4,
  ADDRESS_DIFFERS: 5,
  OR_PORT_UNUSABLE: 6,
  DIR_PORT_UNUSABLE: 7,
  PA_PORT_UNUSABLE: 8,
  BLOCKED: 9,
  OVER_QUOTA: 10,
  BUSY: 11,
  OFF: 12,
  DIRECTORY_NOT_LIVE: 13,
  BEING_TESTED: 14,
} as const
export type PaStatusCode = (typeof PaStatusCode)[keyof typeof PaStatusCode]
export interface PaNegotiate {
  readonly version: number
  readonly capabilities: number
  readonly purpose: number
}
/** retryAfter in seconds */
export interface PaStatus {
  readonly version: number
  readonly status: number
  readonly capabilities: number
  readonly retryAfter: number
  readonly detail: string
}
export function encodePaNegotiate(value: PaNegotiate): Buffer {
  throw new Error('soon')
}
export function decodePaNegotiate(body: Uint8Array): PaNegotiate {
  throw new Error('soon')
}
export function encodePaStatus(value: PaStatus): Buffer {
  throw new Error('soon')
}
export function decodePaStatus(body: Uint8Array): PaStatus {
  throw new Error('soon')
}
