import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { platform } from 'node:os'

/** A firewall of this computer that refuses what no rule allows. */
export type HostFirewall = 'ufw' | 'firewalld'

const UFW_FILE = '/etc/ufw/ufw.conf'
const ASK_MS = 2000

/**
 * Whether one of the two usual firewalls of Linux is switched on. Their rules are for the administrator's eyes only, so whether they let our ports in is
 * not known. `undefined`: none of them, or another system. Never rejects.
 */
export async function hostFirewall(on: NodeJS.Platform = platform(), ufwFile = UFW_FILE): Promise<HostFirewall | undefined> {
  if (on !== 'linux') return undefined
  const ufw = await readFile(ufwFile, 'utf8').catch(() => '')
  if (isUfwOn(ufw)) return 'ufw'
  return (await isActive('firewalld')) ? 'firewalld' : undefined
}

/** The file is read by a shell: `ENABLED=yes`, in any case, the last such line counts. */
export function isUfwOn(file: string): boolean {
  const lines = [...file.slice(0, 10_000).matchAll(/^\s*ENABLED\s*=\s*["']?(\w+)/gim)]
  return lines.at(-1)?.[1]?.toLowerCase() === 'yes'
}

function isActive(service: string): Promise<boolean> {
  return new Promise(resolve =>
    execFile('systemctl', ['is-active', service], { timeout: ASK_MS, maxBuffer: 1000 }, (error, answer) =>
      resolve(!error && answer.trim() === 'active'),
    ),
  )
}

/** What an administrator types to let TCP ports in. */
export function allowCommand(firewall: HostFirewall, ports: readonly number[]): string {
  if (firewall === 'ufw') return `sudo ufw allow ${ports.join(',')}/tcp`
  const rules = ports.map(port => `--add-port=${port}/tcp`).join(' ')
  return `sudo firewall-cmd --permanent ${rules} && sudo firewall-cmd --reload`
}
