import { plainText } from '../../shared/format.ts'
import type { Problem } from '../../shared/problem.ts'
import { type CommandLine, type CommandLineEnvironment, parseCommandLine, UsageError, usage } from './command-line.ts'
import { askRunningApp, NotRunningError } from './control.ts'
import { terminalJson } from './json-events.ts'

/** How long `stop` waits for a running app, and `status` for its answer. */
const STOP_MS = 15_000
const STATUS_MS = 5_000

/** Standard output and error; each call is whole lines. */
export interface Terminal {
  stdout(text: string): void
  stderr(text: string): void
}

/** Reads the command line and does what needs no app of our own. Answers with what is to be run, or the exit code when all is done. */
export async function beginHost(
  argv: readonly string[],
  environment: CommandLineEnvironment,
  terminal: Terminal,
): Promise<(CommandLine & { command: 'run' }) | number> {
  let line: CommandLine
  try {
    line = parseCommandLine(argv, environment)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    terminal.stderr(`vantage: ${error.message} (--help lists the options)\n`)
    return 2
  }
  switch (line.command) {
    case 'run':
      return line
    case 'help':
      terminal.stdout(usage(environment.program))
      return 0
    case 'status':
    case 'stop':
      return ask(line.command, line.dataFolder, terminal)
    default:
      return line satisfies never
  }
}

async function ask(command: 'status' | 'stop', folder: string, terminal: Terminal): Promise<number> {
  try {
    const result = await askRunningApp(folder, command, command === 'stop' ? STOP_MS : STATUS_MS)
    terminal.stdout(`${terminalJson(result ?? { stopped: true }, 2)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error
    terminal.stderr(`vantage: nothing runs on ${folder}: ${error.message}\n`)
    return 1
  }
}

/** A problem for the terminal: its code with the facts, "port-in-use (port: 9001)". */
export function problemText({ code, detail }: Problem): string {
  const facts = Object.entries(detail).map(([name, value]) => `${name}: ${plainText(String(value), 500)}`)
  return facts.length === 0 ? code : `${code} (${facts.join(', ')})`
}
