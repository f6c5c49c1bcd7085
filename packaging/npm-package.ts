import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Component } from './component.ts'

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i

const BUNDLED = /^# Licenses of bundled dependencies$/m

/** What npm knows of an installed package. */
interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/**
 * An installed npm package as a component. Throws when it has no licence, or no file with its text: that is not ours to make up.
 * `own` says what the package itself says wrongly or not at all.
 */
export function npmComponent(folder: string, own: { licence?: string; texts?: RegExp } = {}): Component {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const licence = own.licence ?? manifest.license
  if (typeof licence !== 'string') throw new Error(`${manifest.name} names no licence`)
  const files = readdirSync(folder)
    .filter(name => (own.texts ?? LICENCE_FILE).test(name))
    .sort()
  if (files.length === 0) throw new Error(`${manifest.name} has no file with its licence`)
  const text = files.map(name => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim()).join('\n\n')
  // Build tools append the licences of what they are themselves made of; of that nothing is in what they build.
  const [itsOwn = text] = text.split(BUNDLED)
  return { name: manifest.name, version: manifest.version, npm: manifest.name, licence, text: itsOwn.trim() }
}

/** What npm installed, by its lock file: checksums, by the folder's path from the root (`node_modules/x`). */
export function lockedIntegrity(root: string): (name: string) => string | undefined {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>
  }
  return name => packages[`node_modules/${name}`]?.integrity
}
