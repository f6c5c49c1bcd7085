/** The toolbar of a perspective window. */
export const toolbar = {
  page: 'Page',
  back: 'Back',
  forward: 'Forward',
  address: 'Address',
  reload: 'Reload',
  stop: 'Stop loading',
  /** `place` is “Sweden”, or a relay’s name. */
  from: (place: string) => `Seen from: ${place}`,
  oneHop: 'One hop, not anonymous: the relay there knows your address and what you visit.',
  tor: 'Through Tor, slower.',
  noAddress: 'This is no web address.',
  /** `code` is Chromium’s name of the error and stays as it is. */
  failed: (code: string) => `The page did not come (${code}). Nothing was loaded directly.`,
}
