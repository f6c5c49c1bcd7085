import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')

/** The house from the ground up: a file may import its own layer and those before it. */
const LAYERS = [
  'main/lib',
  'main/crypto',
  'main/cell',
  'main/document',
  'main/net',
  'main/channel',
  'main/circuit',
  'main/directory',
  'main/relay',
  'main/perspective',
  'main/practice',
  'main/app',
  'main/electron',
  'main/headless',
] as const
const MAY_IMPORT_SHARED = new Set(['main/app', 'main/electron', 'main/headless'])
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g

function layerOf(path: string): string {
  return LAYERS.find(layer => path.startsWith(`${layer}/`)) ?? path.split('/')[0]!
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  if (from === 'shared') return false
  if (from === 'renderer') return to === 'shared'
  if (to === 'shared') return MAY_IMPORT_SHARED.has(from)
  if (from === 'main/headless' && to === 'main/electron') return false
  const [a, b] = [LAYERS.indexOf(from as never), LAYERS.indexOf(to as never)]
  return a >= 0 && b >= 0 && b < a
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(ts|tsx|cts|mts)$/.test(name))
    .map(name => join(folder, name))
}

const files = ['main', 'shared', 'renderer'].flatMap(sources)

test('every import goes to its own layer or one nearer the ground', () => {
  const wrong: string[] = []
  for (const file of files) {
    const from = layerOf(file)
    if (file.startsWith('main/') && !LAYERS.includes(from as never)) wrong.push(`${file} lies in no known layer`)
    for (const match of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
      const name = (match[1] ?? match[2] ?? match[3])!
      if (name.startsWith('.')) {
        const to = layerOf(relative(root, resolve(root, dirname(file), name)))
        if (!mayImport(from, to)) wrong.push(`${file} (${from}) may not import ${name} (${to})`)
      } else if (from === 'shared' && !/^zod(\/|$)/.test(name)) wrong.push(`${file} may import only the schema library, not ${name}`)
      else if (/^electron(\/|$)/.test(name) && from !== 'main/electron') wrong.push(`${file} may not import electron`)
      else if (from === 'renderer' && name.startsWith('node:')) wrong.push(`${file} may not import ${name}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the layer table is complete: every folder of main is in it', () => {
  const folders = readdirSync(join(root, 'main'), { withFileTypes: true }).filter(entry => entry.isDirectory())
  assert.deepEqual(folders.map(entry => `main/${entry.name}`).sort(), [...LAYERS].sort())
})

/** What is there when a program runs: an import of types alone is gone by then. */
const VALUE_IMPORT = /^(?:import|export)\s+(?!type\b)([^'"]*?)\s*from\s*['"](\.[^'"]+)['"]/gm

test('no files import each other in a circle, but for their types', () => {
  const imports = new Map<string, string[]>()
  for (const file of files) {
    const found = [...readFileSync(join(root, file), 'utf8').matchAll(VALUE_IMPORT)]
    const values = found.filter(([, clause]) => !/^\{(\s*type\s[^,]*,?)+\}$/.test(clause!.trim()))
    imports.set(
      file,
      values.map(([, , name]) => relative(root, resolve(root, dirname(file), name!))),
    )
  }
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
    else if (!done.has(file)) {
      for (const next of imports.get(file) ?? []) walk(next, [...way, file])
      done.add(file)
    }
  }
  for (const file of files) walk(file, [])
  assert.deepEqual(circles, [])
})
