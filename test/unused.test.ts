import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { calls } from '../shared/ipc.ts'
import { PROBLEM_CODES } from '../shared/problem.ts'

const root = resolve(import.meta.dirname, '..')

/** The text of every file below some folders whose path is as asked. */
function textOf(folders: readonly string[], asked: RegExp): string {
  const files = folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
  )
  return files
    .filter(file => asked.test(file))
    .map(file => readFileSync(join(root, file), 'utf8'))
    .join('\n')
}

/** The name stands there by itself, not as a part of another one. */
const stands = (name: string, text: string) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text)

const main = textOf(['main'], /\.ts$/)
const renderer = textOf(['renderer'], /^(?!renderer\/i18n\/(en|de|ar)).*\.tsx?$/)

test('every problem that has words is told by somebody', () => {
  assert.deepEqual(
    PROBLEM_CODES.filter(code => !main.includes(`'${code}'`)),
    [],
  )
})

test('every call of the contract is made by the window', () => {
  assert.deepEqual(
    Object.keys(calls).filter(name => !renderer.includes(`'${name}'`)),
    [],
  )
})

test('every class of the style sheets is used', () => {
  const sheets = textOf(['renderer'], /\.css$/).replace(/\/\*[\s\S]*?\*\/|url\([^)]*\)/g, '')
  const classes = new Set([...sheets.matchAll(/\.([a-zA-Z][\w-]*)/g)].map(([, name]) => name!))
  assert.ok(classes.size > 100)
  assert.deepEqual(
    [...classes].filter(name => !stands(name, renderer) && !stands(name, main)),
    [],
  )
})

test('every word of the catalogues is said', () => {
  const catalogue = textOf(['renderer', 'shared'], /^(renderer\/i18n\/en(\/.*)?|shared\/words\/en)\.ts$/)
  const keys = new Set([...catalogue.matchAll(/^\s+(?:'([^']+)'|([a-zA-Z]\w*))[:(]/gm)].map(([, quoted, bare]) => (quoted ?? bare)!))
  assert.ok(keys.size > 500)
  const saying = `${renderer}\n${main}\n${textOf(['shared'], /^(?!shared\/words\/(en|de|ar)).*\.ts$/)}`
  assert.deepEqual(
    [...keys].filter(key => !stands(key, saying)),
    [],
  )
})
