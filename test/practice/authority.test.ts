import assert from 'node:assert/strict'
import { afterEach, before, describe, test } from 'node:test'
import { DirectoryClient, type DirectorySource } from '../../main/directory/client.ts'
import { parseConsensus } from '../../main/document/consensus.ts'
import { computeConsensus } from '../../main/document/consensus-from-votes.ts'
import { verifyConsensus } from '../../main/document/consensus-signature.ts'
import type { ServerDescriptorKeys } from '../../main/document/server-descriptor.ts'
import { parseVote } from '../../main/document/vote.ts'
import { generateAuthorityKeys } from '../../main/practice/authority-keys.ts'
import { VotingRound } from '../../main/practice/voting-round.ts'
import { startAuthorities, type TestAuthority } from './authority-fixture.ts'
import { documents, fingerprintOf, NOW, relayKeys } from './relay-fixture.ts'

const PATIENCE = { votes: 5_000, signatures: 5_000 }
/** For rounds in which somebody is known not to come. */
const IMPATIENCE = { votes: 50, signatures: 50 }
const client = new DirectoryClient()

let relays: ServerDescriptorKeys[]
let running: TestAuthority[] = []
before(async () => {
  relays = await Promise.all([0, 1, 2].map(() => relayKeys()))
})
afterEach(async () => {
  await Promise.all(running.map(one => one.stop()))
  running = []
})

function source({ identity }: TestAuthority): DirectorySource {
  return { kind: 'dirport', address: identity.address, port: identity.dirPort }
}
const get = (one: TestAuthority, path: string) => client.get(source(one), path, { timeoutMs: 5_000 })
const post = (one: TestAuthority, path: string, body: string) => client.post(source(one), path, body, { timeoutMs: 5_000 })

function upload(published: number, which = relays): string[] {
  return which.map((keys, i) => {
    const { descriptor, extraInfo } = documents(keys, { nickname: `relay${i}`, orPort: 9101 + i, published })
    return descriptor + extraInfo
  })
}

async function publish(texts: readonly string[]): Promise<void> {
  for (const text of texts)
    for (const one of running) {
      const answer = await post(one, '/tor/', text)
      assert.equal(`${answer.status} ${answer.reason}`, '200 [None]')
    }
  await Promise.all(running.map(one => one.authority.testAll()))
}

const vote = (validAfter: number, who = running, patience = PATIENCE) =>
  Promise.all(who.map(one => one.authority.vote(validAfter, patience)))

describe('three authorities', () => {
  test('come to one consensus, signed by all, and serve it', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    assert.deepEqual(await vote(NOW), [true, true, true])
    const idents = running.map(one => one.identity.v3ident)
    for (const flavor of ['', '-microdesc']) {
      const answers = await Promise.all(running.map(one => get(one, `/tor/status-vote/current/consensus${flavor}`)))
      const texts = answers.map(answer => answer.body.toString())
      assert.deepEqual(texts, [texts[0], texts[0], texts[0]])
      const consensus = parseConsensus(texts[0]!)
      const verdict = verifyConsensus(consensus, running[0]!.authority.certificates, idents)
      assert.deepEqual([...verdict.good].sort(), [...idents].sort())
      assert.equal(consensus.validAfter, NOW)
      assert.equal(consensus.freshUntil, NOW + 10_000)
      assert.equal(consensus.validUntil, NOW + 60_000)
      assert.deepEqual(
        consensus.routers.map(router => router.fingerprint),
        relays.map(fingerprintOf).sort(),
      )
      for (const router of consensus.routers)
        assert.ok(router.flags.has('Running') && router.flags.has('Valid') && router.flags.has('Exit'))
    }
  })

  test('serve all documents that the consensus names, and the certificates to check it', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    await vote(NOW)
    const [one] = running as [TestAuthority]
    const { consensus, microdescConsensus } = one.authority
    const entry = consensus!.byFingerprint.get(fingerprintOf(relays[0]!))!
    const micro = microdescConsensus!.byFingerprint.get(entry.fingerprint)!
    const descriptor = documents(relays[0]!, { nickname: 'relay0', orPort: 9101, published: NOW })
    assert.equal((await get(one, `/tor/server/d/${entry.descriptorDigest}`)).body.toString(), descriptor.descriptor)
    assert.equal((await get(one, `/tor/server/fp/${entry.fingerprint}`)).body.toString(), descriptor.descriptor)
    assert.equal((await get(one, `/tor/extra/fp/${entry.fingerprint}`)).body.toString(), descriptor.extraInfo)
    assert.match((await get(one, `/tor/micro/d/${micro.microdescriptorDigest}`)).body.toString(), /^onion-key\n/)
    assert.equal((await get(one, '/tor/keys/all')).body.toString().match(/^dir-key-certificate-version/gm)?.length, 3)
    assert.ok((await get(one, '/tor/keys/authority')).body.toString().includes(one.identity.v3ident))
  })

  test('serve their votes, with the numbers by which they judge', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    await vote(NOW)
    const [one, other] = running as [TestAuthority, TestAuthority]
    const own = parseVote((await get(one, '/tor/status-vote/current/authority')).body.toString())
    assert.equal(own.authority.identity, one.identity.v3ident)
    assert.equal(own.flagThresholds.get('stable-mtbf'), 0)
    assert.ok(own.routers.every(router => router.stats))
    const theirs = await get(one, `/tor/status-vote/current/${other.identity.v3ident}`)
    const same = await get(one, `/tor/status-vote/current/d/${parseVote(theirs.body.toString()).digest}`)
    assert.equal(same.body.toString(), (await get(other, '/tor/status-vote/current/authority')).body.toString())
    for (const path of ['next/authority', 'next/consensus', 'next/consensus-signatures', 'current/nobody', 'current/d/nothing'])
      assert.equal((await get(one, `/tor/status-vote/${path}`)).status, 404, path)
  })

  test('vote on without one that is dead', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    const idents = running.map(one => one.identity.v3ident)
    await running[2]!.stop()
    const alive = running.slice(0, 2)
    assert.deepEqual(await vote(NOW, alive, { votes: 50, signatures: 5_000 }), [true, true])
    const { consensus, certificates } = alive[1]!.authority
    const verdict = verifyConsensus(consensus!, certificates, idents)
    assert.equal(verdict.accepted, true)
    assert.deepEqual([...verdict.good].sort(), idents.slice(0, 2).sort())
    assert.equal(consensus!.routers.length, 3)
  })

  test('of which one is alone makes none', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    await running[1]!.stop()
    await running[2]!.stop()
    assert.deepEqual(await vote(NOW, running.slice(0, 1), IMPATIENCE), [false])
    assert.equal((await get(running[0]!, '/tor/status-vote/current/consensus')).status, 404)
  })

  test('take the consensus of the majority when one of them was late', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    // The second has the votes of all, the others only their own: what it makes differs from what they signed.
    assert.deepEqual(await vote(NOW, [running[0]!, running[2]!], { votes: 50, signatures: 5_000 }), [true, true])
    assert.deepEqual(await vote(NOW, running.slice(1, 2), IMPATIENCE), [true])
    const [first, second] = running as [TestAuthority, TestAuthority]
    assert.equal(second.authority.consensus!.text, first.authority.consensus!.text)
    assert.equal(second.authority.consensus!.signatures.length, 2)
  })
})

