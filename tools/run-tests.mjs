// Runs the tests under Node 24: the types, the lint, then the files of test/ in groups, and ends with the one true line
// "N passed, N failed, N skipped". Every test of a file counts, and so does a file that cannot be run.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const filters = process.argv.slice(2)
const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => ending.abort())

/** What a test file may take, in ms, before it is ended and counts as failed. */
const MINUTE = 60_000
/**
 * The groups in their order; a file is of the first one that it fits. Those in namespaces measure a line's speed, so they run alone.
 * @type {{ name: string, fits: (file: string) => boolean, concurrency: number, timeout: number }[]}
 */
const GROUPS = [
  {
    name: 'quick',
    fits: file => !/^(interop|netns|e2e)\//.test(file),
    concurrency: Math.max(1, availableParallelism()),
    timeout: 3 * MINUTE,
  },
  { name: 'with stock tor', fits: file => file.startsWith('interop/'), concurrency: 2, timeout: 10 * MINUTE },
  { name: 'in network namespaces', fits: file => file.startsWith('netns/'), concurrency: 1, timeout: 5 * MINUTE },
  { name: 'the window', fits: file => file.startsWith('e2e/ui-'), concurrency: 2, timeout: 5 * MINUTE },
  { name: 'from end to end', fits: () => true, concurrency: 2, timeout: 10 * MINUTE },
]
/** Not run by npm test. */
const OTHER_FOLDERS = ['bench', 'soak']

const counts = { passed: 0, failed: 0, skipped: 0 }
/** @type {string[]} */
const failures = []
/** @type {string[]} */
const skips = []

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`)
}

/** @param {number} ms */
const seconds = ms => `${(ms / 1000).toFixed(1)} s`

/**
 * A program whose success is a test.
 * @param {string} name @param {string[]} command
 */
async function check(name, command) {
  const started = performance.now()
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal: ending.signal })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => {
      output += text
    })
  const code = await new Promise(resolve => child.on('error', () => resolve(-1)).on('close', resolve))
  const good = code === 0
  counts[good ? 'passed' : 'failed']++
  print(`${good ? '✔' : '✖'} ${name} (${seconds(performance.now() - started)})`)
  if (!good) failures.push(`${name}\n${output.trimEnd()}`)
}

/** @returns {string[]} every test file, relative to test/ */
function testFiles() {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map(name => name.replaceAll('\\', '/'))
    .filter(name => name.endsWith('.test.ts') && !OTHER_FOLDERS.includes(name.split('/')[0] ?? ''))
    .sort()
}

/** @param {any} error @returns {string} */
function words(error) {
  const cause = error?.cause ?? error
  return String(cause?.stack ?? cause?.message ?? cause)
}

/** @param {(typeof GROUPS)[number]} group @param {string[]} files */
async function runGroup(group, files) {
  print(`\n${group.name}: ${files.length} files`)
  /** @type {Map<string, string>} */
  const output = new Map()
  const stream = run({
    files: files.map(name => join(root, 'test', name)),
    concurrency: group.concurrency,
    timeout: group.timeout,
    signal: ending.signal,
    cwd: root,
  })
  /** @param {string | undefined} file */
  const nameOf = file => (file ? relative(root, file) : '?')
  for (const event of ['test:stdout', 'test:stderr'])
    stream.on(event, ({ file, message }) => output.set(file, `${output.get(file) ?? ''}${message}`.slice(-20_000)))
  /** A file that has no tests, or broke before its first one, is reported as a test with the file's name. @param {string} name */
  const isFile = name => name.startsWith(root)
  /** @param {string | undefined} file */
  const written = file => (output.has(file) ? `\n${output.get(file)?.trimEnd()}` : '')
  stream.on('test:pass', ({ file, name, skip, todo }) => {
    const reason = skip ?? todo
    if (reason !== undefined) skips.push(`${nameOf(file)}: ${name}${typeof reason === 'string' ? `: ${reason}` : ''}`)
    if (!isFile(name)) return
    counts.passed--
    counts.failed++
    failures.push(`${nameOf(name)} holds no tests${written(name)}`)
  })
  stream.on('test:fail', ({ file, name, details }) => {
    if (isFile(name)) failures.push(`${nameOf(name)} could not be run\n${words(details.error)}${written(name)}`)
    // A suite fails because a test in it did, which is said by itself.
    else if (details.error?.failureType !== 'subtestsFailed') failures.push(`${nameOf(file)}: ${name}\n${words(details.error)}`)
  })
  stream.on('test:summary', ({ file, counts: of, duration_ms: duration }) => {
    if (file === undefined) {
      counts.passed += of.passed
      counts.failed += of.tests - of.passed - of.skipped - of.todo
      counts.skipped += of.skipped + of.todo
      return
    }
    const bad = of.tests - of.passed - of.skipped - of.todo
    print(`${bad === 0 ? '✔' : '✖'} ${nameOf(file)} (${of.tests} tests${bad ? `, ${bad} failed` : ''}, ${seconds(duration)})`)
    if (bad > 0 && output.has(file)) failures.push(`${nameOf(file)} wrote${written(file)}`)
  })
  stream.resume()
  await new Promise(resolve => stream.once('close', resolve))
}

const wanted = testFiles().filter(name => filters.length === 0 || filters.some(part => `test/${name}`.includes(part)))
if (filters.length === 0) {
  await check('types (tsc)', ['node_modules/typescript/bin/tsc', '-p', '.'])
  await check('format and lint (biome)', ['node_modules/@biomejs/biome/bin/biome', 'check', '.'])
}
for (const group of GROUPS) {
  const files = wanted.filter(name => GROUPS.find(({ fits }) => fits(name)) === group)
  if (files.length > 0 && !ending.signal.aborted) await runGroup(group, files)
}

if (failures.length > 0) print(`\nFailed:\n\n${failures.join('\n\n')}`)
if (skips.length > 0) print(`\nSkipped:\n${skips.map(text => `  ${text}`).join('\n')}`)
if (ending.signal.aborted) print('\nInterrupted.')
if (counts.passed === 0) print('\nNo test has passed.')
print(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 && counts.passed > 0 && !ending.signal.aborted ? 0 : 1
