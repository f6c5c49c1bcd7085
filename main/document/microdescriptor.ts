import type { IpAddress } from '../lib/ip.ts'
import type { PortSummary } from './exit-policy.ts'
import type { ServerDescriptor } from './server-descriptor.ts'
export interface Microdescriptor {
  readonly ntorKey: Buffer
  readonly ed25519Identity?: Buffer
  readonly family: readonly string[]
  readonly portSummary?: PortSummary
  readonly portSummary6?: PortSummary
  readonly orAddresses6: readonly { readonly address: IpAddress; readonly port: number }[]
  /** base64 SHA-256 of the text, without '='. */
  readonly digest: string
  readonly text: string
}
export const MAX_MICRODESCRIPTOR_LENGTH = 20_000
export function makeMicrodescriptor(_descriptor: ServerDescriptor, _method?: number): string {
  throw new Error('not yet')
}
export function microdescriptorDigest(_text: string): string {
  throw new Error('not yet')
}
export function parseMicrodescriptor(_text: string): Microdescriptor {
  throw new Error('not yet')
}
export function splitMicrodescriptors(_text: string): string[] {
  throw new Error('not yet')
}