describe('listing', () => {
  test('asks for reachability, and a newcomer becomes Stable when the votes say', async () => {
    let now = NOW
    const reachable = new Set(relays.slice(0, 2).map(fingerprintOf))
    const probe = async ({ rsaIdentity }: { rsaIdentity: Buffer }) => {
      if (!reachable.has(rsaIdentity.toString('hex').toUpperCase())) throw new Error('nobody there')
    }
    running = await startAuthorities(3, { now: () => now, probe })
    await publish(upload(now))
    for (const one of running) for (const fp of reachable) one.authority.history.assumeUpSince(fp, now - 600_000)
    await vote(now)
    const newcomer = fingerprintOf(relays[2]!)
    const flagsNow = () => running[0]!.authority.consensus!.byFingerprint.get(newcomer)?.flags
    assert.equal(flagsNow(), undefined)

    reachable.add(newcomer)
    const listed: number[] = []
    let stableAfter: number | undefined
    for (let seconds = 5; seconds <= 60; seconds += 5) {
      now = NOW + seconds * 1000
      await Promise.all(running.map(one => one.authority.testAll()))
      assert.deepEqual(await vote(now), [true, true, true])
      if (flagsNow()?.has('Running')) listed.push(seconds)
      if (flagsNow()?.has('Stable')) stableAfter ??= seconds
      const own = [...running[0]!.authority.currentVotes.values()][0]!
      assert.equal(own.flagThresholds.get('stable-mtbf'), 40)
      const stats = own.routers.find(router => router.fingerprint === newcomer)!.stats!
      assert.equal(stats.mtbf, seconds - 5)
    }
    assert.equal(listed[0], 5)
    assert.equal(stableAfter, 45)

    // Gone: Running is taken away when it was not reached for a while, and what it had earned is kept as an ended run.
    reachable.delete(newcomer)
    let goneAfter: number | undefined
    for (let seconds = 65; seconds <= 100 && !goneAfter; seconds += 5) {
      now = NOW + seconds * 1000
      await Promise.all(running.map(one => one.authority.testAll()))
      await vote(now)
      if (!flagsNow()) goneAfter = seconds
    }
    assert.equal(goneAfter, 80)
    assert.ok(running[0]!.authority.history.record(newcomer, now).mtbf > 55_000)
  })

  test('of a relay that moved is tested at once', async () => {
    const tried: number[] = []
    running = await startAuthorities(1, { now: () => NOW, probe: async ({ port }) => void tried.push(port) })
    await publish(upload(NOW, relays.slice(0, 1)))
    const [one] = running as [TestAuthority]
    const { descriptor } = documents(relays[0]!, { nickname: 'relay0', orPort: 9999, published: NOW + 1000 })
    await post(one, '/tor/', descriptor)
    assert.deepEqual([...new Set(tried)], [9101, 9999])
  })
})

