import { request as httpRequest } from 'node:http'
import type { IpAddress } from '../../lib/ip.ts'
import { MappingError } from './gateway-client.ts'

const REQUEST_MS = 5000
/** No description, answer or page of a router is larger, in bytes. */
const MAX_BODY = 128 * 1024

export interface RouterAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/**
 * One bounded HTTP exchange with the gateway: 5 s, 128 KiB, sent from our address on its side; redirects are not followed. Rejects with
 * {@link MappingError} (no answer in time, or one that is too large), or with the signal's reason.
 */
export async function routerHttp(
  url: URL,
  localAddress: IpAddress,
  signal: AbortSignal,
  post?: { headers: Record<string, string>; body: string },
): Promise<RouterAnswer> {
  const late = AbortSignal.timeout(REQUEST_MS)
  try {
    return await new Promise((resolve, reject) => {
      const asked = httpRequest(
        url,
        {
          method: post ? 'POST' : 'GET',
          headers: { ...post?.headers, ...(post && { 'Content-Length': Buffer.byteLength(post.body) }), Connection: 'close' },
          agent: false,
          maxHeaderSize: 8192,
          localAddress,
          signal: AbortSignal.any([signal, late]),
        },
        response => {
          const chunks: Buffer[] = []
          let length = 0
          response.on('data', (chunk: Buffer) => {
            length += chunk.length
            chunks.push(chunk)
            if (length <= MAX_BODY) return
            reject(new MappingError('refused', 'the router’s answer is too large'))
            asked.destroy()
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
          response.on('error', reject)
        },
      )
      asked.on('error', reject)
      asked.end(post?.body)
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof MappingError) throw error
    throw new MappingError('no-answer', `the router gave no answer over HTTP${late.aborted ? ' in time' : ''}`, { cause: error })
  }
}
