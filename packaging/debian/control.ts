/** What the package says of itself (deb-control(5)). */
export interface DebianPackage {
  readonly version: string
  /** Debian's name: amd64, arm64. */
  readonly architecture: string
  /** KiB, rounded up. */
  readonly installedSize: number
}

export const PACKAGE_NAME = 'vantage-headless'
/** Nobody reads mail for it: a name that can never be somebody's. */
const MAINTAINER = 'The Vantage developers <developers@vantage.invalid>'

/** Debian's names of what Node calls `process.arch`. */
export const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** The control file. `Depends` is what the Node in it is linked to (objdump -T: GLIBC_2.28, GLIBCXX_3.4.21). */
export function controlFile({ version, architecture, installedSize }: DebianPackage): string {
  return `Package: ${PACKAGE_NAME}
Version: ${version}
Section: net
Priority: optional
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${installedSize}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)
Conflicts: vantage
Description: Tor relay with perspective access, without a window
 Makes this computer a relay that the Tor network can use and, when the
 directory authorities call it stable, lets its owner see the web through
 the relays of other members: in one hop, which is fast and not anonymous.
 .
 This package holds the headless host with its own Node.js, a systemd user
 unit, and the same user interface as the desktop app, for a browser.
`
}

/** For lintian: Node is the file of the npm package, unchanged, so that anybody can compare the two. */
export const LINTIAN_OVERRIDES = `${PACKAGE_NAME}: embedded-library * [usr/lib/vantage/node]
${PACKAGE_NAME}: unstripped-binary-or-object [usr/lib/vantage/node]
${PACKAGE_NAME}: hardening-no-pie [usr/lib/vantage/node]
`

/** changelog in Debian's form; `date` as RFC 5322. */
export function changelog(version: string, date: string): string {
  return `${PACKAGE_NAME} (${version}) unstable; urgency=medium

  * Made from the sources of Vantage ${version}.

 -- ${MAINTAINER}  ${date}
`
}

/** copyright in Debian's machine-readable form: our licence in full, and where the others' are. */
export function copyrightFile(licence: string): string {
  const body = licence
    .trim()
    .split('\n')
    .slice(1)
    .join('\n')
    .trim()
    .split('\n')
    .map(line => (line.trim() === '' ? ' .' : ` ${line}`))
    .join('\n')
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Vantage
Comment: The package also holds the work of others, among it Node.js. Each component,
 its licence and its text are in THIRD-PARTY-LICENSES.txt in this folder, and a
 machine-readable list is in sbom.cdx.json.

Files: *
Copyright: The Vantage developers
License: BSD-3-Clause
${body}
`
}
