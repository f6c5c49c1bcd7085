import type { IpAddress } from '../lib/ip.ts'

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

/** A line of a network file is wrong; `line` counts from 1. */
export class AuthorityLineError extends Error {
  override name = 'AuthorityLineError'
  readonly line: number
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.line = line
  }
}

/** Reads torrc lines `DirAuthority …` and, at most, `TestingTorNetwork 0|1`; throws {@link AuthorityLineError}. */
export function parseDirAuthorityLines(_text: string): AuthorityList {
  throw new Error('not built yet')
}

/** One `DirAuthority` line that {@link parseDirAuthorityLines} reads back. */
export function formatDirAuthorityLine(_authority: DirAuthority): string {
  throw new Error('not built yet')
}

export const PUBLIC_AUTHORITIES: AuthorityList = { authorities: [], testing: false }
