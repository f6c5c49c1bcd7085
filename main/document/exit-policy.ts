import type { IpAddress } from '../lib/ip.ts'
import type { PortSummary } from './port-summary.ts'

export { PortSummary } from './port-summary.ts'
/** Text of C tor's default exit policy. */
export const DEFAULT_EXIT_POLICY: string = ''
export const REJECT_ALL_POLICY: string = 'reject *:*'
export class ExitPolicy {
  static parse(_lines: string, _options?: { ipv6?: boolean; rejectPrivate?: boolean; ownAddresses?: readonly IpAddress[] }): ExitPolicy {
    throw new Error('not yet')
  }
  static readonly rejectAll: ExitPolicy
  decide(_address: IpAddress, _port: number): boolean {
    throw new Error('not yet')
  }
  mayAccept(_port: number): boolean {
    throw new Error('not yet')
  }
  toDescriptorLines(): string[] {
    throw new Error('not yet')
  }
  summary(): PortSummary {
    throw new Error('not yet')
  }
  summary6(): PortSummary {
    throw new Error('not yet')
  }
  isExitFlagWorthy(): boolean {
    throw new Error('not yet')
  }
  get rejectsAll(): boolean {
    throw new Error('not yet')
  }
}
