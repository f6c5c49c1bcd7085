import { MalformedError } from '../lib/bytes.ts'

/** Ports `low` to `high`, both included. */
export interface PortRange {
  readonly low: number
  readonly high: number
}

const MAX_ENTRIES = 1000
const MAX_TEXT = 16 * 1024

function parsePort(text: string): number {
  if (text === '' || text.length > 9 || /[^0-9]/.test(text)) throw new MalformedError('bad port in a port list')
  const port = Number(text)
  if (port < 1 || port > 65535) throw new MalformedError('port out of range in a port list')
  return port
}

/** "accept 80,443" or "reject 25,119,135-139": the `p` line of network statuses and microdescriptors (dir-spec 3.4.1). */
export class PortSummary {
  static readonly rejectAll = new PortSummary('reject', [{ low: 1, high: 65535 }])
  readonly kind: 'accept' | 'reject'
  readonly ranges: readonly PortRange[]

  constructor(kind: 'accept' | 'reject', ranges: readonly PortRange[]) {
    this.kind = kind
    this.ranges = ranges
  }

  /** Entries that do not start with a digit are skipped, for what may come; there must be one left. @throws MalformedError */
  static parse(text: string): PortSummary {
    const kind = text.slice(0, 6)
    if ((kind !== 'accept' && kind !== 'reject') || text[6] !== ' ') throw new MalformedError('port list without accept or reject')
    if (text.length > MAX_TEXT) throw new MalformedError('port list too long')
    const ranges: PortRange[] = []
    for (const entry of text.slice(7).split(',')) {
      const first = entry.charCodeAt(0)
      if (!(first >= 48 && first <= 57)) continue
      const dash = entry.indexOf('-')
      const low = parsePort(dash < 0 ? entry : entry.slice(0, dash))
      const high = dash < 0 ? low : parsePort(entry.slice(dash + 1))
      if (low > high) throw new MalformedError('port range turned round')
      if (ranges.push({ low, high }) > MAX_ENTRIES) throw new MalformedError('port list too long')
    }
    if (ranges.length === 0) throw new MalformedError('port list without ports')
    return new PortSummary(kind, ranges)
  }

  allows(port: number): boolean {
    return this.ranges.some(({ low, high }) => low <= port && port <= high) === (this.kind === 'accept')
  }

  /** True for exactly "reject 1-65535". */
  get rejectsAll(): boolean {
    const [first, second] = this.ranges
    return this.kind === 'reject' && second === undefined && first?.low === 1 && first.high === 65535
  }

  toString(): string {
    return `${this.kind} ${this.ranges.map(({ low, high }) => (low === high ? `${low}` : `${low}-${high}`)).join(',')}`
  }
}
