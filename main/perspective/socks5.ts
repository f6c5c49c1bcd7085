import { bytesToIp, type IpAddress, ipToBytes } from '../lib/ip.ts'
import { type PerspectiveChoice, parseChoiceName } from './choice-name.ts'
import { isSecret } from './proxy-secret.ts'
import {
  type ProxyClientRules,
  type ProxyProtocol,
  type ProxyRefused,
  type ProxyRequest,
  type ProxyStep,
  proxyHost,
} from './proxy-target.ts'

const Method = { NONE: 0x00, USER_PASSWORD: 0x02, NO_ACCEPTABLE: 0xff } as const
const Command = { CONNECT: 0x01, RESOLVE: 0xf0 } as const
const AddressType = { IPV4: 0x01, NAME: 0x03, IPV6: 0x04 } as const
const Reply = { SUCCEEDED: 0x00, GENERAL: 0x01, COMMAND_NOT_SUPPORTED: 0x07, ADDRESS_TYPE_NOT_SUPPORTED: 0x08 } as const

/** What a program gets that takes the SOCKS port for a web proxy. */
const NOT_HTTP =
  'HTTP/1.0 501 Not Implemented\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nThis is a SOCKS5 proxy, not an HTTP proxy.\n'

type Phase = 'greeting' | 'credentials' | 'request'

/**
 * The server's side of SOCKS5, without sockets (RFC 1928, RFC 1929, and Tor's RESOLVE of socks-extensions.txt section 2).
 *
 *     greeting     VER u8 = 5 · NMETHODS u8 · METHODS            → VER 5 · METHOD
 *     credentials  VER u8 = 1 · ULEN u8 · UNAME · PLEN u8 · PASSWD  → VER 1 · STATUS (0 good)
 *     request      VER u8 = 5 · CMD u8 · RSV u8 · ATYP u8 · DST.ADDR · DST.PORT u16
 *                                                                → VER 5 · REP u8 · RSV 0 · ATYP · BND.ADDR · BND.PORT
 *
 * The user name chooses the perspective; the password must be the secret, where there is one, and else means nothing. At most 1032 bytes are read before a request is whole.
 */
export class Socks5Server implements ProxyProtocol {
  state: ProxyStep = { step: 'reading' }
  #phase: Phase = 'greeting'
  #input: Buffer = Buffer.alloc(0)
  #output: Buffer[] = []
  #user: string | undefined
  #choice: PerspectiveChoice | undefined
  readonly #rules: ProxyClientRules

  constructor(rules: ProxyClientRules = {}) {
    this.#rules = rules
    this.#choice = rules.fixed?.choice
    this.#user = rules.fixed?.user
  }

