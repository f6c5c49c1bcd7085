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
