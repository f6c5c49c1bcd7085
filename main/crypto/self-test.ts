import { AesCtr } from './aes-ctr.ts'
import { constantTimeEqual, hmacSha256, RunningSha1, sha1, sha3_256, sha256, sha512, shake256 } from './digest.ts'
import { ed25519FromSeed, signEd25519, verifyEd25519 } from './ed25519.ts'
import { crossSignerFromX25519, curve25519ToEd25519Public } from './ed25519-convert.ts'
import { hkdfSha256, kdfTor } from './kdf.ts'
import { ntorClient, ntorServer } from './ntor.ts'
import { ntorV3Client, ntorV3Server } from './ntor-v3.ts'
import { RsaPrivateKey } from './rsa.ts'
import { makeIdentityCertificate, makeLinkCertificate, readIdentityCertificate } from './x509.ts'
import { x25519, x25519FromSecret } from './x25519.ts'

/** The crypto library of this machine does not compute what it should. */
export class CryptoSelfTestError extends Error {
  override name = 'CryptoSelfTestError'
  /** Which known answer was wrong. */
  readonly what: string

  constructor(what: string, options?: ErrorOptions) {
    super(`cryptography does not work here: ${what}`, options)
    this.what = what
  }
}

const hex = (text: string) => Buffer.from(text, 'hex')
const ABC = Buffer.from('abc')

/** For this test only. */
const RSA_KEY = `-----BEGIN RSA PRIVATE KEY-----
MIICWwIBAAKBgQC8bXg0dOf6ghcms0YX1fYt6CYmF5O+sqgmS6U9ij9AgRtyLW2CyWaHSc4xmo9S
35+z89PKgHrNk3bxMukRbLDJZaw7JylT3PJwekCpOkloFlzFOF97xe87ra/2vgTI9BVKKlEd7z/z
lt86a28Z9V0oZ12+6XSEqdOM6pVHFSrprQIDAQABAoGAV24P7X8lOHZuWZWre1nbHZfvQ5ODCWQK
Y6KL7I8eJEcDvinX+2yJ91JGq3uE7zY1+yCy7+5HjOXUtbwiquQc7rkzmYmrR9nuKkTm8zHn8Bzs
YjgzrDdZyKoirkpUYbo0efHaVc/UYH39bE8hB11RzydEt07xiq2sgbgDLQ9CsX0CQQDy95IggqEU
eZA0l3D5em+qOw1zvzjrO3kkNiVWYEIr6svG9OlbMBEkuxHTeL6FLLn5Z+owN78OZDNdtNcKi9yj
AkEAxoj2MlhTW2A7tsVctxRoEgyG8aQWjBb0p0QnjUjqTRoNDgCFi/QRIdIKmh+AwTmLcHHhysQe
yqUKQoqtW821bwJAaT9PAGA1sK3cBrwXRyp/VolQEXSjDlrr5gDCecEmyOljrmKG92ZB9txGI4np
Vb0DLoOSEaMEUxKaoZvljv746wJAI7Ks0hCfrGZ5VjvWl/TLYbNu8DQY+ceG5iyTEAx0VLjCcCoX
2TphejtSPLQ9aoD2WZmgh90LzFQwrBZTZZZvcQJANgrSQsGhWAntrM8ELY01su4R5c6mjWqO/e5C
YXf/jfY0nH1OSVSIuQ9W97q/NJ1XJInuCyHWV1ZJwSlSSBC9VQ==
-----END RSA PRIVATE KEY-----
`

