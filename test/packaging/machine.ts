import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const HOME = '/home/friend'
const UID = '4242'
const RUNTIME = `/run/user/${UID}`
/** Where systemd keeps its tree: the one of version 2 alone, or beside those of version 1. */
const CGROUPS = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified']
const ENVIRONMENT = [`HOME=${HOME}`, `XDG_RUNTIME_DIR=${RUNTIME}`, 'PATH=/usr/bin:/bin', 'LANG=C.UTF-8']
const AS_USER = ['setpriv', '--reuid', UID, '--regid', UID, '--clear-groups', 'env', '-i', ...ENVIRONMENT]
/**
 * Becomes the first process of the other machine: this one's files under a layer that takes every change and goes with it, a loopback of
 * its own, nobody's processes, and cgroups of its own for systemd. Says "ready" and waits for the end of its input.
 */
const BOOT = `
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
for folder in run tmp home; do mount -t tmpfs tmpfs $folder; done
chmod 1777 tmp
cp "$2" tmp/package.deb
mkdir -p run/systemd/system run/systemd/unit-root ".${RUNTIME}" run/lock
chown ${UID}:${UID} ".${RUNTIME}"
chmod 700 ".${RUNTIME}"
for tree in ${CGROUPS.join(' ')}; do
  [ -e $tree/cgroup.procs ] && mkdir -p "$tree/$3" || continue
  chown -R ${UID}:${UID} "$tree/$3"
done
ip link set lo up
# Not chroot: who sits in one may make no user namespaces, and systemd wants to.
mkdir tmp/below
pivot_root . tmp/below
umount -l /tmp/below
rmdir /tmp/below
echo ready
read -r end || true
`

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/**
 * Another machine, as far as a Debian package can tell: namespaces of its own over a layer on this one's files, in memory. What dpkg does
 * there is real and lasts until {@link stop}; this machine's files, accounts and network see nothing of it.
 */
export class Machine {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #group: string
  #pid = 0

  private constructor(child: ChildProcess, folder: string, group: string) {
    this.#child = child
    this.#folder = folder
    this.#group = group
  }

  /** Why there can be none here; `undefined`: there can. */
  static async whyNot(): Promise<string | undefined> {
    if (process.platform !== 'linux') return 'Debian packages are made and tried on Linux'
    if (process.getuid?.() !== 0) return 'only root may install packages'
    for (const program of ['dpkg-deb', 'dpkg', 'unshare', 'nsenter', 'setpriv', 'useradd', 'ip', 'pivot_root'])
      if (!(await run('sh', ['-c', `command -v ${program}`]).catch(() => undefined))) return `${program} is not installed`
    const probe = await mkdtemp(join(tmpdir(), 'vantage-machine-'))
    try {
      const overlay =
        'mount -t tmpfs t "$0" && mkdir "$0/u" "$0/w" "$0/r" && mount -t overlay o -o "lowerdir=/,upperdir=$0/u,workdir=$0/w" "$0/r"'
      await run('unshare', ['--mount', '--net', '--pid', '--fork', 'sh', '-c', overlay, probe])
      return undefined
    } catch {
      return 'this machine lets nobody put a layer over its files'
    } finally {
      await rm(probe, { recursive: true })
    }
  }

  /** Why no systemd can be run for a person there; `undefined`: it can. */
  static async whyNoSystemd(): Promise<string | undefined> {
    if (!existsSync('/lib/systemd/systemd')) return 'systemd is not installed'
    const probe = `vantage-probe-${process.pid}`
    for (const tree of CGROUPS.filter(path => existsSync(join(path, 'cgroup.procs')))) {
      try {
        await mkdir(join(tree, probe))
        await rmdir(join(tree, probe))
        return undefined
      } catch {}
    }
    return 'this machine lets nobody make a cgroup'
  }

  /** `deb` lies at /tmp/package.deb there. */
  static async start(deb: string): Promise<Machine> {
    const folder = await mkdtemp(join(tmpdir(), 'vantage-machine-'))
    const group = `vantage-test-${process.pid}`
    const args = [
      '--mount',
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      '--propagation',
      'private',
      'sh',
      '-c',
      BOOT,
      'sh',
      folder,
      deb,
      group,
    ]
    const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const machine = new Machine(child, folder, group)
    const [said] = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit').then(() => [undefined])])
    try {
      if (String(said) !== 'ready\n') throw new Error('the other machine did not start')
      machine.#pid = Number(await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'))
      await machine.root('useradd', '--create-home', '--uid', UID, '--shell', '/bin/sh', 'friend')
      return machine
    } catch (error) {
      await machine.stop()
      throw error
    }
  }

  /** A command as root, to its end. Rejects unless it succeeds. */
  async root(...command: string[]): Promise<string> {
    const ended = await this.#end(this.#enter(command))
    if (ended.code !== 0) throw new Error(`${command.join(' ')}: ${ended.code}\n${ended.out}${ended.err}`)
    return ended.out
  }

  /** A command as an ordinary person, to its end. */
  user(...command: string[]): Promise<Ended> {
    return this.#end(this.userProcess(command))
  }

  /** A process of an ordinary person. */
  userProcess(command: readonly string[]): ChildProcess {
    return this.#enter([...AS_USER, ...command])
  }

  /** A file's text there. */
  read(path: string): Promise<string> {
    return this.root('cat', path)
  }

  async exists(path: string): Promise<boolean> {
    return (await this.#end(this.#enter(['test', '-e', path]))).code === 0
  }

  /** The person's own systemd, as a login starts it. Resolves when it takes commands. */
  async startUserManager(): Promise<void> {
    const join = CGROUPS.map(tree => `[ ! -e ${tree}/${this.#group}/cgroup.procs ] || echo 0 > ${tree}/${this.#group}/cgroup.procs`).join(
      '; ',
    )
    this.#enter(['sh', '-c', `${join}; exec "$@"`, 'sh', ...AS_USER, '/lib/systemd/systemd', '--user'])
    const deadline = Date.now() + 20_000
    while ((await this.user('systemctl', '--user', 'is-system-running', '--wait')).out.trim() !== 'running')
      if (Date.now() > deadline)
        throw new Error(`systemd: ${JSON.stringify(await this.user('systemctl', '--user', 'status', '--no-pager'))}`)
  }

  /** Everything there ends, and is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit')
      // Its first process ends, and the kernel then waits for the end of all of the others.
      this.#child.stdin!.end()
      await gone
    }
    for (const tree of CGROUPS) {
      const path = join(tree, this.#group)
      if (existsSync(path)) await run('find', [path, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'])
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  #enter(command: readonly string[]): ChildProcess {
    const inside = ['--target', String(this.#pid), '--mount', '--net', '--pid']
    return spawn('nsenter', [...inside, ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  }

  async #end(child: ChildProcess): Promise<Ended> {
    let out = ''
    let err = ''
    child.stdout!.setEncoding('utf8').on('data', text => {
      out += text
    })
    child.stderr!.setEncoding('utf8').on('data', text => {
      err += text
    })
    const [code] = (await once(child, 'close')) as [number | null]
    return { code: code ?? -1, out, err }
  }
}
