// Finds the app as Electron does: the archive beside a packaged binary (STAND_IN_PACKAGE names its folder), else among the arguments, the
// first that is no switch: a folder with a package.json, or a script.
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const packaged = process.env.STAND_IN_PACKAGE
const archive = packaged && join(packaged, 'resources/app.asar')
if (archive) (await import('./asar-files.ts')).readThroughArchive(archive)
const path = archive || resolve(process.argv.slice(2).find(argument => !argument.startsWith('-')) ?? '.')
const isFolder = archive || statSync(path).isDirectory()
const main = isFolder ? join(path, JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).main) : path
// Electron's own argv has no script in it.
process.argv.splice(1, 1)
const { start } = await import('./app.ts')
// Chromium starts when the app's script has run to its end, what it awaits at its top level included.
await import(pathToFileURL(main).href)
start()
