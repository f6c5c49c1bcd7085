import { promisify } from 'node:util'
import { deflate, gunzip, gzip, inflate, type ZlibOptions } from 'node:zlib'
import { MalformedError } from '../lib/bytes.ts'
import { TooLargeError } from '../lib/http-message.ts'

/** The encodings we speak; "deflate" is the zlib format (RFC 1950), as everywhere in Tor. */
export type ContentEncoding = 'identity' | 'deflate' | 'gzip'

/** What our own requests take, best first. */
export const ACCEPT_ENCODING = 'deflate, gzip, identity'

/** More than this many times the compressed size is taken for a decompression bomb, once the output is larger than {@link BOMB_FREE_BYTES}. */
const MAX_RATIO = 25
const BOMB_FREE_BYTES = 1024 * 1024
/** An authority sends several precompressed votes as that many zlib streams one after the other. */
const MAX_STREAMS = 100

/** The encoding an answer should have: the first of ours that Accept-Encoding names; a path that ended in ".z" asks for deflate too. */
export function chooseEncoding(acceptEncoding: string | undefined, zSuffix: boolean): ContentEncoding {
  const accepted = (acceptEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map(item => item.trim())
    .filter(item => !/;\s*q=0(\.0*)?$/.test(item))
    .map(item => item.split(';')[0]!.trim())
  if (zSuffix || accepted.includes('deflate')) return 'deflate'
  return accepted.includes('gzip') || accepted.includes('x-gzip') ? 'gzip' : 'identity'
}

export async function encodeBody(body: Buffer, encoding: ContentEncoding): Promise<Buffer> {
  if (encoding === 'identity') return body
  return encoding === 'deflate' ? promisify(deflate)(body, { level: 6 }) : promisify(gzip)(body, { level: 6 })
}

/** One compressed stream from the front of `body`: its content, and how many bytes it took. */
function decodeOne(body: Buffer, kind: 'deflate' | 'gzip', maxOutputLength: number): Promise<{ output: Buffer; used: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ output: Buffer; used: number }>()
  const done = (error: Error | null, result: unknown): void => {
    if (error) return reject(error)
    // With `info`, node gives the output together with the engine that counted the input.
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } }
    resolve({ output: buffer, used: engine.bytesWritten })
  }
  const options: ZlibOptions = { info: true, maxOutputLength }
  if (kind === 'deflate') inflate(body, options, done)
  else gunzip(body, options, done)
  return promise
}

/**
 * What a body with this Content-Encoding contains. Rejects with TooLargeError when that is more than `maxBytes` or looks like a
 * decompression bomb, with MalformedError when it cannot be decoded.
 */
export async function decodeBody(body: Buffer, encodingName: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = (encodingName ?? 'identity').trim().toLowerCase()
  if (name === 'identity') {
    if (body.length > maxBytes) throw new TooLargeError('body')
    return body
  }
  const kind = name === 'deflate' ? 'deflate' : name === 'gzip' || name === 'x-gzip' ? 'gzip' : undefined
  if (!kind) throw new MalformedError('an unknown content encoding')
  let left = Math.min(maxBytes, Math.max(BOMB_FREE_BYTES, body.length * MAX_RATIO))
  const parts: Buffer[] = []
  let rest = body
  try {
    for (let i = 0; rest.length > 0; i++) {
      if (i === MAX_STREAMS) throw new MalformedError('too many compressed streams')
      if (left === 0) throw new TooLargeError('body')
      const { output, used } = await decodeOne(rest, kind, left)
      parts.push(output)
      left -= output.length
      // gunzip reads all members itself.
      rest = kind === 'gzip' || used === 0 ? rest.subarray(rest.length) : rest.subarray(used)
    }
  } catch (error) {
    if (error instanceof MalformedError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLargeError('body')
    throw new MalformedError('the body cannot be decoded', { cause: error })
  }
  return Buffer.concat(parts)
}
