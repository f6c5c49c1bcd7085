/** Text from the network made harmless to show: control and bidirectional characters removed, at most `limit` characters. */
export function plainText(text: string, limit = 200): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g, '')
  const letters = Array.from(clean)
  return letters.length > limit ? `${letters.slice(0, limit - 1).join('')}…` : clean
}
