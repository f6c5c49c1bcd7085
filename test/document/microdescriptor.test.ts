import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseConsensus } from '../../main/document/consensus.ts'
import {
  makeMicrodescriptor,
  microdescriptorDigest,
  parseMicrodescriptor,
  splitMicrodescriptors,
} from '../../main/document/microdescriptor.ts'
import { buildServerDescriptor, parseServerDescriptor, splitDescriptors } from '../../main/document/server-descriptor.ts'
import { parseVote } from '../../main/document/vote.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { mutations, relayFields, relayKeys, stockTor, survives } from './fixtures.ts'

test('from descriptors of stock tor, we make what its authorities make', () => {
  const theirs = new Set(splitMicrodescriptors(stockTor('microdescriptors')))
  assert.equal(theirs.size, 6)
  const { routers } = parseVote(stockTor('vote-0'))
  for (const source of splitDescriptors(stockTor('server-descriptors'))) {
    const descriptor = parseServerDescriptor(source)
    const voted = routers.find(({ fingerprint }) => fingerprint === descriptor.fingerprint)!.microdescriptorDigests
    assert.ok(theirs.has(makeMicrodescriptor(descriptor)))
    for (const method of [32, 33, 34, 35]) assert.equal(microdescriptorDigest(makeMicrodescriptor(descriptor, method)), voted.get(method))
  }
})

test('the consensus names them', () => {
  const listed = parseConsensus(stockTor('consensus-microdesc')).routers.map(({ microdescriptorDigest: digest }) => digest)
  const read = splitMicrodescriptors(stockTor('microdescriptors')).map(parseMicrodescriptor)
  assert.deepEqual(read.map(({ digest }) => digest).sort(), listed.sort())
})

test('everything it can say', async () => {
  const keys = await relayKeys()
  const descriptor = parseServerDescriptor(buildServerDescriptor(relayFields, keys))
  const text = makeMicrodescriptor(descriptor)
  const read = parseMicrodescriptor(text)
  assert.deepEqual(read.ntorKey, keys.ntor.public)
  assert.deepEqual(read.ed25519Identity, keys.edIdentity.public)
  assert.equal(read.portSummary?.toString(), 'accept 80,443')
  assert.equal(read.portSummary6?.toString(), 'accept 80,443')
  assert.equal(read.digest, microdescriptorDigest(text))
  // Hex in upper case, names in lower case, the relay itself among them, sorted.
  assert.deepEqual(read.family, [`$${'A'.repeat(40)}`, `$${'B'.repeat(40)}`, `$${descriptor.fingerprint}`, 'friend'].sort())
  const { perspective, ...fields } = relayFields
  const quiet = makeMicrodescriptor(parseServerDescriptor(buildServerDescriptor({ ...fields, family: [] }, keys)))
  assert.doesNotMatch(quiet, /^family|perspective/m)
})

test('what is known and what is not', () => {
  const text = `onion-key\nntor-onion-key ${'A'.repeat(43)}\nid rsa1024 x\nid ed25519 ${'A'.repeat(43)}\na [2001:db8::1]:9001\na 192.0.2.1:1\nx-new 1\n`
  const read = parseMicrodescriptor(text)
  assert.deepEqual([read.orAddresses6, read.portSummary, read.family], [[{ address: '2001:db8::1', port: 9001 }], undefined, []])
  for (const bad of [
    text.replace('onion-key\n', ''),
    text.replace(/^ntor.*\n/m, ''),
    `${text}id ed25519 ${'B'.repeat(43)}\n`,
    text.replace('id ed25519 A', 'id ed25519 '),
    `${text}p 80\n`,
    '',
  ]) {
    assert.throws(() => parseMicrodescriptor(bad), MalformedError)
  }
})

test('breakage is survived', () => {
  const source = stockTor('microdescriptors')
  const [first] = splitMicrodescriptors(source)
  fc.assert(
    fc.property(mutations(first!), changed => {
      let digest: string | undefined
      if (survives(() => (digest = parseMicrodescriptor(changed).digest)))
        assert.ok(digest !== microdescriptorDigest(first!) || changed === first)
    }),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(mutations(source), changed => void splitMicrodescriptors(changed)),
    { numRuns: 100 },
  )
  assert.deepEqual(splitMicrodescriptors(`rubbish\n${first}`), [first])
})
