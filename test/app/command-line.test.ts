import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, test } from 'node:test'
import { type CommandLine, parseCommandLine, UsageError, usage } from '../../main/app/command-line.ts'
import { defaultDataFolder } from '../../main/app/data-folder.ts'

const environment = {
  platform: 'linux' as const,
  env: {},
  home: '/home/alice',
  defaultNetwork: 'practice' as const,
  program: 'vantage',
  isLocalAddress: (address: string) => address.startsWith('127.'),
}
const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), environment)
function run(line: string | string[]): CommandLine & { command: 'run' } {
  const parsed = Array.isArray(line) ? parseCommandLine(line, environment) : parse(line)
  assert.equal(parsed.command, 'run')
  return parsed as CommandLine & { command: 'run' }
}

test('nothing asked: the practice network, its own folder, no consent, no override', () => {
  assert.deepEqual(run(''), {
    command: 'run',
    headless: false,
    hidden: false,
    json: false,
    uiPort: 0,
    app: {
      network: { kind: 'practice' },
      dataFolder: '/home/alice/.local/share/vantage/practice',
      acceptConsent: { relay: false, perspective: false },
      overrides: {},
    },
  })
})

test('every option arrives', () => {
  const parsed = run([
    '--headless',
    '--json',
    '--network',
    '/etc/net.torrc',
    '--data=/tmp/d',
    '--nickname',
    'Alice1',
    '--contact',
    'Alice <alice AT example>',
    '--address',
    '192.0.2.5',
    '--outbound-address',
    '127.0.0.9',
    '--or-port',
    '127.0.0.9:0',
    '--dir-port',
    '9030',
    '--pa-port',
    '[::1]:9040',
    '--exit-policy',
    'accept *:80, reject *:*',
    '--pa-policy=accept *:443',
    '--pa-admit',
    'running',
    '--allow-private',
    '--socks-port',
    '0',
    '--http-port',
    '8118',
    '--ui-port',
    '8080',
    '--accept-consent',
    'relay,perspective',
  ])
  assert.deepEqual(parsed, {
    command: 'run',
    headless: true,
    hidden: false,
    json: true,
    uiPort: 8080,
    app: {
      network: { kind: 'file', path: '/etc/net.torrc' },
      dataFolder: '/tmp/d',
      acceptConsent: { relay: true, perspective: true },
      overrides: {
        nickname: 'Alice1',
        contact: 'Alice <alice AT example>',
        address: '192.0.2.5',
        outboundAddress: '127.0.0.9',
        orPort: { address: '127.0.0.9', port: 0 },
        dirPort: { port: 9030 },
        paPort: { address: '::1', port: 9040 },
        exitPolicy: 'accept *:80, reject *:*',
        perspectivePolicy: 'accept *:443',
        perspectiveAdmits: 'running',
        allowPrivate: true,
        socksPort: 0,
        httpPort: 8118,
      },
    },
  })
})

test('outgoing connections leave from the published address when it is here', () => {
  assert.equal(run('--address 127.0.0.7').app.overrides.outboundAddress, '127.0.0.7')
  assert.equal(run('--address 192.0.2.5').app.overrides.outboundAddress, undefined)
  assert.equal(run('--address 127.0.0.7 --outbound-address 127.0.0.8').app.overrides.outboundAddress, '127.0.0.8')
})

test('the PAPort may be virtual or off', () => {
  assert.equal(run('--pa-port virtual').app.overrides.paPort, 'virtual')
  assert.equal(run('--pa-port off').app.overrides.paPort, 'off')
})

test('consent to the relay alone', () => {
  assert.deepEqual(run('--accept-consent relay').app.acceptConsent, { relay: true, perspective: false })
})

test('commands', () => {
  assert.deepEqual(parse('status --data /tmp/d'), { command: 'status', dataFolder: '/tmp/d' })
  assert.deepEqual(parse('--data x stop'), { command: 'stop', dataFolder: resolve('x') })
  assert.deepEqual(parse('stop --network tor'), { command: 'stop', dataFolder: '/home/alice/.local/share/vantage/tor' })
  assert.deepEqual(parse('--help'), { command: 'help' })
})

