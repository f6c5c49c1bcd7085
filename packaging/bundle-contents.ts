import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { copyDataFiles, dataComponents } from './data-files.ts'
import { moduleOwner } from './module-owner.ts'
import { checkedComponents, noticesJson, noticesText, softwareBill } from './notices.ts'
import { lockedIntegrity, npmComponent } from './npm-package.ts'

/** The files about other people's work, beside each bundled main process. */
export const NOTICES_TEXT = 'THIRD-PARTY-LICENSES.txt'
export const NOTICES_JSON = 'notices.json'
export const SOFTWARE_BILL = 'sbom.cdx.json'

/** Sees which npm packages have code in what was really written: the module graph after tree shaking, not the lock file. */
export class BundleContents {
  readonly #root: string
  readonly #packages = new Map<string, Set<string>>()
  readonly plugin: Plugin

  constructor(root: string) {
    this.#root = root
    const note = (environment: string, ids: Iterable<string>) => this.#note(environment, ids)
    this.plugin = {
      name: 'bundle-contents',
      // One instance for all environments of a build.
      sharedDuringBuild: true,
      generateBundle(_options, bundle) {
        for (const part of Object.values(bundle)) {
          if (part.type !== 'chunk') continue
          const { modules } = part
          note(
            this.environment.name,
            Object.keys(modules).filter(id => modules[id]!.renderedLength > 0),
          )
        }
      },
    }
  }

  /**
   * Puts the data files, the licences of all that the environments hold, and a bill of it into a product's folder. Throws when something
   * may not be shipped or lacks its licence.
   */
  write(folder: string, environments: readonly string[]): void {
    const { name, version, license } = JSON.parse(readFileSync(join(this.#root, 'package.json'), 'utf8')) as Record<string, string>
    const integrity = lockedIntegrity(this.#root)
    const packages = new Set(environments.flatMap(environment => [...(this.#packages.get(environment) ?? [])]))
    const components = checkedComponents([
      ...[...packages].map(own => npmComponent(join(this.#root, 'node_modules', own))),
      ...dataComponents(),
    ]).map(component => ({ ...component, integrity: integrity(component.npm) }))
    mkdirSync(folder, { recursive: true })
    copyDataFiles(folder)
    writeFileSync(join(folder, NOTICES_TEXT), noticesText(components))
    writeFileSync(join(folder, SOFTWARE_BILL), softwareBill({ name: name!, version: version!, licence: license! }, components))
    // The last one: tools/build.mjs takes it as the sign that the build is whole.
    writeFileSync(join(folder, NOTICES_JSON), noticesJson(components))
  }

  #note(environment: string, ids: Iterable<string>): void {
    const packages = this.#packages.get(environment) ?? new Set()
    for (const id of ids) {
      const owner = moduleOwner(id, this.#root)
      if (owner !== undefined) packages.add(owner)
    }
    this.#packages.set(environment, packages)
  }
}
