import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { DirectoryServer } from './server.ts'

export interface DirPortOptions {
  readonly server: DirectoryServer
  readonly host: IpAddress
  /** 0: any free port. */
  readonly port: number
  readonly log?: ScopedLog
}

/** The DirPort: directory service over plain TCP. */
export class DirPort {
  readonly address: IpAddress
  readonly port: number
  private constructor(address: IpAddress, port: number) {
    this.address = address
    this.port = port
  }
  static open(options: DirPortOptions): Promise<DirPort> {
    return Promise.resolve(new DirPort(options.host, options.port))
  }
  /** Stops listening and ends every connection. */
  close(): Promise<void> {
    throw new Error('not built yet')
  }
}
