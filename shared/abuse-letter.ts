import type { Suspect } from './perspective-server.ts'

/** What an answer to a complaint says. Times in ms. */
export interface LetterFacts {
  readonly relay: { readonly nickname: string; readonly fingerprint: string; readonly address?: string }
  readonly complaint: { readonly at: number; readonly address: string; readonly port?: number }
  readonly suspects: readonly Suspect[]
  readonly blocked: readonly string[]
  /** The access log was on and reaches back to the time of the complaint. */
  readonly logged: boolean
}

const utc = (time: number) => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/**
 * An answer to whoever complained, in English, since that is what abuse desks read; the owner looks it over, changes it and sends it. It names peers by
 * their public relay identities and tells nothing else of them.
 */
export function abuseLetter({ relay, complaint, suspects, blocked, logged }: LetterFacts): string {
  const to = `${complaint.address}${complaint.port === undefined ? '' : ` port ${complaint.port}`}`
  const lines = [
    'Hello,',
    '',
    `thank you for your message about connections to ${to} around ${utc(complaint.at)}${relay.address ? ` from ${relay.address}` : ''}.`,
    '',
    `This address belongs to "${relay.nickname}" (${relay.fingerprint}), a relay of the Tor network which also lets operators of other`,
    'listed Tor relays browse from its address. The connection was made by such an operator, not by me, and I do not see its content.',
    '',
  ]
  if (!logged) lines.push('I keep no log that reaches back to that time, so I cannot say which relay asked for it.')
  else if (suspects.length === 0) lines.push('My log shows no such connection at that time.')
  else {
    lines.push('My log shows that it was asked for by:', '')
    for (const { peer, nickname, contact, streams, firstAt, lastAt } of suspects) {
      const name = nickname ? `relay "${nickname}", ${peer}` : `relay ${peer}`
      lines.push(`  ${name}: ${streams} ${streams === 1 ? 'connection' : 'connections'} from ${utc(firstAt)} to ${utc(lastAt)}`)
      if (contact) lines.push(`    contact as published: ${contact}`)
      lines.push(`    https://metrics.torproject.org/rs.html#details/${peer}`)
    }
  }
  if (blocked.length > 0) lines.push('', `I have blocked ${blocked.join(', ')}; it can no longer use my address.`)
  lines.push('', 'If you wish, I can refuse all connections to your addresses from now on: please tell me which.', '', 'Kind regards')
  return `${lines.join('\n')}\n`
}
