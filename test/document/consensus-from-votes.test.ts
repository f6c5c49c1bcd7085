import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Flavor, parseConsensus, type RouterStatus } from '../../main/document/consensus.ts'
import { computeConsensus } from '../../main/document/consensus-from-votes.ts'
import { PortSummary } from '../../main/document/exit-policy.ts'
import { Protocols } from '../../main/document/protocols.ts'
import { parseVote, type Vote, type VoteRouter } from '../../main/document/vote.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { stockTor } from './fixtures.ts'

const FLAVORS = [
  ['ns', 'consensus'],
  ['microdesc', 'consensus-microdesc'],
] as const
const stockVotes = [0, 1, 2].map(i => parseVote(stockTor(`vote-${i}`)))
/** A signature that says nothing, so that the parser takes the document. */
const tail = (text: string) => text.slice(text.indexOf('\ndirectory-signature') + 1)
const stockTail = { ns: tail(stockTor('consensus')), microdesc: tail(stockTor('consensus-microdesc')) }
describe('from the votes of three stock authorities', () => {
  for (const [flavor, name] of FLAVORS) {
    test(`${flavor}: the bytes that they made, but for shared randomness`, () => {
      const theirs = stockTor(name)
      const expected = theirs.slice(0, theirs.indexOf('\ndirectory-signature') + 1).replace(/^shared-rand-.*\n/gm, '')
      fc.assert(
        fc.property(fc.shuffledSubarray(stockVotes, { minLength: 3, maxLength: 3 }), votes => {
          assert.equal(computeConsensus(votes, flavor, { authorities: 3 }), expected)
        }),
        { numRuns: 6 },
      )
    })
  }

  test('one vote may be lost, two not', () => {
    assert.equal(read(computeConsensus(stockVotes.slice(1), 'ns', { authorities: 3 }), 'ns').routers.length, 6)
    assert.throws(() => computeConsensus(stockVotes.slice(2), 'ns', { authorities: 3 }), MalformedError)
    assert.throws(() => computeConsensus([], 'ns', { authorities: 0 }), MalformedError)
  })

  test('nobody votes twice', () => {
    assert.throws(() => computeConsensus([stockVotes[0]!, stockVotes[1]!, stockVotes[0]!], 'ns', { authorities: 5 }), /twice/)
    assert.throws(() => computeConsensus(stockVotes, 'ns', { authorities: 2 }), MalformedError)
  })
})

const relay: VoteRouter = {
  ...stockVotes[0]!.routers[0]!,
  nickname: 'relay',
  fingerprint: 'B'.repeat(40),
  descriptorDigest: 'D'.repeat(40),
  published: 1_000_000_000,
  flags: new Set(['Fast', 'Running', 'Valid']),
  version: 'Tor 0.4.9.11',
  protocols: Protocols.parse('Link=4-5'),
  bandwidth: 100,
  measured: undefined,
  portSummary: PortSummary.parse('accept 80'),
  orAddresses6: [],
  ed25519Identity: 'A'.repeat(43),
  microdescriptorDigests: new Map([
    [33, `${'A'.repeat(42)}M`],
    [34, `${'A'.repeat(42)}Q`],
  ]),
}
const KNOWN_FLAGS = ['Authority', 'Exit', 'Fast', 'Guard', 'HSDir', 'MiddleOnly', 'Running', 'Stable', 'V2Dir', 'Valid']

/** Votes of a network; each authority says what is given for it, `undefined`: it does not list the relay. */
function votes(
  entries: readonly (Partial<VoteRouter> | undefined)[],
  change: (vote: Vote, i: number) => Partial<Vote> = () => ({}),
): Vote[] {
  return entries.map((entry, i) => {
    const identity = i.toString(16).repeat(40).toUpperCase()
    const vote: Vote = {
      ...stockVotes[i % 3]!,
      knownFlags: KNOWN_FLAGS,
      consensusMethods: [32, 33],
      authority: { ...stockVotes[0]!.authority, nickname: `auth${i}`, identity },
      routers: entry ? [{ ...relay, ...entry }] : [],
    }
    return { ...vote, ...change(vote, i) }
  })
}

/** What a consensus of these votes says about the relay. The tail's signatures need authorities of the stock network, so the text is read here. */
function outcome(
  entries: readonly (Partial<VoteRouter> | undefined)[],
  flavor: Flavor = 'ns',
  change?: (vote: Vote, i: number) => Partial<Vote>,
): RouterStatus | undefined {
  return read(computeConsensus(votes(entries, change), flavor, { authorities: entries.length }), flavor).routers[0]
}

