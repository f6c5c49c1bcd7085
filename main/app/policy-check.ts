import type { FamilyReach, PolicyCheck } from '../../shared/safety.ts'
import { ExitPolicy, type PortRange } from '../document/exit-policy.ts'
import { PRIVATE_BLOCKS, parsePolicyRules } from '../document/policy-rule.ts'
import { MalformedError } from '../lib/bytes.ts'
import { type Cidr, cidrContains } from '../lib/ip.ts'

type Fault = Extract<PolicyCheck, { ok: false }>['fault']
type Rules = ExitPolicy['rules']

/** What the grammar's messages are about, the more special first. */
const FAULTS: readonly (readonly [RegExp, Fault])[] = [
  [/without accept or reject/, 'keyword'],
  [/without one pattern/, 'pattern'],
  [/private without ports/, 'private'],
  [/accept6|reject6/, 'family'],
  [/mask/, 'mask'],
  [/port/, 'port'],
  [/address|bracket/, 'address'],
]

/** Ports that draw complaints: spam, guessed passwords, Windows shares, file sharing. */
const RISKS: Readonly<Record<'mail' | 'login' | 'windows' | 'torrent', readonly PortRange[]>> = {
  mail: [25, 465, 587].map(single),
  login: [22, 23, 3389].map(single),
  windows: [{ low: 135, high: 139 }, single(445)],
  torrent: [{ low: 6881, high: 6999 }],
}

function single(port: number): PortRange {
  return { low: port, high: port }
}

/** Where a policy's text is wrong, or what it lets out. Private addresses are refused whatever it says, so they are not counted. */
export function checkPolicy(text: string): PolicyCheck {
  for (const [i, line] of text.split('\n').entries()) {
    for (const item of line.split(',').map(part => part.trim())) {
      if (item === '') continue
      try {
        parsePolicyRules(item, 'torrc')
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error
        const { message } = error
        const fault = FAULTS.find(([pattern]) => pattern.test(message))?.[1] ?? 'other'
        return { ok: false, line: i + 1, item: item.slice(0, 100), fault }
      }
    }
  }
  let rules: Rules
  try {
    rules = ExitPolicy.parse(text, { rejectPrivate: true }).rules
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return { ok: false, line: 1, item: '', fault: 'long' }
  }
  const v4 = reachOf(rules, 4)
  const v6 = reachOf(rules, 16)
  return { ok: true, v4, v6, risks: risksOf([v4, v6].flatMap(({ all, most, some }) => [...all, ...most, ...some])) }
}

/** What complaints some open ports draw. */
export function risksOf(open: readonly PortRange[]): (keyof typeof RISKS)[] {
  return (Object.keys(RISKS) as (keyof typeof RISKS)[]).filter(risk =>
    RISKS[risk].some(({ low, high }) => open.some(range => range.low <= high && low <= range.high)),
  )
}

const isPrivate = (block: Cidr) => PRIVATE_BLOCKS.some(known => known.bits <= block.bits && cidrContains(known, block.bytes))

/** How much of the public addresses of one family each port may reach; ports with the same answer are put together. */
function reachOf(rules: Rules, addressLength: 4 | 16): FamilyReach {
  const own = rules.filter(({ block }) => block.bytes.length === addressLength)
  // Ports between two starts are treated alike by every rule.
  const starts = [...new Set([1, ...own.flatMap(rule => [rule.low, rule.high + 1])])].filter(port => port <= 65535).sort((a, b) => a - b)
  const reach = { all: [] as PortRange[], most: [] as PortRange[], some: [] as PortRange[] }
  for (const [i, low] of starts.entries()) {
    const kind = reachOfPort(own, low)
    if (kind === 'none') continue
    const high = (starts[i + 1] ?? 65536) - 1
    const last = reach[kind].at(-1)
    if (last?.high === low - 1) reach[kind][reach[kind].length - 1] = { low: last.low, high }
    else reach[kind].push({ low, high })
  }
  return reach
}

function reachOfPort(rules: Rules, port: number): keyof FamilyReach | 'none' {
  let refused = false
  let accepted = false
  for (const { accept, block, low, high } of rules) {
    if (port < low || port > high) continue
    if (block.bits === 0) {
      if (accept) return refused ? 'most' : 'all'
      break
    }
    if (isPrivate(block)) continue
    if (accept) accepted = true
    else refused = true
  }
  return accepted ? 'some' : 'none'
}
