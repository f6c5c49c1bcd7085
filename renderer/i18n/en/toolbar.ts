/** The toolbar of a perspective window. */
export const words = {
  reload: 'Reload',
  stop: 'Stop loading',
  from: (place: string) => `Seen from: ${place}`,
  oneHop: 'One hop, not anonymous: the relay there knows your address and what you visit.',
  tor: 'Through Tor, slower.',
  noAddress: 'This is no web address.',
  failed: (code: string) => `The page did not come (${code}). Nothing was loaded directly.`,
}
