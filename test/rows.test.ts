import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

// Rows S1–S30 (what the proposal of 2008 says) and T1–T22 (threats) of the features list: tests are named after the rows that they show.
const rows = [...Array.from({ length: 30 }, (_, i) => `S${i + 1}`), ...Array.from({ length: 22 }, (_, i) => `T${i + 1}`)]
/** The name of a test or of a group of tests, up to the colon behind the rows: `test('S6 T1: …`. */
const TITLE = /\b(?:test|describe)\(\s*['"`]((?:[A-Z]\d{1,2} )*[A-Z]\d{1,2}):/g

test('every statement of the proposal and every threat has a test that is named after it', () => {
  const named = new Map<string, Set<string>>()
  for (const name of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue
    for (const [, list] of readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(TITLE)) {
      for (const row of list!.split(' ')) named.set(row, (named.get(row) ?? new Set()).add(name))
    }
  }
  assert.deepEqual(
    rows.filter(row => !named.has(row)),
    [],
    'rows without a test',
  )
  const attacks = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'T10', 'T11', 'T12', 'T14', 'T16', 'T17']
  const inNamespaces = (row: string) => [...named.get(row)!].some(name => name.startsWith('netns'))
  assert.deepEqual(
    attacks.filter(row => !inNamespaces(row)),
    [],
    'attacks that are not tried between separate hosts',
  )
  // What a person sees (S2, S4, S13) is shown where there is a window; S16 and S22 by what is on the wire.
  assert.deepEqual(
    rows.filter(row => row.startsWith('S') && !inNamespaces(row)),
    ['S2', 'S4', 'S13', 'S16', 'S22'],
    'statements that are not shown between separate hosts',
  )
})
