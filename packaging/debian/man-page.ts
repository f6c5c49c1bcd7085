import { usage } from '../../main/app/command-line.ts'

const troff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')

/** vantage(1) in troff. Its options are the words of `--help`, so that the two cannot differ. `day`: YYYY-MM-DD. */
export function manPage(version: string, day: string): string {
  const [synopsis = '', options = ''] = usage('vantage').split('\n\n', 2)
  const commands = synopsis.replace('Usage:', '').replace(/^ +/gm, '')
  return `.TH VANTAGE 1 "${day}" "Vantage ${version}" "User Commands"
.SH NAME
vantage \\- be a Tor relay, and browse in one hop through other such relays
.SH SYNOPSIS
.nf
${troff(commands.trim())}
.fi
.SH DESCRIPTION
Runs a Tor relay and shows its window in a browser on this machine, at the address that it prints when it has started. It asks there for two
separate consents, to be a relay and to share perspectives, and does nothing on the network before. When the directory authorities call the
relay Stable, the web can be seen through the relays of other members, by the window or by the local SOCKS5 and HTTP proxies.
.PP
One hop is not anonymous: the relay that you look through knows your address and what you visit.
.PP
.B vantage status
tells how a running one stands, as JSON, with a new address for its window;
.B vantage stop
ends it in good order.
.SH OPTIONS
.nf
${troff(options.trimEnd())}
.fi
.PP
Without
.B \\-\\-network
it is the public Tor network. An option given here is not written into the settings.
.SH EXIT STATUS
0: done. 1: a problem, told in one line. 2: a wrong command line.
.SH ENVIRONMENT
.TP
.B XDG_DATA_HOME
where the data folder is, if set.
.SH FILES
.TP
.I ~/.local/share/vantage/NETWORK
keys, caches, history and settings. Whoever has the keys is the relay: keep a copy (the window makes an encrypted one). No package removes this
folder.
.TP
.I ~/.config/vantage/options
options of the systemd user unit, as VANTAGE_OPTIONS="...".
.SH SEE ALSO
.BR systemctl (1),
.BR loginctl (1),
.BR tor (1)
`
}