/** [what, the answer in hex, how we get it]. From FIPS 180-4 and 202, RFC 4231, 5869, 7748, NIST SP 800-38A, and C tor's own tests. */
const KNOWN_ANSWERS: readonly (readonly [string, string, () => Uint8Array])[] = [
  ['SHA-1', 'a9993e364706816aba3e25717850c26c9cd0d89d', () => sha1(ABC)],
  ['running SHA-1', 'a9993e364706816aba3e25717850c26c9cd0d89d', () => new RunningSha1(ABC).peek()],
  ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', () => sha256(ABC)],
  ['SHA-512', 'ddaf35a193617abacc417349ae204131', () => sha512(ABC).subarray(0, 16)],
  ['SHA3-256', '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532', () => sha3_256(ABC)],
  ['SHAKE-256', '483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386', () => shake256(40, ABC)],
  [
    'HMAC-SHA256',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    () => hmacSha256(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?')),
  ],
  [
    'HKDF-SHA256',
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    () => hkdfSha256(Buffer.alloc(22, 0x0b), hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42),
  ],
  ['KDF-TOR', '776c6214fc647aaa5f683c737ee66ec44f03d0372e1cce69227950f236ddf1e3', () => kdfTor(Buffer.from('Tor'), 32)],
  [
    'AES-128-CTR',
    '874d6191b620e3261bef6864990db6ce',
    () =>
      new AesCtr(hex('2b7e151628aed2a6abf7158809cf4f3c'), hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')).apply(
        hex('6bc1bee22e409f96e93d7e117393172a'),
      ),
  ],
  [
    'AES-256-CTR',
    '601ec313775789a5b7a7f504bbf3d228',
    () =>
      new AesCtr(hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'), hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')).apply(
        hex('6bc1bee22e409f96e93d7e117393172a'),
      ),
  ],
  [
    'X25519',
    'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    () =>
      x25519(
        x25519FromSecret(hex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4')),
        hex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'),
      ),
  ],
  [
    'Ed25519',
    'd23188eac3773a316d46006fa59c095060be8b1a23582a0dd99002a82a0662bd246d8449e172e04c5f46ac0d1404cebe4aabd8a75a1457aa06cae41f3334f104',
    () => {
      const key = ed25519FromSeed(hex('26c76712d89d906e6672dafa614c42e5cb1caac8c6568e4d2493087db51f0d36'))
      return signEd25519(key, key.public)
    },
  ],
  [
    'Ed25519 from X25519',
    'c2247870536a192d142d056abefca68d6193158e7c1a59c1654c954eccaff894',
    () => curve25519ToEd25519Public(hex('17ba77846e04c7ee5ca17cade774ac1884408f9701f439d4df32cbd8736c6a1f'), 1),
  ],
  ['RSA fingerprint', 'f789a052bc0423e3259f747985934b40fc705ca4', () => RsaPrivateKey.fromPem(RSA_KEY).fingerprint],
  ['RSA signature', '0bcdb6360f791d097dc741eeede8c544', () => RsaPrivateKey.fromPem(RSA_KEY).signRaw(sha1(ABC)).subarray(0, 16)],
]

/** Two ends that have to agree: true when they do. */
const AGREEMENTS: readonly (readonly [string, () => boolean])[] = [
  [
    'Ed25519 verification',
    () => {
      const key = ed25519FromSeed(Buffer.alloc(32, 1))
      const signature = signEd25519(key, ABC)
      return verifyEd25519(key.public, ABC, signature) && !verifyEd25519(key.public, Buffer.from('abd'), signature)
    },
  ],
  [
    'cross-signatures',
    () => {
      const key = x25519FromSecret(Buffer.alloc(32, 2))
      const signer = crossSignerFromX25519(key)
      return verifyEd25519(curve25519ToEd25519Public(key.public, signer.signBit), ABC, signer.sign(ABC))
    },
  ],
  [
    'RSA verification',
    () => {
      const key = RsaPrivateKey.fromPem(RSA_KEY)
      return key.publicKey.verifyRaw(ABC, key.signRaw(ABC)) && !key.publicKey.verifyRaw(ABC, key.signRaw(Buffer.from('abd')))
    },
  ],
  [
    'ntor',
    () => {
      const onion = x25519FromSecret(Buffer.alloc(32, 3))
      const id = Buffer.alloc(20, 4)
      const client = ntorClient(id, onion.public)
      const server = ntorServer(client.onionskin, id, () => onion, 92)
      return constantTimeEqual(client.finish(server.reply, 92), server.keys)
    },
  ],
  [
    'ntor-v3',
    () => {
      const onion = x25519FromSecret(Buffer.alloc(32, 5))
      const id = Buffer.alloc(32, 6)
      const client = ntorV3Client(id, onion.public, ABC)
      const server = ntorV3Server(
        client.onionskin,
        id,
        () => onion,
        message => message,
        92,
      )
      const { keys, message } = client.finish(server.reply, 92)
      return constantTimeEqual(keys, server.keys) && constantTimeEqual(message, ABC)
    },
  ],
  [
    'X.509',
    () => {
      const now = Date.UTC(2026, 0, 1)
      const key = RsaPrivateKey.fromPem(RSA_KEY)
      const read = readIdentityCertificate(makeIdentityCertificate(key, now), now)
      return constantTimeEqual(read.fingerprint, key.fingerprint) && makeLinkCertificate(now).certDer.length > 0
    },
  ],
]

/**
 * Checks every primitive once, some 50 ms: Electron's crypto library is not Node's, and a relay that computes something else must not run.
 * Throws {@link CryptoSelfTestError} naming the first that is wrong.
 */
export function cryptoSelfTest(): void {
  for (const [what, answer, compute] of KNOWN_ANSWERS) check(what, () => constantTimeEqual(compute(), hex(answer)))
  for (const [what, agree] of AGREEMENTS) check(what, agree)
}

function check(what: string, good: () => boolean): void {
  let result: boolean
  try {
    result = good()
  } catch (cause) {
    throw new CryptoSelfTestError(what, { cause })
  }
  if (!result) throw new CryptoSelfTestError(what)
}
