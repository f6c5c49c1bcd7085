import { z } from 'zod'

/**
 * Everything that can go wrong and is told to a person. Main sends the code and plain details; the words are the renderer's
 * (and the command line's), so that they can be translated and never come from the network.
 */
export const PROBLEM_CODES = [
  'bad-request',
  'internal',
  'not-found',
  'consent-missing',
  'port-in-use',
  'port-not-permitted',
  'address-not-here',
  'data-folder-in-use',
  'data-folder-unreadable',
  'key-file-damaged',
  'settings-damaged',
  'network-file-invalid',
  'crypto-self-test-failed',
  'not-saved',
  'offline',
  'ipv6-only',
  'no-directory',
  'directory-unverified',
  'directory-not-live',
  'clock-skewed',
  'clock-far-off',
  'clock-moved',
  'slept',
  'vpn-active',
  'disk-low',
  'memory-low',
  'firewall-on',
  'address-changed',
  'address-crowded',
  'descriptor-rejected',
  'provider-shares-address',
  'double-nat',
  'router-disagrees',
  'port-blocked',
  'proxy-port-in-use',
  'perspective-refused',
  'perspective-locked',
  'exit-address-unknown',
  'practice-single-address',
  'identity-missing',
  'identity-moved',
  'identity-exists',
  'identity-runs-elsewhere',
  'identity-other-network',
  'identity-file-damaged',
  'identity-file-newer',
  'password-wrong',
] as const
export const problemCode = z.enum(PROBLEM_CODES)
export type ProblemCode = z.infer<typeof problemCode>

/** One problem. `detail` holds short facts (a port number, a file name, a status code), never a sentence. */
export const problem = z.object({
  code: problemCode,
  detail: z.record(z.string(), z.union([z.string().max(500), z.number(), z.boolean()])).default({}),
})
export type Problem = z.infer<typeof problem>
