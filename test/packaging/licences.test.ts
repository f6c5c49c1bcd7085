import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type Component, isAllowedLicence } from '../../packaging/component.ts'
import { DATA_FILES, dataComponents } from '../../packaging/data-files.ts'
import { moduleOwner } from '../../packaging/module-owner.ts'
import { checkedComponents, noticesJson, noticesText, softwareBill } from '../../packaging/notices.ts'
import { lockedIntegrity, npmComponent } from '../../packaging/npm-package.ts'
import { notices } from '../../shared/notices.ts'

const root = join(import.meta.dirname, '../..')

test('SPDX expressions: only what may be shipped', () => {
  for (const good of ['MIT', 'BSD-3-Clause', '(MIT OR GPL-2.0-only)', 'CC0-1.0 AND CC-BY-4.0', 'Apache-2.0 OR MIT'])
    assert.ok(isAllowedLicence(good), good)
  for (const bad of ['GPL-3.0-only', 'MIT AND GPL-2.0-only', 'UNLICENSED', '', 'mit', 'SEE LICENSE IN LICENSE', 'MIT WITH x', '((MIT))'])
    assert.ok(!isAllowedLicence(bad), bad)
})

describe('whose a bundled module is', () => {
  const owner = (id: string) => moduleOwner(id, '/home/a/vantage')
  test('a package, by the innermost node_modules; ours; a build tool', () => {
    assert.equal(owner('/home/a/vantage/node_modules/zod/v4/core.js'), 'zod')
    assert.equal(owner('/elsewhere/node_modules/x/node_modules/@noble/hashes/sha3.js?commonjs'), '@noble/hashes')
    assert.equal(owner('/home/a/vantage/main/app/app.ts'), undefined)
    assert.equal(owner('\0rolldown/runtime.js'), 'rolldown')
    assert.equal(owner('\0vite/modulepreload-polyfill.js'), 'vite')
    assert.equal(moduleOwner('C:\\v\\node_modules\\ws\\lib\\x.js', 'C:\\v'), 'ws')
    assert.equal(moduleOwner('C:\\v\\main\\x.ts', 'C:\\v'), undefined)
  })
  test('what cannot be placed is an error, not left out', () => {
    for (const id of ['\0some-plugin', '/home/a/vantage-other/x.ts', 'virtual:x']) assert.throws(() => owner(id), /a module/)
  })
})

describe('a package of npm', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vantage-licence-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const put = (files: Record<string, string | object>) => {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }

  test('its licence and all its texts', () => {
    put({
      'package.json': { name: 'x', version: '1.0.0', license: 'MIT' },
      'NOTICE.txt': 'notice\r\n',
      LICENSE: ' text \n',
      'license.js': '',
    })
    assert.deepEqual(npmComponent(folder), { name: 'x', version: '1.0.0', npm: 'x', licence: 'MIT', text: 'text\n\nnotice' })
  })
  test('a build tool: without the licences of what it is made of itself', () => {
    put({
      'package.json': { name: 'x', version: '1.0.0', license: 'MIT' },
      'LICENSE.md': '# x\nMIT\n\n# Licenses of bundled dependencies\n\n# y\nISC\n',
    })
    assert.equal(npmComponent(folder).text, '# x\nMIT')
  })
  test('without a licence or its text: an error', () => {
    put({ 'package.json': { name: 'x', version: '1.0.0', license: 'MIT' } })
    assert.throws(() => npmComponent(folder), /x has no file with its licence/)
    put({ 'package.json': { name: 'x', version: '1.0.0' }, LICENSE: 'text' })
    assert.throws(() => npmComponent(folder), /x names no licence/)
  })
})

describe('the notices', () => {
  const zod: Component = { name: 'zod', version: '1.2.3', npm: 'zod', licence: 'MIT', text: 'MIT License', integrity: 'sha512-AAEC' }
  const noble: Component = { name: '@noble/x', version: '2.0.0', npm: '@noble/x', licence: 'MIT', text: 'other text' }

  test('are in order, and refuse what may not be shipped', () => {
    assert.deepEqual(checkedComponents([zod, noble]), [noble, zod])
    assert.throws(() => checkedComponents([zod, { ...noble, licence: 'GPL-3.0-only' }]), /not to be shipped: @noble\/x \(GPL-3.0-only\)/)
  })
  test('say everything, to people and to the About page', () => {
    const text = noticesText([noble, zod])
    for (const part of ['zod 1.2.3: MIT', 'MIT License', '@noble/x 2.0.0: MIT', 'other text']) assert.ok(text.includes(part), part)
    assert.deepEqual(
      notices.parse(JSON.parse(noticesJson([zod]))).components.map(({ name, text: own }) => [name, own]),
      [['zod', 'MIT License']],
    )
  })
  test('the bill names each component with its checksum, the same bytes each time', () => {
    const product = { name: 'vantage', version: '0.1.0', licence: 'BSD-3-Clause' }
    const bill = softwareBill(product, [noble, zod])
    assert.equal(bill, softwareBill(product, [noble, zod]))
    const { components, dependencies } = JSON.parse(bill)
    assert.deepEqual(
      components.map((component: { purl: string }) => component.purl),
      ['pkg:npm/%40noble/x@2.0.0', 'pkg:npm/zod@1.2.3'],
    )
    assert.deepEqual(components[1].hashes, [{ alg: 'SHA-512', content: '000102' }])
    assert.deepEqual(dependencies, [{ ref: 'product', dependsOn: ['pkg:npm/%40noble/x@2.0.0', 'pkg:npm/zod@1.2.3'] }])
  })
})

test('the data that is shipped names its makers, and what of it may be kept to', () => {
  const components = dataComponents()
  assert.equal(components.length, DATA_FILES.length)
  assert.doesNotThrow(() => checkedComponents(components))
  for (const { name, licence, text } of components)
    if (licence.includes('CC-BY')) assert.match(text, /https:\/\/creativecommons\.org\/licenses\/by\//, name)
  assert.match(components.find(({ name }) => name.includes('country'))!.text, /Number Resource Organization/)
})

test('every package that the program asks for has a licence that may be shipped, with its text, and a checksum in the lock file', async () => {
  const { dependencies } = (await import('../../package.json', { with: { type: 'json' } })).default
  const integrity = lockedIntegrity(root)
  const data = new Set(DATA_FILES.map(({ npm }) => npm))
  for (const name of Object.keys(dependencies)) {
    assert.match(integrity(name) ?? '', /^sha512-/, name)
    if (!data.has(name)) assert.doesNotThrow(() => checkedComponents([npmComponent(join(root, 'node_modules', name))]), name)
  }
})
