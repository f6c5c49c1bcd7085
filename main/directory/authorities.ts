import { canonicalIp, formatHostPort, type IpAddress, isIPv4 } from '../lib/ip.ts'

/** A directory authority as the configuration names it. */
export interface DirAuthority {
  readonly nickname: string
  /** SHA-1 of its authority identity key, 40 upper-case hex digits: whom votes and consensus signatures are counted by. */
  readonly v3ident: string
  /** SHA-1 of its relay identity key, 40 upper-case hex digits. */
  readonly fingerprint: string
  readonly address: IpAddress
  readonly dirPort: number
  /** 0 when the line does not name it. */
  readonly orPort: number
  readonly ipv6?: { readonly address: IpAddress; readonly port: number }
}

/** The authorities of one network. */
export interface AuthorityList {
  readonly authorities: readonly DirAuthority[]
  /** `TestingTorNetwork 1`: private addresses are allowed and intervals are short. */
  readonly testing: boolean
}

/** A line of a network file is wrong; `line` counts from 1 (0: the file as a whole). */
export class AuthorityLineError extends Error {
  override name = 'AuthorityLineError'
  readonly line: number
  constructor(line: number, message: string) {
    super(line > 0 ? `line ${line}: ${message}` : message)
    this.line = line
  }
}

const MAX_AUTHORITIES = 100
const HEX40 = /^[0-9A-Fa-f]{40}$/

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535 ? Number(text) : undefined
}

function parseHostPort(text: string): { address: IpAddress; port: number } | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[0-9.]+):(\d{1,5})$/.exec(text)
  const port = match && parsePort(match[2]!)
  const address = match && canonicalIp(match[1]!)
  return port && address ? { address, port } : undefined
}

/**
 * The value of a DirAuthority line (tor(1), "DirAuthority"): `[nickname] [flags] ipv4:port fingerprint`, where the fingerprint may have
 * spaces in it. Flags: orport=, v3ident=, ipv6=, no-v2, hs, no-hs, weight=, upload=, download=, vote=, bridge; the last seven change
 * nothing for us. `undefined`: an authority that takes no part in the consensus (no v3ident), such as a bridge authority.
 */
function parseAuthority(value: string, line: number): DirAuthority | undefined {
  const items = value.split(/\s+/).filter(item => item !== '')
  const fail = (message: string): never => {
    throw new AuthorityLineError(line, message)
  }
  const nickname = /^[A-Za-z0-9]{1,19}$/.test(items[0] ?? '') ? items.shift()! : undefined
  let orPort = 0
  let v3ident: string | undefined
  let ipv6: DirAuthority['ipv6']
  while (items.length > 0 && !/^\d/.test(items[0]!)) {
    const [name, ...rest] = items.shift()!.split('=')
    const text = rest.join('=')
    switch (name!.toLowerCase()) {
      case 'orport':
        orPort = parsePort(text) ?? fail(`"${text}" is no port`)
        break
      case 'v3ident':
        v3ident = HEX40.test(text) ? text.toUpperCase() : fail('v3ident must be 40 hex digits')
        break
      case 'ipv6': {
        const parsed = parseHostPort(text)
        if (!parsed || isIPv4(parsed.address)) return fail('ipv6 must be [address]:port')
        ipv6 = parsed
        break
      }
      case 'no-v2':
      case 'hs':
      case 'no-hs':
      case 'bridge':
      case 'weight':
      case 'upload':
      case 'download':
      case 'vote':
        break
      default:
        fail(`unknown flag "${name}"`)
    }
  }
  const at = parseHostPort(items.shift() ?? '')
  if (!at || !isIPv4(at.address)) return fail('an IPv4 address with the DirPort is missing (address:port)')
  const fingerprint = items.join('').toUpperCase()
  if (!HEX40.test(fingerprint)) return fail('the fingerprint must be 40 hex digits')
  if (!v3ident) return undefined
  return { nickname: nickname ?? `${at.address}:${at.port}`, v3ident, fingerprint, address: at.address, dirPort: at.port, orPort, ipv6 }
}

/**
 * Reads torrc lines `DirAuthority …` and, at most, `TestingTorNetwork 0|1`; comments and empty lines are fine, anything else is an error,
 * since a misspelt line would silently change who is trusted. Throws {@link AuthorityLineError}.
 */
