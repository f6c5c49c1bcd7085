import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readFileIfPresent } from '../lib/files.ts'

const NAME = 'vantage.desktop'

/** The autostart folder of this user (XDG Desktop Application Autostart Specification). */
export function autostartFile(environment: NodeJS.ProcessEnv, home: string): string {
  const config = environment['XDG_CONFIG_HOME']
  return join(config?.startsWith('/') ? config : join(home, '.config'), 'autostart', NAME)
}

/**
 * One argument of an Exec line, quoted as the Desktop Entry Specification wants it; on top of that a backslash stands doubled in every string of a
 * desktop file, and a percent sign too, lest it be read as a field code.
 */
function quoted(argument: string): string {
  const inner = argument.replace(/["`$\\]/g, '\\$&')
  return `"${inner}"`.replaceAll('\\', '\\\\').replaceAll('%', '%%')
}

/** A desktop entry that starts the command with the session. Throws for what no line can hold. */
export function desktopEntry(command: readonly string[]): string {
  if (command.some(part => /[\n\r\0]/.test(part))) throw new Error('a line break in the command')
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.0',
    'Name=Vantage',
    'Comment=Starts your Tor relay',
    `Exec=${command.map(quoted).join(' ')}`,
    'Icon=vantage',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

/** Whether the entry is there and not switched off: desktops switch it off by a line of their own. */
export async function isAutostartOn(file: string): Promise<boolean> {
  const text = String((await readFileIfPresent(file)) ?? '')
  return text !== '' && !/^(Hidden|NoDisplay)\s*=\s*true\s*$/m.test(text) && !/^X-GNOME-Autostart-enabled\s*=\s*false\s*$/m.test(text)
}

/** Writes or removes the entry. Rejects with the system's error. */
export async function setAutostart(file: string, command: readonly string[] | undefined): Promise<void> {
  if (command === undefined) return rm(file, { force: true })
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, desktopEntry(command))
}

/** What must not be said again at the next login: it belongs to this start. */
const NOT_AGAIN = ['--hidden', '--json', '--headless']

/** The same without the tray, for Electron's `app.relaunch`. */
export function startCommand([execPath, ...args]: readonly [string, ...string[]]): { readonly execPath: string; readonly args: string[] } {
  return { execPath, args: args.filter(argument => argument !== '--hidden') }
}

/** Program and arguments that start this app again, in the tray: of an AppImage the file itself, not the folder it is unpacked to for now. */
export function loginCommand(facts: {
  readonly appImage: string | undefined
  readonly program: string
  readonly isPackaged: boolean
  readonly appPath: string
  /** The app's own arguments of now. */
  readonly own: readonly string[]
}): readonly [program: string, ...rest: string[]] {
  const own = [...facts.own.filter(argument => !NOT_AGAIN.includes(argument)), '--hidden']
  if (facts.isPackaged) return [facts.appImage ?? facts.program, ...own]
  return [facts.program, facts.appPath, ...own]
}
