import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AuthorityLineError, formatDirAuthorityLine, PUBLIC_AUTHORITIES, parseDirAuthorityLines } from '../../main/directory/authorities.ts'

const V3 = '0123456789ABCDEF0123456789ABCDEF01234567'
const FP = 'FEDCBA98 76543210 FEDCBA98 76543210 FEDCBA98'

function lineOf(text: string): number {
  try {
    parseDirAuthorityLines(text)
  } catch (error) {
    assert.ok(error instanceof AuthorityLineError, String(error))
    return error.line
  }
  return -1
}

describe('DirAuthority lines', () => {
  test('C tor’s grammar is read: flags, spaces in the fingerprint, comments, quotes, any case', () => {
    const { authorities, testing } = parseDirAuthorityLines(`
      # a private network
      TestingTorNetwork 1
      dirauthority test0 orport=5001 no-v2 hs weight=2.0 v3ident=${V3.toLowerCase()} ipv6=[2001:DB8::1]:5003 127.0.0.1:5002 ${FP}  # the first
      DirAuthority "test1 v3ident=${V3.replace('0', 'A')} upload=http://127.0.0.1:80/ 192.0.2.1:80 ${FP.replaceAll(' ', '')}"
    `)
    assert.equal(testing, true)
    assert.deepEqual(authorities[0], {
      nickname: 'test0',
      v3ident: V3,
      fingerprint: FP.replaceAll(' ', ''),
      address: '127.0.0.1',
      dirPort: 5002,
      orPort: 5001,
      ipv6: { address: '2001:db8::1', port: 5003 },
    })
    assert.equal(authorities[1]?.nickname, 'test1')
    assert.equal(authorities[1]?.orPort, 0)
  })

  test('an authority without v3ident, such as a bridge authority, takes no part', () => {
    const text = `DirAuthority Serge orport=9001 bridge 66.111.2.131:9030 ${FP}\nDirAuthority a v3ident=${V3} 192.0.2.1:80 ${FP}`
    assert.deepEqual(
      parseDirAuthorityLines(text).authorities.map(authority => authority.nickname),
      ['a'],
    )
  })

  test('what is wrong is said with the number of its line', () => {
    const good = `DirAuthority a v3ident=${V3} 192.0.2.1:80 ${FP}`
    const wrong = [
      `DirAuthority a v3ident=${V3} 192.0.2.1:80 ${FP}00`,
      `DirAuthority a v3ident=${V3.slice(1)} 192.0.2.1:80 ${FP}`,
      `DirAuthority a v3ident=${V3} 192.0.2.256:80 ${FP}`,
      `DirAuthority a v3ident=${V3} 192.0.2.1 ${FP}`,
      `DirAuthority a v3ident=${V3} [2001:db8::1]:80 ${FP}`,
      `DirAuthority a v3ident=${V3} 192.0.2.1:0 ${FP}`,
      `DirAuthority a orport=70000 v3ident=${V3} 192.0.2.1:80 ${FP}`,
      `DirAuthority a ipv6=192.0.2.1:80 v3ident=${V3} 192.0.2.1:80 ${FP}`,
      `DirAuthority a v3indent=${V3} 192.0.2.1:80 ${FP}`,
      'DirAuthority',
      `DirAuthorty a v3ident=${V3} 192.0.2.1:80 ${FP}`,
      'TestingTorNetwork yes',
      `DirAuthority b v3ident=${V3} 192.0.2.2:80 ${FP}`,
    ]
    for (const line of wrong) assert.equal(lineOf(`# one\n${good}\n${line}\n`), 3, line)
    assert.equal(lineOf('TestingTorNetwork 1\n'), 0)
    assert.equal(lineOf(''), 0)
  })

  test('lines are written as they are read', () => {
    for (const authority of PUBLIC_AUTHORITIES.authorities) {
      assert.deepEqual(parseDirAuthorityLines(formatDirAuthorityLine(authority)).authorities, [authority])
    }
  })

  test('the public network has nine authorities of distinct identity', () => {
    assert.equal(new Set(PUBLIC_AUTHORITIES.authorities.map(authority => authority.v3ident)).size, 9)
    assert.equal(PUBLIC_AUTHORITIES.testing, false)
  })
})
