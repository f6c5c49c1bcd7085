import { STATUS_CODES } from 'node:http'
import { HTTP_TOKEN, parseHttpField } from '../lib/http-message.ts'
import { parseChoiceName } from './choice-name.ts'
import { PAC_PATH, PAC_TYPE } from './pac.ts'
import { isSecret } from './proxy-secret.ts'
import {
  type ProxyClientRules,
  type ProxyProtocol,
  type ProxyRefused,
  type ProxyRequest,
  type ProxyStep,
  proxyHost,
} from './proxy-target.ts'

/** A request head longer than this, in bytes, is refused. */
const MAX_HEAD = 8192
const MAX_FIELDS = 100

const ONLY_CONNECT =
  'This proxy opens tunnels only (CONNECT). For plain http:// addresses use the SOCKS5 port, or a program that tunnels them (curl --proxytunnel).'

const REALM = 'The user name chooses the perspective'
const WHO = 'The user name must be a country code (se), $ and a fingerprint, any, tor, or tor-se.'

const WRONG_SECRET = 'The password must be the one that Vantage shows.'

interface Answer {
  readonly status: number
  readonly text: string
  /** Whole field lines. */
  readonly fields?: string
  readonly type?: string
}

/** Fields that only a web page's requests have; a browser that asks its proxy for a tunnel sends none of them. */
const PAGE_FIELDS = ['origin', 'referer', 'cookie', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest']

/** Header fields that decide something; each may stand once only. */
type Fields = ReadonlyMap<string, string>

/**
 * The server's side of an HTTP tunnel, without sockets (RFC 9110 section 9.3.6, RFC 9112 section 3.2.3):
 *
 *     CONNECT host:port HTTP/1.1 CRLF · fields CRLF · CRLF      → HTTP/1.1 200 …, then bytes both ways
 *
 * The user name of `Proxy-Authorization: Basic` chooses the perspective, and its password must be the secret, where there is one. Everything else
 * than CONNECT is refused, so a web page that reaches this port by a trick of names (DNS rebinding) gets nothing; one that could make CONNECT would show
 * itself by `Origin` and its like. The one page that there is, /proxy.pac, is given to whoever asks by our own name.
 */
export class HttpProxyServer implements ProxyProtocol {
  state: ProxyStep = { step: 'reading' }
  #input: Buffer = Buffer.alloc(0)
  #output: Buffer[] = []
  readonly #rules: ProxyClientRules

  constructor(rules: ProxyClientRules = {}) {
    this.#rules = rules
  }

  receive(chunk: Buffer): ProxyStep {
    const searchedTo = Math.max(0, this.#input.length - 3)
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk])
    const end = this.#input.indexOf('\r\n\r\n', searchedTo, 'latin1')
    if ((end < 0 ? this.#input.length : end) > MAX_HEAD) this.#answer({ status: 431, text: 'The request head is too long.' })
    else if (end >= 0) {
      const head = this.#input.toString('latin1', 0, end)
      this.#input = this.#input.subarray(end + 4)
      const read = readHead(head.split('\r\n'), this.#rules)
      if ('status' in read) this.#answer(read)
      else this.state = { step: 'asked', command: 'connect', request: read }
    }
    return this.state
  }

  takeOutput(): Buffer {
    const output = Buffer.concat(this.#output)
    this.#output = []
    return output
  }

  takeRest(): Buffer {
    const rest = this.#input
    this.#input = Buffer.alloc(0)
    return rest
  }

  accept(): void {
    if (this.state.step !== 'asked') return
    this.#output.push(Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n'))
    this.state = { step: 'accepted' }
  }

  refuse(refusal: ProxyRefused): void {
    if (this.state.step === 'asked') this.#answer({ status: refusal.http, text: refusal.code })
  }

  #answer({ status, text, fields = '', type = 'text/plain' }: Answer): void {
    const body = text.endsWith('\n') ? text : `${text}\n`
    this.#output.push(
      Buffer.from(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields}Content-Type: ${type}\r\nX-Content-Type-Options: nosniff\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      ),
    )
    this.state = { step: 'failed', reason: text }
    this.#input = Buffer.alloc(0)
  }
}

/** What a request head asks for, or the answer that refuses it. */
function readHead(lines: readonly string[], rules: ProxyClientRules): ProxyRequest | Answer {
  const [requestLine = '', ...fieldLines] = lines
  const parts = requestLine.split(' ')
  const [method = '', target = '', version = ''] = parts
  if (parts.length !== 3 || !HTTP_TOKEN.test(method) || !/^HTTP\/1\.[01]$/.test(version))
    return { status: 400, text: 'This is not an HTTP/1 request.' }
  const fields = parseFields(fieldLines)
  if (fields === undefined) return { status: 400, text: 'The header fields are malformed.' }
  if (method === 'GET' && target === PAC_PATH && rules.pac) return pacAnswer(fields, rules.pac)
  if (method !== 'CONNECT') return { status: 405, text: ONLY_CONNECT, fields: 'Allow: CONNECT\r\n' }
  if (PAGE_FIELDS.some(name => fields.has(name))) return { status: 403, text: 'Web pages may not use this proxy.' }
  const authority = /^(.+):(\d{1,5})$/.exec(target)
  const host = authority ? hostOf(authority[1]!) : undefined
  const port = Number(authority?.[2])
  if (host === undefined || port < 1 || port > 65535) return { status: 400, text: 'CONNECT wants host:port.' }
  if (!hostFieldAgrees(fields.get('host'), target, authority![1]!))
    return { status: 400, text: 'The Host field names another destination than the request.' }
  if (fields.has('transfer-encoding') || (fields.get('content-length') ?? '0') !== '0') return { status: 400, text: 'CONNECT has no body.' }
  const credentials = readCredentials(fields.get('proxy-authorization'), rules)
  return 'refused' in credentials
    ? { status: 407, text: credentials.refused, fields: `Proxy-Authenticate: Basic realm="${REALM}"\r\n` }
    : { host, port, ...credentials }
}

/** The fields by lower-case name; `undefined` for bad names, folded lines, control characters, too many, or a deciding field twice. */
function parseFields(lines: readonly string[]): Fields | undefined {
  if (lines.length > MAX_FIELDS) return undefined
  const fields = new Map<string, string>()
  for (const line of lines) {
    const field = parseHttpField(line)
    if (!field) return undefined
    const name = field[0].toLowerCase()
    const value = field[1]
    const known = fields.get(name)
    if (known !== undefined && known !== value) return undefined
    fields.set(name, value)
  }
  return fields
}

/** A host in a URI's notation: IPv6 only in brackets, IPv4 and names without. */
function hostOf(text: string): string | undefined {
  const bracketed = text.startsWith('[')
  const host = proxyHost(text)
  return host !== undefined && host.includes(':') === bracketed ? host : undefined
}

/** RFC 9112 section 3.2: Host repeats the request's authority; many programs leave the port out. Absent is fine in HTTP/1.0. */
function hostFieldAgrees(field: string | undefined, target: string, host: string): boolean {
  return field === undefined || [target.toLowerCase(), host.toLowerCase()].includes(field.toLowerCase())
}

/** A page of another site must not even learn that we are here. */
function pacAnswer(fields: Fields, pac: NonNullable<ProxyClientRules['pac']>): Answer {
  const site = fields.get('sec-fetch-site') ?? 'none'
  if (fields.has('origin') || (site !== 'none' && site !== 'same-origin')) return { status: 403, text: 'Web pages may not read this.' }
  if (!pac.hosts.includes(fields.get('host') ?? '')) return { status: 421, text: 'Ask for this by the address of this machine.' }
  return { status: 200, text: pac.text, type: PAC_TYPE, fields: 'Cache-Control: no-store\r\nCross-Origin-Resource-Policy: same-origin\r\n' }
}

/** Whom the credentials make the client, or why they do not do. */
function readCredentials(field: string | undefined, rules: ProxyClientRules): Pick<ProxyRequest, 'user' | 'choice'> | { refused: string } {
  const { fixed, secret } = rules
  const nobody = { user: fixed?.user, choice: fixed?.choice }
  if (field === undefined) return secret === undefined ? nobody : { refused: WRONG_SECRET }
  const match = /^basic +([A-Za-z0-9+/]{1,400}={0,2})$/i.exec(field)
  if (!match) return { refused: WHO }
  const pair = Buffer.from(match[1]!, 'base64')
  const colon = pair.indexOf(':')
  const user = pair.toString('latin1', 0, colon < 0 ? pair.length : colon)
  if (secret !== undefined && !isSecret(colon < 0 ? Buffer.alloc(0) : pair.subarray(colon + 1), secret)) return { refused: WRONG_SECRET }
  if (fixed || user === '') return nobody
  const choice = parseChoiceName(user)
  return choice ? { user, choice } : { refused: WHO }
}