describe('what is posted to an authority', () => {
  test('is answered as C tor answers it', async () => {
    running = await startAuthorities(1, { now: () => NOW })
    const [one] = running as [TestAuthority]
    const [text] = upload(NOW)
    assert.equal((await post(one, '/tor/', text!)).headers.get('X-Descriptor-Not-New'), undefined)
    const again = await post(one, '/tor/', text!)
    assert.equal(again.status, 200)
    assert.equal(again.headers.get('X-Descriptor-Not-New'), 'Yes')
    const bad = await post(one, '/tor/', documents(relays[0]!, { platform: 'Tor x' }).descriptor)
    assert.equal(`${bad.status} ${bad.reason}`, '400 Malformed platform string.')
    assert.equal((await post(one, '/tor/post/nothing', 'x')).status, 400)
  })

  test('changes nothing when it is no vote of an authority for now', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    const [one] = running as [TestAuthority]
    const stranger = (await startAuthorities(1, { now: () => NOW }))[0]!
    running.push(stranger)
    await stranger.authority.vote(NOW, IMPATIENCE)
    const strange = (await get(stranger, '/tor/status-vote/current/authority')).body.toString()
    const say = async (path: string, body: string) => {
      const { status, reason } = await post(one, path, body)
      return `${status} ${reason}`
    }
    assert.equal(await say('/tor/post/vote', strange), '400 Vote not from a recognized v3 authority')
    assert.equal(await say('/tor/post/vote', 'x'), '400 Bad valid-after time')
    assert.equal(await say('/tor/post/vote', 'valid-after 2025-10-09 08:53:20\n'), '400 Unable to parse vote')
    assert.equal(
      await say('/tor/post/vote', strange.replace(/valid-after .*/, 'valid-after 2001-01-01 00:00:00')),
      '400 Bad valid-after time',
    )
    assert.match(await say('/tor/post/consensus-signature', 'x'), /^400 /)
    assert.deepEqual(await vote(NOW, running.slice(0, 3)), [true, true, true])
    assert.equal(one.authority.currentVotes.size, 3)
  })
})

describe('a round of voting', () => {
  test('makes the same bytes of the same votes in any order', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    await vote(NOW)
    const votes = [...running[0]!.authority.currentVotes.values()]
    const [a, b, c] = votes as [(typeof votes)[0], (typeof votes)[0], (typeof votes)[0]]
    for (const flavor of ['ns', 'microdesc'] as const) {
      const texts = [
        [a, b, c],
        [c, a, b],
        [b, c, a],
        [c, b, a],
      ].map(order => computeConsensus(order, flavor, { authorities: 3 }))
      assert.equal(new Set(texts).size, 1)
    }
  })

  test('takes signatures of its own consensus by authorities that voted, and no others', async () => {
    running = await startAuthorities(3, { now: () => NOW })
    await publish(upload(NOW))
    await vote(NOW)
    const votes = [...running[0]!.authority.currentVotes.values()].map(one => one.text)
    const identities = running.map(one => one.identity.v3ident)
    const keys = await Promise.all(identities.map(() => generateAuthorityKeys({ now: NOW })))
    const round = (identity: string, key = keys[0]!.signing) =>
      new VotingRound({ validAfter: NOW, authorities: identities, signer: { identity, key } })
    const mine = round(identities[0]!)
    for (const text of votes) assert.equal(mine.addVote(text).status, 200)
    assert.equal(mine.addVote(votes[0]!).reason, 'Duplicate discarded')
    assert.equal(mine.addSignatures('early').reason, 'Signatures queued')
    mine.compute()
    assert.equal(mine.addVote(votes[0]!.replace('published', 'published')).reason, 'Duplicate discarded')
    // Somebody signs in the name of the second authority with another key than its certificate names.
    const forger = round(identities[1]!, keys[1]!.signing)
    for (const text of votes) forger.addVote(text)
    forger.compute()
    assert.equal(mine.addSignatures(forger.detachedSignatures()!).reason, 'Signatures ignored')
    assert.equal(mine.addSignatures('rubbish').reason, "Couldn't parse detached signatures.")
    assert.equal(mine.result(), undefined)
    // Another consensus, of fewer votes.
    const other = round(identities[2]!)
    for (const text of votes.slice(1)) other.addVote(text)
    other.compute()
    assert.equal(mine.addSignatures(other.detachedSignatures()!).reason, 'Mismatched digest.')
    const early = round(identities[2]!)
    early.addVote(votes[0]!)
    assert.throws(() => early.compute(), { name: 'MalformedError' })
  })
})