  receive(chunk: Buffer): ProxyStep {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk])
    while (this.state.step === 'reading' && this.#step()) {}
    return this.state
  }

  takeOutput(): Buffer {
    const output = Buffer.concat(this.#output)
    this.#output = []
    return output
  }

  takeRest(): Buffer {
    return this.#take(this.#input.length)
  }

  accept(address?: IpAddress): void {
    if (this.state.step !== 'asked') return
    this.#reply(Reply.SUCCEEDED, address)
    this.state = { step: 'accepted' }
  }

  refuse(refusal: ProxyRefused): void {
    if (this.state.step !== 'asked') return
    this.#reply(refusal.socks)
    this.#fail(refusal.code)
  }

  /** Reads one message; false when it is not whole yet. */
  #step(): boolean {
    switch (this.#phase) {
      case 'greeting':
        return this.#greeting()
      case 'credentials':
        return this.#credentials()
      case 'request':
        return this.#request()
      default:
        return this.#phase satisfies never
    }
  }

  #greeting(): boolean {
    const input = this.#input
    if (input.length === 0) return false
    if (input[0] !== 5) return this.#otherProtocol(input[0]!)
    if (input.length < 2 || input.length < 2 + input[1]!) return false
    const methods = this.#take(2 + input[1]!).subarray(2)
    // Whoever can say a user name is asked for it: it may name a perspective, and it keeps users apart.
    if (methods.includes(Method.USER_PASSWORD)) {
      this.#phase = 'credentials'
      this.#output.push(Buffer.of(5, Method.USER_PASSWORD))
    } else if (methods.includes(Method.NONE) && this.#rules.secret === undefined) {
      this.#phase = 'request'
      this.#output.push(Buffer.of(5, Method.NONE))
    } else {
      this.#output.push(Buffer.of(5, Method.NO_ACCEPTABLE))
      this.#fail('no method in common')
    }
    return true
  }

  #otherProtocol(first: number): boolean {
    if (first === 4) this.#output.push(Buffer.of(0, 0x5b, 0, 0, 0, 0, 0, 0))
    else if (first >= 0x41 && first <= 0x5a) this.#output.push(Buffer.from(NOT_HTTP))
    return this.#fail('not SOCKS5')
  }

  #credentials(): boolean {
    const input = this.#input
    if (input.length >= 1 && input[0] !== 1) return this.#fail('credentials of another version')
    if (input.length < 2) return false
    const userLength = input[1]!
    if (input.length < 3 + userLength || input.length < 3 + userLength + input[2 + userLength]!) return false
    const message = this.#take(3 + userLength + input[2 + userLength]!)
    // latin1 keeps every byte, so that two users never look the same.
    const user = message.toString('latin1', 2, 2 + userLength)
    if (this.#rules.secret !== undefined && !isSecret(message.subarray(3 + userLength), this.#rules.secret)) {
      this.#output.push(Buffer.of(1, 1))
      return this.#fail('the password is not the secret')
    }
    // Some programs send empty credentials where they have none.
    if (!this.#rules.fixed && user !== '') {
      this.#user = user
      this.#choice = parseChoiceName(user)
      if (!this.#choice) {
        this.#output.push(Buffer.of(1, 1))
        return this.#fail('the user name names no perspective')
      }
    }
    this.#phase = 'request'
    this.#output.push(Buffer.of(1, 0))
    return true
  }

  #request(): boolean {
    const input = this.#input
    if (input.length >= 1 && input[0] !== 5) return this.#fail('request of another version')
    if (input.length < 5) return false
    const type = input[3]!
    const length = type === AddressType.IPV4 ? 4 : type === AddressType.IPV6 ? 16 : type === AddressType.NAME ? 1 + input[4]! : 0
    if (length === 0) {
      this.#reply(Reply.ADDRESS_TYPE_NOT_SUPPORTED)
      return this.#fail('address of an unknown type')
    }
    if (input.length < 6 + length) return false
    const message = this.#take(6 + length)
    const command = message[1] === Command.CONNECT ? 'connect' : message[1] === Command.RESOLVE ? 'resolve' : undefined
    if (command === undefined) {
      this.#reply(Reply.COMMAND_NOT_SUPPORTED)
      return this.#fail('unknown command')
    }
    const host =
      type === AddressType.NAME ? proxyHost(message.toString('latin1', 5, 4 + length)) : bytesToIp(message.subarray(4, 4 + length))
    const port = message.readUInt16BE(4 + length)
    if (host === undefined || (port === 0 && command === 'connect')) {
      this.#reply(Reply.GENERAL)
      return this.#fail('no destination')
    }
    const request: ProxyRequest = { host, port, user: this.#user, choice: this.#choice }
    this.state = { step: 'asked', command, request }
    return true
  }

  #reply(code: number, address: IpAddress = '0.0.0.0'): void {
    const bytes = ipToBytes(address) ?? Buffer.alloc(4)
    const type = bytes.length === 4 ? AddressType.IPV4 : AddressType.IPV6
    // The port that the exit dialled from is not known to us, and nobody needs it.
    this.#output.push(Buffer.of(5, code, 0, type), bytes, Buffer.alloc(2))
  }

  #take(length: number): Buffer {
    const taken = this.#input.subarray(0, length)
    this.#input = this.#input.subarray(length)
    return taken
  }

  #fail(reason: string): true {
    this.state = { step: 'failed', reason }
    this.#input = Buffer.alloc(0)
    return true
  }
}
