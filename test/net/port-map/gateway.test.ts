import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProcNetRoute, parseRouteGet, parseRoutePrint } from '../../../main/net/port-map/gateway.ts'

test('Linux: the default route with the lowest metric, through a gateway', () => {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
  const wlan = 'wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n'
  const eth = 'eth0\t00000000\tFE00000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n'
  const lan = 'eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n'
  const tunnel = 'tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n'
  assert.equal(parseProcNetRoute(head + wlan + eth + lan + tunnel), '10.0.0.254')
  assert.equal(parseProcNetRoute(head + wlan), '192.168.1.1')
  assert.equal(parseProcNetRoute(head + lan + tunnel), undefined)
  for (const text of ['', head, 'x\ny', `${head}eth0\t00000000\tZZ\t0003\t0\t0\t0\t00000000`])
    assert.equal(parseProcNetRoute(text), undefined)
})

test('macOS: the line "gateway"', () => {
  assert.equal(
    parseRouteGet('   route to: default\ndestination: default\n       mask: default\n    gateway: 192.168.1.1\n  interface: en0\n'),
    '192.168.1.1',
  )
  assert.equal(parseRouteGet('    gateway: link#12\n'), undefined)
  assert.equal(parseRouteGet(''), undefined)
})

test('Windows: the default row with the lowest metric, in any language', () => {
  const text = `===========================================================================
IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0      192.168.2.1     192.168.2.33     50
          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.20     25
===========================================================================
Ständige Routen:
  Keine
`
  assert.equal(parseRoutePrint(text.replaceAll('\n', '\r\n')), '192.168.1.1')
  assert.equal(parseRoutePrint('          0.0.0.0          0.0.0.0   Auf Verbindung     10.8.0.2     25\n'), undefined)
})