function read(body: string, flavor: Flavor) {
  const identity = /^dir-source \S+ (\S+)/m.exec(body)![1]!
  return parseConsensus(
    body + stockTail[flavor].replace(/-----END SIGNATURE-----\n[\s\S]*$/, '-----END SIGNATURE-----\n').replace(/[0-9A-F]{40}/, identity),
  )
}

const flags = (...names: string[]) => ({ flags: new Set(['Running', 'Valid', ...names]) })

describe('relays', () => {
  test('listed by more than half of all authorities, not only of the voters', () => {
    assert.ok(outcome([{}, {}, undefined]))
    assert.equal(outcome([{}, undefined, undefined]), undefined)
    assert.equal(outcome([{}, {}, undefined, undefined]), undefined)
    assert.equal(read(computeConsensus(votes([{}, {}, {}]), 'ns', { authorities: 5 }), 'ns').routers.length, 1)
    assert.equal(read(computeConsensus(votes([{}, {}, undefined]), 'ns', { authorities: 5 }), 'ns').routers.length, 0)
  })

  test('called Running and Valid by a majority', () => {
    assert.equal(outcome([{ flags: new Set(['Valid']) }, { flags: new Set(['Valid']) }, {}]), undefined)
    assert.equal(outcome([{ flags: new Set(['Running']) }, { flags: new Set(['Running']) }, {}]), undefined)
    assert.ok(outcome([{ flags: new Set(['Valid']) }, {}, {}]))
  })

  test('flags by more than half of those who know the flag', () => {
    assert.deepEqual([...outcome([flags('Exit'), flags('Exit'), flags('Guard')])!.flags], ['Exit', 'Running', 'Valid'])
    // One of two is not more than half; an authority without the flag has no say.
    const unaware = (vote: Vote, i: number) => (i === 2 ? { knownFlags: vote.knownFlags.filter(flag => flag !== 'Stable') } : {})
    assert.equal(outcome([flags('Stable'), flags(), flags()], 'ns', unaware)!.flags.has('Stable'), false)
    assert.equal(outcome([flags('Stable'), flags('Stable'), flags()], 'ns', unaware)!.flags.has('Stable'), true)
  })

  test('middle only: nothing else, and a bad exit where anybody votes on that', () => {
    const every = flags('Exit', 'Guard', 'HSDir', 'MiddleOnly', 'V2Dir')
    assert.deepEqual([...outcome([every, every, every])!.flags], ['MiddleOnly', 'Running', 'Valid'])
    const withBadExit = (vote: Vote) => ({ knownFlags: ['BadExit', ...vote.knownFlags].sort() })
    assert.deepEqual([...outcome([every, every, every], 'ns', withBadExit)!.flags], ['BadExit', 'MiddleOnly', 'Running', 'Valid'])
  })

  test('an agreed Ed25519 identity, or the flag that there is none', () => {
    const [one, two, none] = [{ ed25519Identity: 'A'.repeat(43) }, { ed25519Identity: `${'A'.repeat(42)}E` }, { ed25519Identity: 'none' }]
    assert.equal(outcome([one, one, two])!.flags.has('NoEdConsensus'), false)
    assert.equal(outcome([one, two, none])!.flags.has('NoEdConsensus'), true)
    assert.equal(outcome([one, one, { ed25519Identity: undefined }])!.flags.has('NoEdConsensus'), false)
    assert.equal(outcome([none, none, one])!.flags.has('NoEdConsensus'), false)
    // Who names another identity speaks of another relay: its word on flags does not count.
    assert.equal(
      outcome([
        { ...one, ...flags('Stable') },
        { ...one, ...flags() },
        { ...two, ...flags('Stable') },
      ])!.flags.has('Stable'),
      false,
    )
  })

  test('the descriptor that most name, then the later, then the smaller digest', () => {
    const [d, e] = [{ descriptorDigest: 'D'.repeat(40) }, { descriptorDigest: 'E'.repeat(40), orPort: 9999 }]
    assert.equal(outcome([d, e, e])!.orPort, 9999)
    assert.equal(outcome([d, d, e])!.orPort, relay.orPort)
    assert.equal(outcome([d, { ...e, published: relay.published + 1000 }])!.orPort, 9999)
    assert.equal(outcome([d, e])!.descriptorDigest, 'D'.repeat(40))
    assert.equal(outcome([e, d])!.descriptorDigest, 'D'.repeat(40))
  })

  test('IPv6 addresses, versions, protocols and ports by number of votes', () => {
    const [a, b] = ['2001:db8::1', '2001:db8::2'].map(address => ({ orAddresses6: [{ address, port: 9001 }] }))
    assert.equal(outcome([a, b, b])!.orAddresses6[0]?.address, '2001:db8::2')
    assert.equal(outcome([a, a, b])!.orAddresses6[0]?.address, '2001:db8::1')
    assert.deepEqual(outcome([{}, {}, {}])!.orAddresses6, [])
    const version = (text?: string) => ({ version: text })
    assert.equal(outcome([version('Tor 0.4.9.9'), version('Tor 0.4.9.9'), version('Tor 0.4.9.11')])!.version, 'Tor 0.4.9.9')
    assert.equal(outcome([version('Tor 0.4.9.11'), version('Tor 0.4.9.9')])!.version, 'Tor 0.4.9.11')
    assert.equal(outcome([version(), version(), version()])!.version, undefined)
    const protocols = (text: string) => ({ protocols: Protocols.parse(text) })
    assert.equal(
      outcome([protocols('Link=4 X-Perspective=1'), protocols('Link=4 X-Perspective=1'), protocols('Link=5')])!.protocols.toString(),
      'Link=4 X-Perspective=1',
    )
    const ports = (text: string) => ({ portSummary: PortSummary.parse(text) })
    assert.equal(outcome([ports('accept 443'), ports('accept 443'), ports('accept 80')])!.portSummary?.toString(), 'accept 443')
    // Only who speaks of the chosen descriptor is asked for its ports.
    const other = { descriptorDigest: 'E'.repeat(40) }
    assert.equal(
      outcome([{ ...ports('accept 1') }, { ...ports('accept 1') }, { ...ports('accept 2'), ...other }])!.portSummary?.toString(),
      'accept 1',
    )
  })

  test('bandwidth: the median of three measurements, else of claims, which are cut where measuring is done', () => {
    const m = (bandwidth: number, measured?: number) => ({ bandwidth, measured })
    const of = (entries: Parameters<typeof outcome>[0], change?: Parameters<typeof outcome>[2]) => {
      const { bandwidth, unmeasured } = outcome(entries, 'ns', change)!
      return [bandwidth, unmeasured]
    }
    assert.deepEqual(of([m(1, 50), m(2, 70), m(3, 60)]), [60, false])
    assert.deepEqual(of([m(100), m(300), m(200)]), [200, true])
    assert.deepEqual(of([m(100), m(300, 7), m(200, 8)]), [200, true])
    assert.deepEqual(of([m(400), m(300), m(200), m(100)]), [200, true])
    // All three measure, but not this relay.
    const measuring = (vote: Vote) => ({
      routers: [...vote.routers, { ...relay, fingerprint: 'C'.repeat(40), ed25519Identity: 'none', measured: 5 }],
    })
    assert.deepEqual(of([m(100), m(300), m(200)], measuring), [25, true])
    assert.deepEqual(
      of([m(10), m(30), m(20)], vote => ({ ...measuring(vote), params: new Map() })),
      [20, true],
    )
  })

  test('sorted by fingerprint', () => {
    const two = (vote: Vote) => ({ routers: [...vote.routers, { ...relay, fingerprint: 'A'.repeat(40), ed25519Identity: 'none' }] })
    const { routers } = read(computeConsensus(votes([{}, {}, {}], two), 'ns', { authorities: 3 }), 'ns')
    assert.deepEqual(
      routers.map(({ fingerprint }) => fingerprint[0]),
      ['A', 'B'],
    )
  })
})

