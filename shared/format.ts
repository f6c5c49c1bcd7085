/** What has no place in a line of text: controls, what turns the direction, what is not seen, lone halves of a character, private signs. */
// biome-ignore lint/suspicious/noMisleadingCharacterClass: the marks among them are meant one by one
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f]/gu
/** More marks over one letter than any script needs, which would lie over the lines above and below. */
const STACKED = /(\p{M}{3})\p{M}+/gu

/** Text from the network made harmless to show: one line, in its own place and direction, at most `limit` characters. */
export function plainText(text: string, limit = 200): string {
  // Cleaning takes time that grows with the text; nothing behind this can be shown anyway.
  const clean = text
    .slice(0, limit * 16)
    .replace(UNSEEN, '')
    .replace(STACKED, '$1')
  const letters = Array.from(clean)
  return letters.length > limit ? `${letters.slice(0, limit - 1).join('')}…` : clean
}
