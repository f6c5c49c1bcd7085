import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DescriptorCache } from '../../main/directory/descriptor-cache.ts'
import { signedPartDigest } from '../../main/directory/descriptor-digest.ts'
import { microdescriptorDigest } from '../../main/document/microdescriptor.ts'
import { MICRODESCRIPTORS, RELAYS } from './tiny-network.ts'

/** Many descriptors whose digests differ, as their signatures are not looked at before use. */
const MANY = Array.from({ length: 150 }, (_, i) => RELAYS[i % RELAYS.length]!.text.replace(/^contact .*/m, `contact number ${i}`))
const digestsOf = (texts: readonly string[]): string[] => texts.map(text => signedPartDigest(text)!)

describe('the descriptor cache', () => {
  test('takes all that is wanted out of a long reply, and nothing else', async () => {
    const cache = new DescriptorCache()
    const wanted = digestsOf(MANY.slice(10))
    cache.want({ descriptors: new Set(wanted) })
    const reply = `rubbish\n@annotation\n${MANY.join('')}more rubbish`
    assert.equal(await cache.addDescriptors(reply), wanted.length)
    assert.equal(await cache.addDescriptors(reply), 0)
    assert.deepEqual(cache.missingDescriptors(), [])
    for (const [i, digest] of wanted.entries()) assert.ok(cache.descriptorText(digest) === MANY[i + 10])
    assert.equal([...cache.descriptorTexts()].length, wanted.length)
  })

  test('microdescriptors too', async () => {
    const many = Array.from({ length: 400 }, (_, i) => `${MICRODESCRIPTORS[i % MICRODESCRIPTORS.length]}x-number ${i}\n`)
    const cache = new DescriptorCache()
    cache.want({ microdescriptors: new Set(many.map(microdescriptorDigest)) })
    assert.equal(await cache.addMicrodescriptors(many.join('')), many.length)
    assert.ok(cache.microdescriptorText(microdescriptorDigest(many[399]!)) === many[399])
  })

  test('a descriptor that the consensus names but that is not well signed is served, never used', async () => {
    const cache = new DescriptorCache()
    const good = RELAYS[0]!
    const [bad] = digestsOf(MANY.slice(1, 2)) as [string]
    cache.want({ descriptors: new Set([good.digest, bad]) })
    await cache.addDescriptors(good.text + MANY[1])
    assert.equal(cache.descriptor(good.digest)?.nickname, good.nickname)
    assert.equal(cache.descriptor(bad), undefined)
    assert.ok(cache.descriptorText(bad))
    await cache.parseAll(new AbortController().signal)
  })

  test('parses all of them in the background: those wanted first before the others, and those that come meanwhile; and says so', async () => {
    const cache = new DescriptorCache()
    const digests = RELAYS.map(({ digest }) => digest)
    const [early, late] = [RELAYS.slice(0, -1), RELAYS.at(-1)!]
    const favourite = early.at(-1)!.digest
    cache.want({ descriptors: new Set(digests), first: new Set([favourite, 'nobody']) })
    await cache.addDescriptors(early.map(({ text }) => text).join(''))
    assert.equal(cache.parsedDescriptor(digests[0]!), undefined, 'asking costs nothing')
    const order: string[] = []
    const parse = cache.descriptor.bind(cache)
    let adding: Promise<number> | undefined
    cache.descriptor = digest => {
      order.push(digest)
      adding ??= cache.addDescriptors(late.text)
      return parse(digest)
    }
    let told = 0
    const parsed = () => void told++
    await cache.parseAll(new AbortController().signal, parsed)
    assert.equal(await adding, 1)
    assert.equal(order[0], favourite)
    assert.deepEqual(order.toSorted(), digests.toSorted(), 'each once')
    for (const { digest, nickname } of RELAYS) assert.equal(cache.parsedDescriptor(digest)?.nickname, nickname)
    const before = told
    assert.ok(before >= 1)
    await cache.parseAll(new AbortController().signal, parsed)
    assert.equal(told, before, 'nothing was left to be parsed')
  })

  test('forgets what is pruned', async () => {
    const cache = new DescriptorCache()
    const digests = digestsOf(MANY)
    cache.want({ descriptors: new Set(digests) })
    await cache.addDescriptors(MANY.join(''))
    cache.prune({ descriptors: new Set(digests.slice(0, 1)), microdescriptors: new Set() })
    assert.equal([...cache.descriptorTexts()].length, 1)
    assert.equal(cache.missingDescriptors().length, digests.length - 1)
  })
})
