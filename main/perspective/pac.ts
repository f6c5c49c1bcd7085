/** Where a program on this machine reaches something of ours. */
export interface LocalPort {
  readonly host: string
  readonly port: number
}

/** Where the proxy auto-configuration file is on the HTTP proxy's port, and what it is called among media types. */
export const PAC_PATH = '/proxy.pac'
export const PAC_TYPE = 'application/x-ns-proxy-autoconfig'

/**
 * A proxy auto-configuration file that sends everything through the perspective chosen in the UI. Tunnels go by CONNECT, since with it every browser
 * leaves the name to the proxy; plain http:// goes by SOCKS5. There is no DIRECT in it: when Vantage is off, nothing loads. Browsers cannot give SOCKS a
 * password, so with a secret there is only the tunnel.
 */
export function pacFile(ports: { readonly http: LocalPort; readonly socks: LocalPort }, options: { readonly secret: boolean }): string {
  const tunnel = `PROXY ${ports.http.host}:${ports.http.port}`
  const plain = options.secret ? tunnel : `SOCKS5 ${ports.socks.host}:${ports.socks.port}`
  return [
    'function FindProxyForURL(url, host) {',
    `  if (url.substring(0, 6) == "https:" || url.substring(0, 4) == "wss:") return "${tunnel}";`,
    `  return "${plain}";`,
    '}',
    '',
  ].join('\n')
}