describe('microdesc flavor', () => {
  const digests = (method: number, digest: string) => ({ microdescriptorDigests: new Map([[method, digest]]) })
  const [one, two] = [`${'A'.repeat(42)}M`, `${'A'.repeat(42)}Q`]

  test('names the microdescriptor of the agreed method; without one the relay is left out', () => {
    assert.equal(outcome([{}, {}, {}], 'microdesc')!.microdescriptorDigest, one)
    assert.equal(outcome([digests(33, one), digests(33, two), digests(33, two)], 'microdesc')!.microdescriptorDigest, two)
    assert.equal(outcome([digests(34, one), digests(34, one), digests(34, one)], 'microdesc'), undefined)
    assert.ok(outcome([digests(34, one), digests(34, one), digests(34, one)], 'ns'))
  })

  test('does not say when descriptors were published from method 33 on', () => {
    assert.equal(outcome([{}, {}, {}], 'microdesc')!.published, Date.UTC(2038, 0, 1))
    const old = () => ({ consensusMethods: [32] })
    assert.equal(outcome([digests(32, one), digests(32, one), digests(32, one)], 'microdesc', old)!.published, relay.published)
  })
})

describe('the network', () => {
  const network = (change: (vote: Vote, i: number) => Partial<Vote>, authorities = 3) => {
    const made = votes(
      Array.from({ length: authorities }, () => ({})),
      change,
    )
    return read(computeConsensus(made, 'ns', { authorities }), 'ns')
  }

  test('the highest method that more than two thirds support', () => {
    const methods = (...lists: number[][]) => network((_, i) => ({ consensusMethods: lists[i]! })).consensusMethod
    assert.equal(methods([32, 33, 34], [32, 33, 34], [32, 33, 34]), 34)
    assert.equal(methods([32, 33, 34], [32, 33, 34], [32, 33]), 33)
    assert.throws(() => methods([33, 40], [33, 40], [33, 40]), /method 40/)
    assert.throws(() => methods([32], [33], [34]), /method 1/)
  })

  test('times are the lower median', () => {
    const base = stockVotes[0]!.validAfter
    const times = network((_, i) => ({ validAfter: base + [2000, 0, 1000][i]!, voteSeconds: [9, 5, 7][i]!, distSeconds: [3, 3, 4][i]! }))
    assert.deepEqual([times.validAfter, times.voteSeconds, times.distSeconds], [base + 1000, 7, 3])
  })

  test('parameters that three or more than half vote on, the lower median of their values', () => {
    const params = (...lists: Record<string, number>[]) =>
      network((_, i) => ({ params: new Map(Object.entries(lists[i] ?? {})) }), Math.max(lists.length, 3)).params
    assert.deepEqual([...params({ a: 5, b: 1 }, { a: 1 }, { a: -3, c: 1 })], [['a', 1]])
    assert.deepEqual([...params({ a: 5 }, { a: 1 }, {})], [['a', 1]])
    assert.deepEqual([...params({ a: 5 }, { a: 1 }, { a: 2 }, {}, {}, {}, {}, {}, {})], [['a', 2]])
    assert.equal(params({ a: 5 }, { a: 1 }, {}, {}, {}).size, 0)
    assert.deepEqual(
      [...params({ 'a-b': 1, a: 2, ab: 3 }, { 'a-b': 1, a: 2, ab: 3 }, { 'a-b': 1, a: 2, ab: 3 }).keys()],
      ['a-b', 'a', 'ab'],
    )
  })

  test('versions that more than half of those recommend who recommend any', () => {
    const versions = (...lists: (string[] | undefined)[]) => network((_, i) => ({ clientVersions: lists[i] })).clientVersions
    assert.deepEqual(versions(['0.4.9.11', '0.4.8.2'], ['0.4.8.2', '0.4.10.1'], ['0.4.10.1']), ['0.4.8.2', '0.4.10.1'])
    assert.deepEqual(versions(['0.4.9.11'], undefined, undefined), ['0.4.9.11'])
    assert.deepEqual(versions(undefined, undefined, undefined), [])
  })

  test('protocols: recommended by half, required by two thirds of all', () => {
    const of = (...lists: string[]) => {
      const { requiredRelayProtocols, recommendedRelayProtocols } = network(
        (_, i) => ({ requiredRelayProtocols: lists[i]!, recommendedRelayProtocols: lists[i]! }),
        lists.length,
      )
      return [recommendedRelayProtocols.toString(), requiredRelayProtocols.toString()]
    }
    assert.deepEqual(of('Link=4', 'Link=4-5', 'Link=5'), ['Link=4-5', 'Link=4-5'])
    assert.deepEqual(of('Link=4', 'Link=4', 'Link=5', 'Link=5'), ['Link=4-5', ''])
  })

  test('the head of the document names who voted, sorted', () => {
    const { authorities, knownFlags } = network((_, i) => ({ digest: `${i}`.repeat(40) }))
    assert.deepEqual(
      authorities.map(({ nickname, voteDigest }) => [nickname, voteDigest?.[0]]),
      [
        ['auth0', '0'],
        ['auth1', '1'],
        ['auth2', '2'],
      ],
    )
    assert.ok(knownFlags.includes('NoEdConsensus'))
  })
})
