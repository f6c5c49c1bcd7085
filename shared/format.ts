const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes in decimal units (1 kB = 1000 B), in English: for the tray. The window's words have their own, in its language. */
export function formatBytes(bytes: number): string {
  let unit = 0
  let n = Math.max(0, bytes)
  while (n >= 1000 && unit < UNITS.length - 1) {
    n /= 1000
    unit++
  }
  const digits = unit === 0 || n >= 100 ? 0 : 1
  return `${new Intl.NumberFormat('en', { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(n)} ${UNITS[unit]}`
}

/** Text from the network made harmless to show: control and bidirectional characters removed, at most `limit` characters. */
export function plainText(text: string, limit = 200): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g, '')
  const letters = Array.from(clean)
  return letters.length > limit ? `${letters.slice(0, limit - 1).join('')}…` : clean
}
