/** Chromium's and Electron's own switches that may stand among ours; they have been obeyed already. */
const CHROMIUM = [
  'disable-dev-shm-usage',
  'disable-features',
  'disable-gpu',
  'disable-gpu-compositing',
  'disable-gpu-sandbox',
  'disable-software-rasterizer',
  'enable-features',
  'enable-logging',
  'enable-wayland-ime',
  'force-device-scale-factor',
  'gtk-version',
  'high-dpi-support',
  'inspect',
  'lang',
  'no-sandbox',
  'original-process-start-time',
  'ozone-platform',
  'ozone-platform-hint',
  'password-store',
  'remote-debugging-port',
  'use-angle',
  'use-gl',
  'user-data-dir',
  'wayland-text-input-version',
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
