/** One piece of other people's work that a package of ours holds. */
export interface Component {
  readonly name: string
  readonly version: string
  /** Where it comes from, for people and package URLs; npm's name of it. */
  readonly npm: string
  /** An SPDX expression. */
  readonly licence: string
  /** What its licence wants to be handed on: the texts as they were found. */
  readonly text: string
  /** npm's checksum of it (Subresource Integrity, `sha512-…`), where the lock file has one. */
  readonly integrity?: string
}

/** The licences of what we may ship: free, and asking for no more than their text or a name. Anything else is for a person to think about. */
const ALLOWED_LICENCES: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC-BY-4.0', 'CC0-1.0', 'ISC', 'MIT']

/**
 * Whether all of an SPDX expression can be kept to: `MIT`, `(MIT OR GPL-2.0-only)`, `CC0-1.0 AND CC-BY-4.0`. Exceptions (`WITH`) and
 * nested parentheses are not: nothing of ours has them.
 */
export function isAllowedLicence(expression: string): boolean {
  const inner = /^\(([^()]*)\)$/.exec(expression)?.[1] ?? expression
  return inner.split(' OR ').some(choice => choice.split(' AND ').every(id => ALLOWED_LICENCES.includes(id.trim())))
}
