import { X509Certificate } from 'node:crypto'
import { MalformedError } from '../lib/bytes.ts'
import { ipToBytes } from '../lib/ip.ts'

const MAX_CERTIFICATE = 65_536

/** What a web server's certificate says; its texts are the issuer's own, so untrusted and of any length. */
export interface WebCertificate {
  /** SHA-256 of the DER, 64 lower-case hex digits. */
  readonly fingerprint: string
  /** "CN=…, O=…", most telling first. */
  readonly subject: string
  readonly issuer: string
  /** Host names and addresses that it is for. */
  readonly names: readonly string[]
  /** ms */
  readonly validFrom: number
  /** ms */
  readonly validTo: number
  /** Whether it is for this host name or address. */
  isFor(host: string): boolean
}

/** The parts of a name in the order in which they tell a person most. */
const TELLING = ['CN', 'O', 'OU', 'L', 'ST', 'C']

/** OpenSSL's one attribute a line ("C=US\nO=Let's Encrypt\nCN=R3") as one line. */
function nameLine(lines: string | undefined): string {
  const rank = (part: string) => {
    const at = TELLING.indexOf(part.split('=', 1)[0]!)
    return at < 0 ? TELLING.length : at
  }
  return (lines ?? '')
    .split('\n')
    .sort((a, b) => rank(a) - rank(b))
    .join(', ')
}

/** Reads a certificate in DER; throws {@link MalformedError}. */
export function readWebCertificate(certDer: Uint8Array): WebCertificate {
  if (certDer.length > MAX_CERTIFICATE) throw new MalformedError('a huge certificate')
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(certDer)
  } catch {
    throw new MalformedError('no certificate')
  }
  const validFrom = certificate.validFromDate.getTime()
  const validTo = certificate.validToDate.getTime()
  if (!Number.isFinite(validFrom) || !Number.isFinite(validTo)) throw new MalformedError('a certificate with bad dates')
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: nameLine(certificate.subject),
    issuer: nameLine(certificate.issuer),
    names: [...(certificate.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,"\s]+)/g)].map(([, name]) => name!),
    validFrom,
    validTo,
    isFor: host => (ipToBytes(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' })) !== undefined,
  }
}
