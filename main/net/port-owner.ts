import { execFile } from 'node:child_process'
import { open, readdir, readlink } from 'node:fs/promises'
import { platform } from 'node:os'
import { basename, join } from 'node:path'

/** Who listens at a port of this computer, as far as the system tells a program without rights. Names are the other program's own words. */
export interface PortOwner {
  readonly pid?: number
  readonly program?: string
  /** The account it runs under, when its process is not ours to look into. */
  readonly user?: string
}

/** Bounds on what is read of other programs: bytes of one file, processes, open files of one process. */
const MAX_BYTES = 1 << 20
const MAX_PROCESSES = 4096
const MAX_FILES = 2048
const MAX_NAME = 60
const ASK_MS = 2000
/** TCP_LISTEN of the kernel's include/net/tcp_states.h. */
const LISTENING = '0A'

/** Asks the system who listens at a TCP port. `undefined`: nobody does, it does not tell, or this system is not asked (Windows). Never rejects. */
export async function portOwner(port: number, on: NodeJS.Platform = platform()): Promise<PortOwner | undefined> {
  try {
    if (on === 'linux') return await linuxPortOwner(port)
    if (on === 'darwin') return readLsof(await askLsof(port))
  } catch {
    // It was only a question.
  }
  return undefined
}

/** From `/proc/net/tcp` and `tcp6`, and the open files of the processes that are ours to look into. */
export async function linuxPortOwner(port: number, root = '/'): Promise<PortOwner | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map(name => firstBytes(join(root, 'proc/net', name))))
  const sockets = tables.flatMap(table => listenersAt(table, port))
  if (sockets.length === 0) return undefined
  const targets = new Set(sockets.map(({ inode }) => `socket:[${inode}]`))
  const pids = (await readdir(join(root, 'proc')).catch(() => [])).filter(name => /^\d+$/.test(name)).slice(0, MAX_PROCESSES)
  for (const pid of pids) {
    const folder = join(root, 'proc', pid)
    const files = (await readdir(join(folder, 'fd')).catch(() => [])).slice(0, MAX_FILES)
    for (const file of files) {
      const target = await readlink(join(folder, 'fd', file)).catch(() => '')
      if (!targets.has(target)) continue
      return { pid: Number(pid), ...(await programOf(folder)) }
    }
  }
  const user = userName(await firstBytes(join(root, 'etc/passwd')), sockets[0]!.uid)
  return user === undefined ? undefined : { user }
}

/** The name of the file that runs; else what the process calls itself, which with some is the name of a thread. */
async function programOf(folder: string): Promise<Pick<PortOwner, 'program'>> {
  const path = await readlink(join(folder, 'exe')).catch(() => '')
  const name = basename(path).replace(/ \(deleted\)$/, '') || (await firstBytes(join(folder, 'comm'))).trim()
  return name === '' ? {} : { program: name.slice(0, MAX_NAME) }
}

/**
 * The lines of proc_net_tcp(5) that listen at a port: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`, addresses and ports in
 * hexadecimal.
 */
function listenersAt(table: string, port: number): { uid: number; inode: string }[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap(line => {
    const fields = line.trim().split(/\s+/)
    const [local, state, uid, inode] = [fields[1], fields[3], fields[7], fields[9]]
    const fits = local?.endsWith(wanted) && state === LISTENING && /^\d+$/.test(uid ?? '') && /^[1-9]\d*$/.test(inode ?? '')
    return fits ? [{ uid: Number(uid), inode: inode! }] : []
  })
}

/** Of `/etc/passwd`: `name:password:uid:…`. */
function userName(passwd: string, uid: number): string | undefined {
  const line = passwd.split('\n').find(entry => entry.split(':')[2] === String(uid))
  return line?.split(':')[0]?.slice(0, MAX_NAME)
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ''
  try {
    const parts: Buffer[] = []
    let size = 0
    while (size < MAX_BYTES) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(1 << 16, MAX_BYTES - size)), 0)
      if (bytesRead === 0) break
      parts.push(buffer.subarray(0, bytesRead))
      size += bytesRead
    }
    return Buffer.concat(parts).toString('utf8')
  } finally {
    await file.close()
  }
}

function askLsof(port: number): Promise<string> {
  const question = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']
  return new Promise((resolve, reject) =>
    execFile('/usr/sbin/lsof', question, { timeout: ASK_MS, maxBuffer: 1 << 16 }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    ),
  )
}

/** What `lsof -Fpc` prints: a line `p` and the process, then a line `c` and its command. */
export function readLsof(text: string): PortOwner | undefined {
  const [, pid, program] = /^p(\d{1,10})\nc([^\n]*)/m.exec(text) ?? []
  return pid === undefined ? undefined : { pid: Number(pid), program: program!.slice(0, MAX_NAME) }
}
