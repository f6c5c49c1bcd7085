import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { streamDuplex } from '../../main/circuit/stream-duplex.ts'
import { Chain, listen } from './chain.ts'

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')
const MB = 1_000_000

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

for (const hops of [1, 2, 3]) {
  for (const flow of ['windows', 'congestion control'] as const) {
    describe(`${hops} hops with ${flow}`, () => {
      const hopOptions = { ntorV3: flow !== 'windows', congestionControl: flow !== 'windows' }

      test('a download arrives whole', async () => {
        const chain = Chain.of(hops)
        const content = randomBytes(3 * MB)
        const site = await listen(socket => {
          socket.once('data', () => socket.end(content))
        })
        try {
          const circuit = await chain.build(hopOptions)
          const stream = await circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal: AbortSignal.timeout(5000) })
          assert.equal(stream.address, '127.0.0.1')
          const duplex = streamDuplex(stream)
          duplex.write('go')
          assert.equal(sha256(await readAll(duplex)), sha256(content))
          assert.equal(stream.bytesIn, content.length)
          circuit.close()
        } finally {
          await chain.close()
          await site.close()
        }
      })

      test('an upload arrives whole', async () => {
        const chain = Chain.of(hops)
        const content = randomBytes(3 * MB)
        const received = Promise.withResolvers<Buffer>()
        const site = await listen(socket => {
          readAll(socket).then(received.resolve, received.reject)
          socket.on('end', () => socket.end())
        })
        try {
          const circuit = await chain.build(hopOptions)
          const stream = await circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal: AbortSignal.timeout(5000) })
          streamDuplex(stream).end(content)
          assert.equal(sha256(await received.promise), sha256(content))
          circuit.close()
        } finally {
          await chain.close()
          await site.close()
        }
      })

      test('many streams both ways at the same time', async () => {
        const chain = Chain.of(hops)
        const site = await listen(socket => socket.pipe(socket))
        try {
          const circuit = await chain.build(hopOptions)
          const echo = async (size: number) => {
            const content = randomBytes(size)
            const signal = AbortSignal.timeout(20_000)
            const duplex = streamDuplex(await circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal }))
            duplex.write(content)
            let [got, chunks] = [0, [] as Buffer[]]
            for await (const chunk of duplex) {
              chunks.push(chunk)
              if ((got += chunk.length) >= size) break
            }
            assert.equal(sha256(Buffer.concat(chunks)), sha256(content))
          }
          await Promise.all([1, 100, 498, 499, 5000, 100_000, 300_000, 400_000].map(echo))
          circuit.close()
        } finally {
          await chain.close()
          await site.close()
        }
      })
    })
  }
}