export function parseDirAuthorityLines(text: string): AuthorityList {
  const authorities: DirAuthority[] = []
  let testing = false
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    const content = raw.replace(/#.*$/, '').trim()
    if (content === '') continue
    const [, option, quoted] = /^(\S+)\s*(.*)$/.exec(content)!
    const value = quoted!.replace(/^"(.*)"$/, '$1').trim()
    switch (option!.toLowerCase()) {
      case 'testingtornetwork':
        if (value !== '0' && value !== '1') throw new AuthorityLineError(line, 'TestingTorNetwork must be 0 or 1')
        testing = value === '1'
        break
      case 'dirauthority': {
        const authority = parseAuthority(value, line)
        if (!authority) break
        if (authorities.some(other => other.v3ident === authority.v3ident))
          throw new AuthorityLineError(line, `the v3ident of "${authority.nickname}" was named before`)
        authorities.push(authority)
        break
      }
      default:
        throw new AuthorityLineError(line, `only DirAuthority and TestingTorNetwork lines belong here, not "${option!.slice(0, 40)}"`)
    }
    if (authorities.length > MAX_AUTHORITIES) throw new AuthorityLineError(line, `more than ${MAX_AUTHORITIES} authorities`)
  }
  if (authorities.length === 0) throw new AuthorityLineError(0, 'there is no DirAuthority line with a v3ident')
  return { authorities, testing }
}

/** One `DirAuthority` line that {@link parseDirAuthorityLines} and C tor read back. */
export function formatDirAuthorityLine(authority: DirAuthority): string {
  const flags = ['no-v2', `v3ident=${authority.v3ident}`]
  if (authority.orPort > 0) flags.unshift(`orport=${authority.orPort}`)
  if (authority.ipv6) flags.push(`ipv6=${formatHostPort(authority.ipv6.address, authority.ipv6.port)}`)
  const at = formatHostPort(authority.address, authority.dirPort)
  return `DirAuthority ${authority.nickname} ${flags.join(' ')} ${at} ${authority.fingerprint}`
}

/** The public network's authorities, as tor 0.4.9.11 is shipped with them (its bridge authority left out). */
export const PUBLIC_AUTHORITIES: AuthorityList = parseDirAuthorityLines(`
DirAuthority moria1 orport=9201 v3ident=F533C81CEF0BC0267857C99B2F471ADF249FA232 128.31.0.39:9231 1A25C6358DB91342AA51720A5038B72742732498
DirAuthority tor26 orport=443 v3ident=2F3DF9CA0E5D36F2685A2DA67184EB8DCB8CBA8C ipv6=[2a02:16a8:662:2203::1]:443 217.196.147.77:80 FAA4BCA4A6AC0FB4CA2F8AD5A11D9E122BA894F6
DirAuthority dizum orport=443 v3ident=E8A9C45EDE6D711294FADF8E7951F4DE6CA56B58 45.66.35.11:80 7EA6EAD6FD83083C538F44038BBFA077587DD755
DirAuthority gabelmoo orport=443 v3ident=ED03BB616EB2F60BEC80151114BB25CEF515B226 ipv6=[2001:638:a000:4140::ffff:189]:443 131.188.40.189:80 F2044413DAC2E02E3D6BCF4735A19BCA1DE97281
DirAuthority dannenberg orport=443 v3ident=0232AF901C31A04EE9848595AF9BB7620D4C5B2E ipv6=[2001:678:558:1000::244]:443 193.23.244.244:80 7BE683E65D48141321C5ED92F075C55364AC7123
DirAuthority maatuska orport=80 v3ident=49015F787433103580E3B66A1707A00E60F2D15B ipv6=[2001:67c:289c::9]:80 171.25.193.9:443 BD6A829255CB08E66FBE7D3748363586E46B3810
DirAuthority longclaw orport=443 v3ident=23D15D965BC35114467363C165C4F724B64B4F66 199.58.81.140:80 74A910646BCEEFBCD2E874FC1DC997430F968145
DirAuthority bastet orport=443 v3ident=27102BC123E7AF1D4741AE047E160C91ADC76B21 ipv6=[2620:13:4000:6000::1000:118]:443 204.13.164.118:80 24E2F139121D4394C54B5BCC368B3B411857C413
DirAuthority faravahar orport=443 v3ident=70849B868D606BAECFB6128C5E3D782029AA394F 216.218.219.41:80 E3E42D35F801C9D5AB23584E0025D56FE2B33396
`)
