import type { Cidr } from '../lib/ip.ts'
import { type PolicyRule, PRIVATE_BLOCKS } from './policy-rule.ts'
import { type PortRange, PortSummary } from './port-summary.ts'

/** Longest summary authorities write, in characters. */
const MAX_SUMMARY = 1000

/**
 * A port counts as accepted when a rule for every address accepts it before more addresses than these were rejected:
 * two /8 of IPv4 (counted in addresses); one /16 of IPv6 (counted in /64).
 */
const REJECT_LIMIT = { 4: 2 ** 25, 16: 2 ** 48 } as const

const isPrivate = (block: Cidr) => PRIVATE_BLOCKS.some(known => known.bits === block.bits && known.bytes.equals(block.bytes))

const rangesText = (ranges: readonly PortRange[]) => ranges.map(({ low, high }) => (low === high ? `${low}` : `${low}-${high}`)).join(',')

/**
 * The port summary of a policy for one address family, exactly as all authorities compute it (dir-spec 3.4.1 "p"; the `p` line
 * of a relay must come out the same everywhere). Rules about private blocks do not count, nor do accepting ones for part of the addresses.
 */
export function summarizePolicy(rules: readonly PolicyRule[], addressLength: 4 | 16): PortSummary {
  const own = rules.filter(rule => rule.block.bytes.length === addressLength)
  // Ports between two starts are treated alike by every rule.
  const starts = [...new Set([1, ...own.flatMap(rule => [rule.low, rule.high + 1])])].filter(port => port <= 65535).sort((a, b) => a - b)
  const indexOf = new Map(starts.map((port, i) => [port, i]))
  const rejected = new Float64Array(starts.length)
  const accepted = new Uint8Array(starts.length)
  const countedBits = addressLength === 4 ? 32 : 64
  for (const { accept, block, low, high } of own) {
    const from = indexOf.get(low)!
    const to = indexOf.get(high + 1) ?? starts.length
    if (accept) {
      if (block.bits === 0) for (let i = from; i < to; i++) if (rejected[i]! <= REJECT_LIMIT[addressLength]) accepted[i] = 1
    } else if (block.bits <= countedBits && !isPrivate(block)) {
      const count = 2 ** (countedBits - block.bits)
      for (let i = from; i < to; i++) rejected[i]! += count
    }
  }
  const accepts: PortRange[] = []
  const rejects: PortRange[] = []
  for (let i = 0; i < starts.length; ) {
    let next = i + 1
    while (next < starts.length && accepted[next] === accepted[i]) next++
    const list = accepted[i] ? accepts : rejects
    list.push({ low: starts[i]!, high: (starts[next] ?? 65536) - 1 })
    i = next
  }
  return shorter(accepts, rejects)
}

function shorter(accepts: readonly PortRange[], rejects: readonly PortRange[]): PortSummary {
  if (accepts.length === 0) return PortSummary.rejectAll
  if (rejects.length === 0) return new PortSummary('accept', accepts)
  const [acceptLength, rejectLength] = [rangesText(accepts).length, rangesText(rejects).length]
  const limit = MAX_SUMMARY - 'accept '.length
  if (acceptLength > limit && rejectLength > limit) return new PortSummary('accept', firstWithin(accepts, limit))
  return rejectLength < acceptLength ? new PortSummary('reject', rejects) : new PortSummary('accept', accepts)
}

/** As many ranges as have room in `limit` characters. */
function firstWithin(ranges: readonly PortRange[], limit: number): PortRange[] {
  let length = -1
  const end = ranges.findIndex(range => {
    length += 1 + rangesText([range]).length
    return length > limit
  })
  return ranges.slice(0, end)
}