describe('mistakes are said in one line that names the option', () => {
  const table: [string, RegExp][] = [
    ['--nick x', /unknown option --nick/],
    ['-h', /unknown option -h/],
    ['start', /"start" is neither/],
    ['--json=1', /--json takes no value/],
    ['--data', /--data needs a value/],
    ['--data --json', /--data needs a value/],
    ['--data=', /--data needs a value/],
    ['--network=', /--network needs a value/],
    ['--nickname a --nickname b', /--nickname is given twice/],
    ['--nickname', /--nickname needs a value/],
    ['--nickname=', /--nickname wants/],
    ['--nickname too_long', /--nickname wants 1–19 letters/],
    ['--nickname abcdefghijklmnopqrst', /--nickname wants/],
    ['--address ::1', /--address wants an IPv4 address/],
    ['--address 127.1', /--address wants an IPv4 address/],
    ['--address localhost', /--address wants/],
    ['--outbound-address 300.0.0.1', /--outbound-address wants an IP address/],
    ['--or-port x', /--or-port wants a port/],
    ['--or-port 65536', /--or-port wants a port/],
    ['--or-port -1', /--or-port wants a port/],
    ['--or-port 9001x', /--or-port wants a port/],
    ['--or-port 1.5', /--or-port wants a port/],
    ['--or-port host:9001', /--or-port wants \[ADDR:\]PORT/],
    ['--or-port ::1:9001', /--or-port wants/],
    ['--or-port [127.0.0.1]:9001', /--or-port wants/],
    ['--or-port :9001', /--or-port wants/],
    ['--dir-port off', /--dir-port wants/],
    ['--pa-port maybe', /--pa-port wants/],
    ['--pa-admit all', /--pa-admit wants running or stable/],
    ['--exit-policy nonsense', /--exit-policy: /],
    ['--pa-policy accept', /--pa-policy: /],
    ['--socks-port 127.0.0.1:9050', /--socks-port wants a port/],
    ['--ui-port', /--ui-port needs a value/],
    ['--accept-consent all', /--accept-consent wants/],
    ['--accept-consent perspective', /perspective needs relay/],
    ['--accept-consent relay,', /--accept-consent wants/],
    ['--network tor --allow-private', /--allow-private is for test networks/],
    ['status stop', /only one command/],
    ['status --json', /--json says nothing to status/],
    ['stop --nickname a', /--nickname says nothing to stop/],
  ]
  for (const [line, message] of table)
    test(line, () => {
      assert.throws(
        () => parse(line),
        error => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
      )
    })
  test('a contact of two lines', () => {
    assert.throws(() => parseCommandLine(['--contact', 'a\nrouter evil'], environment), /one line/)
  })
})

test('the usage text names every option of the architecture', () => {
  for (const option of [
    'network',
    'data',
    'nickname',
    'contact',
    'address',
    'outbound-address',
    'or-port',
    'dir-port',
    'pa-port',
    'exit-policy',
    'pa-policy',
    'pa-admit',
    'allow-private',
    'socks-port',
    'http-port',
    'ui-port',
    'accept-consent',
    'json',
    'headless',
  ])
    assert.match(usage('vantage'), new RegExp(`--${option}\\b`))
})

test('default folders: one per network, where each system keeps such things', () => {
  const folder = (platform: NodeJS.Platform, env: Record<string, string>, kind: 'tor' | 'practice' = 'tor') =>
    defaultDataFolder({ kind }, { platform, env, home: '/home/alice' })
  assert.equal(folder('linux', {}), '/home/alice/.local/share/vantage/tor')
  assert.equal(folder('linux', { XDG_DATA_HOME: '/data' }, 'practice'), '/data/vantage/practice')
  assert.equal(folder('linux', { XDG_DATA_HOME: 'relative' }), '/home/alice/.local/share/vantage/tor')
  assert.equal(folder('darwin', {}), '/home/alice/Library/Application Support/Vantage/tor')
  assert.equal(folder('win32', { LOCALAPPDATA: '/local' }), '/local/Vantage/tor')
  const file = (path: string) => defaultDataFolder({ kind: 'file', path }, { platform: 'linux', env: {}, home: '/home/alice' })
  assert.match(file('/etc/a'), /vantage\/file-[0-9a-f]{12}$/)
  assert.notEqual(file('/etc/a'), file('/etc/b'))
})
