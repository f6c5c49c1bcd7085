// Finds the app among the arguments as Electron does, the first that is no switch: a folder with a package.json, or a script.
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const named = process.argv.slice(2).find(argument => !argument.startsWith('-'))
const path = resolve(named ?? '.')
const main = statSync(path).isDirectory() ? join(path, JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).main) : path
// Electron's own argv has no script in it.
process.argv.splice(1, 1)
const { start } = await import('./app.ts')
start()
await import(pathToFileURL(main).href)
