const units = (names: readonly string[], base: number) => (value: number, locale?: string) => {
  let unit = 0
  let n = Math.max(0, value)
  while (n >= base && unit < names.length - 1) {
    n /= base
    unit++
  }
  const digits = unit === 0 || n >= 100 ? 0 : 1
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(n)} ${names[unit]}`
}

/** Bytes in decimal units: 1 kB = 1000 B. */
export const formatBytes = units(['B', 'kB', 'MB', 'GB', 'TB', 'PB'], 1000)
/** Bytes per second in decimal units. */
export const formatRate = units(['B/s', 'kB/s', 'MB/s', 'GB/s'], 1000)

/** A duration in seconds as its two largest units ("2 d 3 h", "1 min 5 s"). */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds))
  const parts: string[] = []
  for (const [name, size] of [
    ['d', 86400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || (name === 's' && parts.length === 0)) parts.push(`${count} ${name}`)
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

/** Text from the network made harmless to show: control and bidirectional characters removed, at most `limit` characters. */
export function plainText(text: string, limit = 200): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g, '')
  const letters = Array.from(clean)
  return letters.length > limit ? `${letters.slice(0, limit - 1).join('')}…` : clean
}
