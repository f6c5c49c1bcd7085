import { type Cidr, cidrContains, type IpAddress, ipToBytes } from '../lib/ip.ts'
import { type AccessRecord, truncatedAddress } from './access-record.ts'

/** What to look for; what is left out does not matter. */
export interface AccessQuery {
  readonly peer?: string
  readonly network?: Cidr
  readonly port?: number
  /** Streams that were open at some time from … to, ms. */
  readonly from?: number
  readonly to?: number
}

function matches(record: AccessRecord, query: AccessQuery): boolean {
  const { peer, network, port, from, to } = query
  if (peer !== undefined && record.peer !== peer) return false
  if (port !== undefined && record.port !== port) return false
  if (from !== undefined && record.endedAt + 1000 <= from) return false
  if (to !== undefined && record.endedAt - record.durationMs > to) return false
  return network === undefined || cidrContains(network, ipToBytes(record.address)!)
}

/** The newest `limit` records that match, newest first, and how many there are in all. */
export async function searchLog(
  records: AsyncIterable<AccessRecord>,
  query: AccessQuery,
  limit: number,
): Promise<{ records: AccessRecord[]; total: number }> {
  let newest: AccessRecord[] = []
  let total = 0
  for await (const record of records) {
    if (!matches(record, query)) continue
    total++
    newest.push(record)
    if (newest.length >= 2 * limit) newest = newest.slice(-limit)
  }
  return { records: newest.slice(-limit).reverse(), total }
}

const COLUMNS = 'started,ended,peer,address,port,end_reason,bytes_from_peer,bytes_to_peer'

/** Comma separated values with a header line, times in UTC; no field needs quoting. */
export function formatCsv(records: Iterable<AccessRecord>): string {
  let out = `${COLUMNS}\r\n`
  for (const record of records) {
    const { endedAt, durationMs, peer, address, port, reason, bytesIn, bytesOut } = record
    const times = [endedAt - durationMs, endedAt].map(time => new Date(time).toISOString())
    out += `${[...times, peer, address, port, reason, bytesIn, bytesOut].join(',')}\r\n`
  }
  return out
}

/** What a complaint says: who had a stream to this address (and port) at that time? */
export interface Complaint {
  /** ms */
  readonly at: number
  readonly address: IpAddress
  readonly port?: number
  /** How far clocks may be apart, ms. */
  readonly toleranceMs: number
}

/** A peer that fits a complaint, with its streams that do. */
export interface Suspect {
  readonly peer: string
  readonly streams: number
  readonly firstAt: number
  readonly lastAt: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** Peers with streams that fit, most streams first. Logs that keep only the /24 or /48 of addresses fit more. */
export async function suspectsOf(records: AsyncIterable<AccessRecord> | Iterable<AccessRecord>, complaint: Complaint): Promise<Suspect[]> {
  const { at, address, port, toleranceMs } = complaint
  const network = truncatedAddress(address)
  const found = new Map<string, Suspect>()
  for await (const record of records) {
    if (record.address !== address && record.address !== network) continue
    if (!matches(record, { port, from: at - toleranceMs, to: at + toleranceMs })) continue
    const startedAt = record.endedAt - record.durationMs
    const known = found.get(record.peer)
    found.set(record.peer, {
      peer: record.peer,
      streams: (known?.streams ?? 0) + 1,
      firstAt: Math.min(known?.firstAt ?? startedAt, startedAt),
      lastAt: Math.max(known?.lastAt ?? record.endedAt, record.endedAt),
      bytesIn: (known?.bytesIn ?? 0) + record.bytesIn,
      bytesOut: (known?.bytesOut ?? 0) + record.bytesOut,
    })
  }
  return [...found.values()].sort((a, b) => b.streams - a.streams)
}
