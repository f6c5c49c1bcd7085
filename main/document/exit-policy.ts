import { MalformedError } from '../lib/bytes.ts'
import { type Cidr, cidrContains, type IpAddress, ipToBytes, parseCidr } from '../lib/ip.ts'
import { formatPolicyRule, isMapped, type PolicyRule, parsePolicyRules, withoutRedundantRules } from './policy-rule.ts'
import { summarizePolicy } from './policy-summary.ts'
import type { PortSummary } from './port-summary.ts'

export { type PortRange, PortSummary } from './port-summary.ts'

/** C tor's policy of an exit whose operator wrote none: no mail, file sharing or Windows shares, else everything. */
export const DEFAULT_EXIT_POLICY =
  'reject *:25,reject *:119,reject *:135-139,reject *:445,reject *:563,reject *:1214,reject *:4661-4666,' +
  'reject *:6346-6429,reject *:6699,reject *:6881-6999,accept *:*'

/** The policy of a relay that is no exit. */
export const REJECT_ALL_POLICY = 'reject *:*'

export interface ExitPolicyOptions {
  /** `false` rejects all of IPv6 before anything else (C tor's `IPv6Exit 0`). Left out: the rules as written. */
  readonly ipv6?: boolean
  /** Rejects private, link-local and multicast networks before the written rules (C tor's `ExitPolicyRejectPrivate`). */
  readonly rejectPrivate?: boolean
  /** Rejected before the written rules. */
  readonly ownAddresses?: readonly IpAddress[]
  /**
   * What becomes of addresses and ports that no rule names: `reject` (left out: this), `accept`, or `default` (C tor's default policy).
   * C tor appends its default policy, which accepts nearly everything, to what an operator wrote; that surprises many, so we do not.
   */
  readonly otherwise?: 'reject' | 'accept' | 'default'
}

const MAX_TEXT = 32 * 1024
const MAX_RULES = 4096

/** Networks that do not count for the Exit flag: what C tor calls internal. */
const INTERNAL = ['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8'].map(text => parseCidr(text)!)

/** The rules by which an exit decides where streams may go; the first rule that matches decides (dir-spec 2.1.1 "accept", "reject"). */
export class ExitPolicy {
  static readonly rejectAll = ExitPolicy.parse(REJECT_ALL_POLICY)
  readonly #rules: readonly PolicyRule[]
  #summary: PortSummary | undefined
  #summary6: PortSummary | undefined

  private constructor(rules: readonly PolicyRule[]) {
    this.#rules = rules
  }

  /**
   * Parses what an operator writes: rules in C tor's grammar of `ExitPolicy`, separated by commas or newlines. Empty text has no rules.
   * @throws MalformedError whose message says what is wrong, for people
   */
  static parse(lines: string, options: ExitPolicyOptions = {}): ExitPolicy {
    if (lines.length > MAX_TEXT) throw new MalformedError('exit policy too long')
    const before = [
      ...(options.ipv6 === false ? ['reject *6:*'] : []),
      ...(options.rejectPrivate ? ['reject private:*'] : []),
      ...(options.ownAddresses ?? []).map(address => `reject ${address.includes(':') ? `[${address}]` : address}:*`),
    ]
    const after = { reject: 'reject *:*', accept: 'accept *:*', default: DEFAULT_EXIT_POLICY }[options.otherwise ?? 'reject']
    const texts = [...before, ...lines.split(/[,\n]/), ...after.split(',')].filter(text => text.trim() !== '')
    const rules: PolicyRule[] = []
    for (const text of texts) {
      rules.push(...parsePolicyRules(text, 'torrc'))
      if (rules.length > MAX_RULES) throw new MalformedError('exit policy has too many rules')
    }
    return new ExitPolicy(withoutRedundantRules(rules))
  }

  /**
   * The policy of a server descriptor from its "accept ..." and "reject ..." lines. It is about IPv4 only and accepts
   * what no rule names; IPv6 is rejected here, as the descriptor's "ipv6-policy" speaks of that.
   * @throws MalformedError
   */
  static fromDescriptor(lines: readonly string[]): ExitPolicy {
    const rules = lines.flatMap(line => parsePolicyRules(line, 'descriptor'))
    return new ExitPolicy([...rules, ...parsePolicyRules('reject *6:*', 'torrc')])
  }

