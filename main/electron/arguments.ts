/** Chromium's and Electron's own switches that may stand among ours; they have been obeyed already. */
const CHROMIUM = [
  'disable-gpu',
  'disable-software-rasterizer',
  'enable-features',
  'enable-logging',
  'force-device-scale-factor',
  'inspect',
  'lang',
  'no-sandbox',
  'original-process-start-time',
  'ozone-platform',
  'ozone-platform-hint',
  'remote-debugging-port',
  'user-data-dir',
]

/**
 * The app's own arguments of a command line: behind the program in an installed app, behind the app's folder in a checkout
 * (`electron [switches] . --data DIR`).
 */
export function applicationArguments(argv: readonly string[], isPackaged: boolean): string[] {
  const rest = argv.slice(1)
  const own = isPackaged ? rest : rest.slice(rest.findIndex(argument => !argument.startsWith('-')) + 1)
  return own.filter(argument => !CHROMIUM.some(name => argument === `--${name}` || argument.startsWith(`--${name}=`)))
}
