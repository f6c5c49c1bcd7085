import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { STAND_IN } from '../e2e/launch.ts'

/** The sentinel, version 1, nine fuses, all on (electron/electron docs/tutorial/fuses.md). */
const FUSES = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x09${'1'.repeat(9)}`
/** Of Chromium's languages two that the app speaks and one that it does not. */
const LANGUAGES = ['en-US', 'ar', 'fr']
const PLIST = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>CFBundleIdentifier</key><string>com.github.Electron</string></dict></plist>
`

/** A program for Windows with version information, which is what electron-builder writes its checksum into: a tool that npm installed. */
function windowsProgram(): Buffer {
  const require = createRequire(import.meta.url)
  return readFileSync(join(dirname(require.resolve('electron-winstaller/package.json')), 'vendor/rcedit.exe'))
}

/**
 * Makes what electron-builder takes for an unpacked Electron: the files that it renames, edits and counts on, with fuses to burn. The one
 * for Linux runs what it lies beside on the stand-in; the other two run nowhere.
 */
export function makeStandInDist(folder: string, platform: 'linux' | 'win' | 'mac'): void {
  const put = (path: string, content: string | Buffer = '') => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  put('version', 'v45.4.1')
  put('LICENSE', 'of Electron')
  put('LICENSES.chromium.html', 'of Chromium')
  if (platform === 'mac') return putMac(folder, put)
  for (const language of LANGUAGES) put(`locales/${language}.pak`)
  mkdirSync(join(folder, 'resources'))
  if (platform === 'win') return put('electron.exe', Buffer.concat([windowsProgram(), Buffer.from(FUSES, 'latin1')]))
  put(
    'electron',
    `#!/usr/bin/env bash
# ${FUSES}
export STAND_IN_PACKAGE=$(dirname "$(readlink -f "\${BASH_SOURCE[0]}")")
exec '${STAND_IN}' "$@"
`,
  )
  chmodSync(join(folder, 'electron'), 0o755)
}

function putMac(folder: string, put: (path: string, content?: string) => void): void {
  const contents = 'Electron.app/Contents'
  const framework = `${contents}/Frameworks/Electron Framework.framework`
  put(`${contents}/Info.plist`, PLIST)
  put(`${contents}/MacOS/Electron`)
  put(`${contents}/Resources/electron.icns`)
  for (const kind of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
    put(`${contents}/Frameworks/Electron Helper${kind}.app/Contents/Info.plist`, PLIST)
    put(`${contents}/Frameworks/Electron Helper${kind}.app/Contents/MacOS/Electron Helper${kind}`)
  }
  put(`${framework}/Versions/A/Electron Framework`, FUSES)
  symlinkSync('Versions/A/Electron Framework', join(folder, framework, 'Electron Framework'))
  for (const language of LANGUAGES) put(`${framework}/Versions/A/Resources/${language.slice(0, 2)}.lproj/locale.pak`)
}
