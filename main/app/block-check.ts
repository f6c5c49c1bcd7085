import type { BlockCheck } from '../../shared/safety.ts'
import { MalformedError } from '../lib/bytes.ts'
import { type BlockTarget, formatTarget, parseTarget } from '../perspective/block-entry.ts'
import { BlockList, type BlockSubject } from '../perspective/block-list.ts'

/** A member as the block list sees it. */
export interface KnownMember extends BlockSubject {
  readonly nickname: string
}

export interface BlockCheckFacts {
  /** Canonical targets that the list has. */
  readonly targets: readonly string[]
  /** Members that the network knows now. */
  readonly members: readonly KnownMember[]
  /** Fingerprints of those that are admitted now. */
  readonly connected: readonly string[]
}

/** What an entry with this target would do, as far as the network is known now. */
export function checkBlock(text: string, { targets, members, connected }: BlockCheckFacts): BlockCheck {
  const target = targetOf(text)
  if (!target) return { ok: false }
  const list = new BlockList()
  list.add({ target })
  const hit = members.filter(member => list.match(member, 0) !== undefined)
  const fingerprints = new Set(hit.map(({ fingerprint }) => fingerprint))
  const named = members.find(({ fingerprint, ed25519Identity }) =>
    'identity' in target
      ? ed25519Identity.toString('base64').startsWith(target.identity)
      : 'fingerprint' in target && target.fingerprint === fingerprint,
  )
  return {
    ok: true,
    target: formatTarget(target),
    kind: target.kind,
    nickname: named?.nickname,
    known: targets.includes(formatTarget(target)),
    members: hit.length,
    of: members.length,
    connected: connected.filter(fingerprint => fingerprints.has(fingerprint)).length,
  }
}

/** A country is written {se} in the list; a person may leave the braces out. */
function targetOf(text: string): BlockTarget | undefined {
  const word = text.trim()
  try {
    return parseTarget(/^[a-z]{2}$/i.test(word) ? `{${word}}` : word)
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}