  /** Whether a stream may go to that address (an IPv4-mapped one is the IPv4 address it means) and port (1 to 65535). */
  decide(address: IpAddress, port: number): boolean {
    let bytes = ipToBytes(address)
    if (!bytes || !(port >= 1 && port <= 65535)) return false
    if (isMapped(bytes)) bytes = bytes.subarray(12)
    for (const rule of this.#rules) {
      if (port >= rule.low && port <= rule.high && cidrContains(rule.block, bytes)) return rule.accept
    }
    return true
  }

  /** Whether some address could be accepted on that port: for a name that is not resolved yet. */
  mayAccept(port: number): boolean {
    return [4, 16].some(length => {
      for (const { accept, block, low, high } of this.#rules) {
        if (block.bytes.length !== length || port < low || port > high) continue
        if (accept) return true
        if (block.bits === 0) return false
      }
      return true
    })
  }

  /** "accept ..." and "reject ..." lines for a server descriptor: the IPv4 rules, at least one line. */
  toDescriptorLines(): string[] {
    if (this.#rejectsFamily(4)) return [REJECT_ALL_POLICY]
    const own = this.#rules.filter(rule => rule.block.bytes.length === 4)
    return own.length === 0 ? ['accept *:*'] : own.map(rule => formatPolicyRule(rule, 'descriptor'))
  }

  /** The `p` line for IPv4, as authorities compute it. */
  summary(): PortSummary {
    this.#summary ??= summarizePolicy(this.#rules, 4)
    return this.#summary
  }

  /** The same for IPv6: what "ipv6-policy" of the descriptor says. */
  summary6(): PortSummary {
    this.#summary6 ??= summarizePolicy(this.#rules, 16)
    return this.#summary6
  }

  /**
   * Whether authorities give the Exit flag: ports 80 and 443 are accepted for at least one whole public /8 of IPv4 (dir-spec 3.4.2).
   * `allowPrivate` counts private networks too (C tor's `DirAllowPrivateAddresses`, of test networks).
   */
  isExitFlagWorthy(options: { allowPrivate?: boolean } = {}): boolean {
    return [80, 443].every(port => this.#acceptsSlash8(port, options.allowPrivate ?? false))
  }

  #acceptsSlash8(port: number, allowPrivate: boolean): boolean {
    const rejected = new Uint8Array(256)
    for (const { accept, block, low, high } of this.#rules) {
      if (block.bytes.length !== 4 || port < low || port > high) continue
      const first = block.bits >= 8 ? block.bytes[0]! : block.bytes[0]! & (0xff00 >> block.bits) & 0xff
      const last = block.bits >= 8 ? first : first + 2 ** (8 - block.bits) - 1
      for (let i = first; i <= last; i++) {
        if (rejected[i] || (!allowPrivate && INTERNAL.some(internal => cidrContains(internal, Buffer.of(i, 0, 0, 0))))) continue
        if (!accept) rejected[i] = 1
        else if (block.bits <= 8) return true
      }
    }
    return false
  }

  #rejectsFamily(length: 4 | 16): boolean {
    for (const { accept, block, low, high } of this.#rules) {
      if (block.bytes.length !== length) continue
      if (accept) return false
      if (block.bits === 0 && low === 1 && high === 65535) return true
    }
    return false
  }

  /** True when nothing at all is accepted. */
  get rejectsAll(): boolean {
    return this.#rejectsFamily(4) && this.#rejectsFamily(16)
  }

  /** The blocks and ports of the rules, in order: for views and for what must look into a policy. */
  get rules(): readonly { readonly accept: boolean; readonly block: Cidr; readonly low: number; readonly high: number }[] {
    return this.#rules
  }

  /** The rules as an operator could write them, separated by commas. */
  toString(): string {
    return this.#rules.map(rule => formatPolicyRule(rule, 'torrc')).join(', ')
  }
}
