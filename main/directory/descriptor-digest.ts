import { sha1 } from '../crypto/digest.ts'

const END = '\nrouter-signature\n'

/**
 * SHA-1 of the signed part of a server descriptor or extra-info document, 40 upper-case hex digits: the name that a consensus or a
 * descriptor gives it (dir-spec 2.1.1, "router-signature"). Nothing else is checked. `undefined` when the text has no signed part.
 */
export function signedPartDigest(text: string): string | undefined {
  const at = text.indexOf(END)
  return at < 0
    ? undefined
    : sha1(Buffer.from(text.slice(0, at + END.length)))
        .toString('hex')
        .toUpperCase()
}
