import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { ChannelMap } from '../../main/channel/channel-map.ts'
import { silentLog } from '../../main/lib/log.ts'
import { makeLinkKeys } from '../channel/test-keys.ts'

const handler = { onCreate: () => {}, onControl: () => {}, onClose: () => {} }
const keys = await makeLinkKeys()
const channels = new ChannelMap({ keys: () => keys, log: silentLog, handlerFor: () => handler })
after(() => channels.closeAll())

/** The first bytes of a link that is opened for some purpose. */
async function firstFlight(purpose: 'or' | 'pa'): Promise<Buffer> {
  const flight = Promise.withResolvers<Buffer>()
  const server = createServer(socket => socket.once('data', data => flight.resolve(data)).on('error', () => {}))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const stop = new AbortController()
  const { port } = server.address() as { port: number }
  const target = { rsaIdentity: Buffer.alloc(20), addresses: [{ address: '127.0.0.1', port }] }
  const opening = channels.openFresh(target, { signal: stop.signal, purpose }).catch(() => {})
  const bytes = await flight.promise
  stop.abort()
  await opening
  await new Promise(resolve => server.close(resolve))
  return bytes
}

/** A ClientHello without what is random in it: versions, ciphers, and extensions in order with their lengths. */
function shape(hello: Buffer): unknown {
  let at = 5 + 4
  const version = hello.readUInt16BE(at)
  at += 2 + 32
  at += 1 + hello[at]!
  const ciphers = hello.subarray(at + 2, at + 2 + hello.readUInt16BE(at)).toString('hex')
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello[at]!
  const extensions: [type: number, length: number][] = []
  for (at += 2; at + 4 <= hello.length; at += 4 + hello.readUInt16BE(at + 2)) {
    const [type, length] = [hello.readUInt16BE(at), hello.readUInt16BE(at + 2)]
    // The made-up name differs in length from link to link, whatever the link is for.
    extensions.push([type, type === 0 ? 0 : length])
  }
  return { version, ciphers, extensions }
}

test('S16: from outside a perspective link begins like every other link between relays', async () => {
  const [or, pa] = [await firstFlight('or'), await firstFlight('pa')]
  assert.equal(or[0], 22)
  assert.deepEqual(shape(pa), shape(or))
})
