import type { CompareCertificate, CompareColumn, CompareState } from '../../shared/compare.ts'

const RELAY = 'A1B2C3D4'.repeat(5)

/** A comparison of four places and home, at some point of its way. */
export function comparison({ running, nickname = 'Midnattsol' }: { running: boolean; nickname?: string }): CompareState {
  const through = (country: string) => ({ fingerprint: RELAY, nickname, country })
  return {
    id: running ? 1 : 2,
    url: 'https://news.example/',
    at: 1_760_000_000_000,
    running,
    columns: [
      { place: { kind: 'country', country: 'se' }, through: through('se'), step: 'done', picture: running ? 'taking' : 'failed' },
      {
        place: { kind: 'relay', fingerprint: RELAY },
        through: through('se'),
        step: running ? 'loading' : 'done',
        picture: running ? 'waiting' : 'none',
      },
      { place: { kind: 'tor', country: 'nl' }, step: running ? 'connecting' : 'done', picture: running ? 'waiting' : 'none' },
      { place: { kind: 'tor' }, step: running ? 'waiting' : 'done', picture: running ? 'waiting' : 'none' },
      { place: { kind: 'home' }, step: 'done', picture: 'none' },
    ],
  }
}

const certificate = (fingerprint: string, own: Partial<CompareCertificate> = {}): CompareCertificate => ({
  fingerprint: fingerprint.repeat(64),
  subject: 'CN=news.example',
  issuer: 'CN=R3, O=Some authority',
  names: ['news.example'],
  validFrom: 1_750_000_000_000,
  validTo: 1_790_000_000_000,
  ...own,
})

/** What its columns found: two pages that differ, a refused certificate, silence, and a page from home. `text` is the network's. */
export function findings(text = 'News'): CompareColumn[] {
  const page = (...lines: string[]): CompareColumn['page'] => ({
    bytes: 48_211,
    hash: String(lines.length).repeat(64),
    title: text,
    lines: ['Home', ...lines, 'About us'],
    cut: lines.length > 2,
  })
  const headers = [
    { name: 'server', value: text },
    { name: 'set-cookie', value: 'session' },
  ]
  const url = 'https://news.example/'
  const answered = { url, address: '192.0.2.80', status: 200, headers, connectMs: 40, firstByteMs: 21.4 }
  return [
    { hops: [{ ...answered, certificate: certificate('a') }], page: page(text, 'Weather'), pictureFailure: 'ERR_TIMED_OUT' },
    {
      hops: [
        { ...answered, status: 302, location: '/eu', headers: [], certificate: certificate('b') },
        { ...answered, url: `${url}eu`, headers: [{ name: 'server', value: 'other' }], certificate: certificate('b') },
      ],
      page: page('Nyheter', 'Cookies', text),
    },
    {
      hops: [{ url, headers: [], certificate: certificate('c', { issuer: `CN=${text}`, subject: text, problem: 'unknown-issuer' }) }],
      failure: 'certificate',
    },
    { hops: [{ url, headers: [] }], failure: 'timeout' },
    { hops: [{ ...answered, certificate: certificate('a') }], page: page(text, 'Weather') },
  ]
}
