import { isAbsolute, join, resolve } from 'node:path'
import { sha256 } from '../crypto/digest.ts'
import type { NetworkOption } from './app-options.ts'

/** What the default folder depends on; `process` gives one. */
export interface FolderEnvironment {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/**
 * The data folder when none is named: the user's application data folder of the operating system, one per network, so that a relay's
 * identity never wanders from one network into another.
 *
 *     Linux    $XDG_DATA_HOME or ~/.local/share, /vantage/<network>
 *     macOS    ~/Library/Application Support/Vantage/<network>
 *     Windows  %LOCALAPPDATA%\Vantage\<network>   (not the roaming folder: one identity on two machines would ruin it)
 *
 * where <network> is `tor`, `practice`, or `file-` and twelve hex digits of SHA-256 over the file's path.
 */
export function defaultDataFolder(network: NetworkOption, { platform, env, home }: FolderEnvironment): string {
  const name = network.kind === 'file' ? `file-${sha256(Buffer.from(resolve(network.path))).toString('hex', 0, 6)}` : network.kind
  switch (platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Vantage', name)
    case 'win32':
      return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Vantage', name)
    default: {
      // The XDG specification tells us to ignore a relative path.
      const data = env['XDG_DATA_HOME']
      return join(data !== undefined && isAbsolute(data) ? data : join(home, '.local', 'share'), 'vantage', name)
    }
  }
}
