import { plainText } from '../../../shared/format.ts'

/** Most file systems take 255 bytes; the rest is for what a save dialog may add. */
const MAX_BYTES = 200
/** Names of devices on Windows, whatever stands behind the point. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * A name that a site gave, made one that is a plain file's in any folder of any system: no folders, no hidden file, no device, no characters
 * that would show another ending than it has. The ending stays, since it says what a double click would do.
 */
export function safeFileName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? ''
  const clean = plainText(last, 1000)
    .replace(/[<>:"|?*%]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ~-]+|[. ]+$/g, '')
  const named = clean === '' ? 'download' : DEVICE.test(clean) ? `_${clean}` : clean
  if (Buffer.byteLength(named) <= MAX_BYTES) return named
  const ending = /\.[^.]{1,20}$/.exec(named)?.[0] ?? ''
  const letters = Array.from(named.slice(0, named.length - ending.length))
  while (Buffer.byteLength(letters.join('') + ending) > MAX_BYTES) letters.pop()
  return letters.join('').trimEnd() + ending
}
