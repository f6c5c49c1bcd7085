/** The oldest release of C tor whose relays are listed. */
const OLDEST_TOR = [0, 4, 8, 0] as const
const TOR_VERSION = /^Tor (\d{1,5})\.(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?(?:-[A-Za-z0-9.+-]+)?(?: |$)/

/**
 * Why a `platform` line keeps a relay out, or `undefined`. Only C tor's own ("Tor 0.4.8.1 on Linux") says a version that can be judged;
 * other programs' lines pass.
 */
export function rejectedPlatform(platform: string | undefined): string | undefined {
  if (platform === undefined || !/^Tor /i.test(platform)) return undefined
  const match = TOR_VERSION.exec(platform)
  if (!match) return 'Malformed platform string.'
  for (const [i, oldest] of OLDEST_TOR.entries()) {
    const part = Number(match[i + 1] ?? 0)
    if (part !== oldest) return part < oldest ? 'Tor version is insecure or unsupported. Please upgrade!' : undefined
  }
  return undefined
}
