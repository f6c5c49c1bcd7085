import { type ContributionDay, estimatedKwh } from '../../shared/contribution.ts'

const COLUMNS = [
  'day',
  'kind',
  'relay',
  'bytes_in',
  'bytes_out',
  'streams',
  'refused',
  'uptime_seconds',
  'circuits',
  'cpu_seconds',
  'estimated_kwh',
] as const

/**
 * The contribution book as a table (RFC 4180): each day one line per kind (`or`, `directory`, `tor`, and `day` with what belongs to none) and
 * one per relay served or used. What was not counted is empty; the energy is an estimate from `coreWatts` for a busy core. Every field is a number, a day, a fixed word or a fingerprint, so nothing needs quoting and no spreadsheet
 * takes a name from the network for a formula.
 */
export function contributionCsv(days: readonly ContributionDay[], coreWatts: number): string {
  const lines: string[] = [COLUMNS.join(',')]
  for (const { day, or, dir, tor, refused, uptimeSeconds, circuits, cpuSeconds, servedPeers, usedPeers } of days) {
    const energy = cpuSeconds === undefined ? '' : estimatedKwh(cpuSeconds, coreWatts).toFixed(4)
    lines.push(`${day},day,,,,,${refused},${uptimeSeconds},${circuits ?? ''},${cpuSeconds ?? ''},${energy}`)
    lines.push(`${day},or,,${or.read},${or.written},,,,,,`)
    lines.push(`${day},directory,,${dir.read},${dir.written},,,,,,`)
    for (const [kind, peers] of [['perspective_served', servedPeers] as const, ['perspective_used', usedPeers] as const]) {
      for (const { fingerprint, read, written, streams } of peers)
        lines.push(`${day},${kind},${fingerprint === '' ? 'others' : fingerprint},${read},${written},${streams},,,,,`)
    }
    lines.push(`${day},tor_used,,${tor.read},${tor.written},${tor.streams},,,,,`)
  }
  return `${lines.join('\r\n')}\r\n`
}
