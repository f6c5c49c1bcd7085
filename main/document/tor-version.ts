/** Order of Tor versions ("0.4.9.11", "Tor 0.4.8.1-alpha-dev"), as authorities sort the ones they recommend (version-spec). */

const VERSION = /^(?:Tor )?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9})(?:(\.|pre|rc)(\d{1,9}))?)?(?:[-.]([^ \t]*))?/i
const STATUS_ORDER = ['pre', 'rc', '.']

interface Version {
  readonly numbers: readonly number[]
  readonly tag: string
}

function parse(text: string): Version | undefined {
  const match = text.length > 256 ? null : VERSION.exec(text)
  if (!match) return undefined
  const [, major, minor, micro = '0', status = '.', patch = '0', tag = ''] = match
  return { numbers: [Number(major), Number(minor), Number(micro), STATUS_ORDER.indexOf(status.toLowerCase()), Number(patch)], tag }
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Negative when `a` is the older; text that is no version comes after all versions. Different texts never compare equal. */
export function compareTorVersions(a: string, b: string): number {
  const [va, vb] = [parse(a), parse(b)]
  if (va && vb) {
    for (const [i, number] of va.numbers.entries()) if (number !== vb.numbers[i]) return number - vb.numbers[i]!
    return compareText(va.tag, vb.tag) || compareText(a, b)
  }
  return va ? -1 : vb ? 1 : compareText(a, b)
}
