import { ExitPolicy, type PortRange } from '../document/exit-policy.ts'
import { MalformedError } from '../lib/bytes.ts'
import { type Cidr, cidrContains } from '../lib/ip.ts'

type Rules = ExitPolicy['rules']

/** More comparisons than this are not made: a policy so knotted counts as wider at every port that it names. Some 50 ms. */
const MOST_WORK = 1_000_000

/**
 * The ports at which a policy lets out some public address that none of the older ones did; exact, unless it would take too long. A text that is no
 * policy widens nothing, since it cannot be saved.
 */
export function widenedPorts(text: string, older: readonly string[]): PortRange[] {
  let after: Rules
  let before: Rules[]
  try {
    after = rulesOf(text)
    before = older.map(rulesOf)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return []
  }
  // Ports between two starts are treated alike by every rule.
  const starts = [...new Set([1, ...[after, ...before].flat().flatMap(({ low, high }) => [low, high + 1])])]
    .filter(port => port <= 65535)
    .sort((a, b) => a - b)
  const wider: PortRange[] = []
  let work = 0
  for (const [i, low] of starts.entries()) {
    const [now, ...then] = [after, ...before].map(rules => rules.filter(rule => rule.low <= low && low <= rule.high))
    if (!now!.some(({ accept }) => accept)) continue
    const places = [now!, ...then].flat().flatMap(({ block }) => edgesOf(block))
    work += places.length * (now!.length + then.flat().length)
    if (work <= MOST_WORK && !places.some(place => accepts(now!, place) && !then.some(rules => accepts(rules, place)))) continue
    const high = (starts[i + 1] ?? 65536) - 1
    const last = wider.at(-1)
    if (last?.high === low - 1) wider[wider.length - 1] = { low: last.low, high }
    else wider.push({ low, high })
  }
  return wider
}

const rulesOf = (text: string): Rules => ExitPolicy.parse(text, { rejectPrivate: true }).rules

/** The first rule that matches decides; at the end of every policy stands one that rejects all. */
const accepts = (rules: Rules, address: Buffer): boolean => rules.find(({ block }) => cidrContains(block, address))?.accept === true

/** Its first address and the one behind its last: between such places no rule changes its mind. */
function edgesOf(block: Cidr): Buffer[] {
  const size = block.bytes.length * 8
  const first = Buffer.from(block.bytes)
  for (let bit = block.bits; bit < size; bit++) first[bit >> 3]! &= ~(0x80 >> (bit & 7))
  const behind = Buffer.from(first)
  // One more in the last bit of the network; with a carry out of the first byte nothing lies behind.
  for (let at = (block.bits - 1) >> 3, step = 0x80 >> ((block.bits - 1) & 7); at >= 0; at--, step = 1) {
    const sum = behind[at]! + step
    behind[at] = sum & 0xff
    if (sum <= 0xff) return [first, behind]
  }
  return [first]
}
