import { MalformedError } from '../lib/bytes.ts'
import { PortSummary } from './port-summary.ts'
import { argumentsOf, type Items, parseInteger } from './tokens.ts'

/** The subprotocol that relays with perspective access list last in `proto`. */
export const PERSPECTIVE_PROTOCOL = 'X-Perspective'
export const PERSPECTIVE_VERSION = 1

/**
 * What a relay says about perspective access in its server descriptor (docs: perspective access, 1):
 *
 *     x-perspective-access 1 <paport | virtual> <running | stable>
 *     x-perspective-policy <accept | reject> <port list>
 */
export interface PerspectiveOffer {
  readonly version: number
  /** TCP port of the PAPort, or the ORPort stands in for it. */
  readonly port: number | 'virtual'
  /** Which flag a peer must have besides Valid. */
  readonly admits: 'running' | 'stable'
}

export function formatPerspectiveLines(offer: PerspectiveOffer, policy: PortSummary): string {
  return `x-perspective-access ${offer.version} ${offer.port} ${offer.admits}\nx-perspective-policy ${policy}\n`
}

function lenient<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

/**
 * Reads the two lines. They are an extension: lines that cannot be read are as if they were not there and never make the descriptor bad;
 * of several the first counts, and further arguments are for what may come.
 */
export function parsePerspectiveLines(items: Items): { offer?: PerspectiveOffer; policy?: PortSummary } {
  const [access] = items.all('x-perspective-access')
  const [policy] = items.all('x-perspective-policy')
  return {
    offer: access && lenient(() => parseOffer(argumentsOf(access, 3))),
    policy: policy && lenient(() => PortSummary.parse(policy.rest)),
  }
}

function parseOffer([version, port, admits]: string[]): PerspectiveOffer {
  if (admits !== 'running' && admits !== 'stable') throw new MalformedError('bad x-perspective-access')
  return { version: parseInteger(version!, 1, 1_000_000), port: port === 'virtual' ? port : parseInteger(port!, 1, 65535), admits }
}
