import { once } from 'node:events'
import { createServer } from 'node:net'
import type { IpAddress } from '../lib/ip.ts'

/** Whether we could listen at a TCP port of an address of this computer now; whoever takes it afterwards is not kept from it. */
export async function isPortFree(port: number, host: IpAddress): Promise<boolean> {
  const server = createServer().listen({ port, host, exclusive: true })
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
