import { type Component, isAllowedLicence } from './component.ts'

const RULE = '='.repeat(80)
const byName = (a: Component, b: Component) => (a.name < b.name ? -1 : 1)

/** The components in the order of their names. Throws when one may not be shipped. */
export function checkedComponents(components: readonly Component[]): Component[] {
  const refused = components.filter(({ licence }) => !isAllowedLicence(licence))
  if (refused.length > 0) throw new Error(`not to be shipped: ${refused.map(({ name, licence }) => `${name} (${licence})`).join(', ')}`)
  return [...components].sort(byName)
}

/** THIRD-PARTY-LICENSES.txt */
export function noticesText(components: readonly Component[]): string {
  const list = components.map(({ name, version, licence }) => `  ${name} ${version}: ${licence}`)
  const texts = components.map(({ name, version, licence, text }) => `${RULE}\n${name} ${version}\n${licence}\n${RULE}\n\n${text}\n`)
  return [
    'Vantage itself is under the BSD 3-Clause licence (LICENSE). It holds the work of others, with thanks:\n',
    `${list.join('\n')}\n`,
    ...texts,
  ].join('\n')
}

/** The same for the About page. */
export function noticesJson(components: readonly Component[]): string {
  return `${JSON.stringify({ components: components.map(({ name, version, licence, text }) => ({ name, version, licence, text })) })}\n`
}

/** A CycloneDX 1.6 bill of materials; the same components always give the same bytes. */
export function softwareBill(product: { name: string; version: string; licence: string }, components: readonly Component[]): string {
  const entry = ({ name, version, npm, licence, integrity }: Component) => {
    const url = `pkg:npm/${npm.replace('@', '%40')}@${version}`
    return {
      type: licence.startsWith('CC') ? 'data' : 'library',
      'bom-ref': url,
      name,
      version,
      licenses: [/ (AND|OR) /.test(licence) ? { expression: licence } : { license: { id: licence } }],
      ...(integrity?.startsWith('sha512-')
        ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') }] }
        : {}),
      purl: url,
    }
  }
  const { name, version, licence } = product
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': 'product', name, version, licenses: [{ license: { id: licence } }] } },
    components: components.map(entry),
    dependencies: [{ ref: 'product', dependsOn: components.map(component => entry(component)['bom-ref']) }],
  }
  return `${JSON.stringify(bill, undefined, 2)}\n`
}
