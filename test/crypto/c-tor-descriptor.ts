/** Keys and certificates of a descriptor in C tor's own tests (made by C tor, test/failing_routerdescs.inc); all are good at CERTS_GOOD_AT. */
const der = (base64: string) => Buffer.from(base64, 'base64')

export const CERTS_GOOD_AT = Date.UTC(2014, 9, 5, 12)
export const MASTER_ED25519 = der('wFpsJnafiWZ6JYc/BS3S+mm7Y/jEW3G4U04OYA0XXEo=')
export const IDENTITY_CERT = der(
  'AQQABstQAYXI0XoJPqR80XqwEbqmiOLL5CwG71dv+66mseJUGu+gAQAgBADAWmwmdp+JZnolhz8FLdL6abtj+MRbcbhTTg5gDRdcSsc39Bf3UPkhUEhOtTn7tbyNXEtO' +
    'iPDCvdR8t4xBgOqDLnNygoqMdCsf2eNYR8hzxXF4zn/La20L4g3hRwX5OgA=',
)
export const RSA_IDENTITY = der(
  'MIGJAoGBANhXTGXVE78ronMXn5Im4nML51N69oYpEjh3QqLCq7V19vNCnCbQjcRT1zHEpL2+HIBHGW7r4phYtq6jRrPOkRk+9A43KMbyYUX8I6Zx/DrryYWKOyZi5Gh0' +
    '9VmIp8uwL3oD2icNTIkvAZQ2N2EkMeqkHeqLvHhotDgNvWmOW2+lAgMBAAE=',
)
export const FINGERPRINT = Buffer.from('6BD44A4A381AC1FCD9B6701954201A69EB6C15C8', 'hex')
export const TAP_ONION_KEY = der(
  'MIGJAoGBAMAXX3EzjnH+PyThsoj9klX/WZRWSOzzCEKWu4+galdvzex4BRLnFjQdRWRPcu6jd4eT+niaf0xacmDZuUlObhH0KdMx85JV1DfIO+LicGXwf+A8capCMsdT' +
    'E+ZRv+myozxvtYF5dXWWfBtb/HGyLBGP7LbiFM1a9Fy/opdCPI+/AgMBAAE=',
)
export const ONION_KEY_CROSSCERT = der(
  'CLhxMDL3CG8PG1UADvY604uoSwWZ5qDmlHLBc2FkJvdpP/wzovI615W+ew/DA/Jpi5eHenjefH7LSfzGV1ZbjMZpRASqyHBsyl5nhOUEijRYlRi/LCsJutnOve6rJGfh' +
    'dedKLdeCqplto7xhROxvZcqhpwJTC+iJ4ghM4Xcg8Sk=',
)
export const NTOR_ONION_KEY = der('LzriIs6B1YnUXISLCa0Ncgol4tt9coK0TlsyH9L8oyg=')
export const NTOR_SIGN_BIT = 1
export const NTOR_CROSSCERT = der(
  'AQoABstQAcBabCZ2n4lmeiWHPwUt0vppu2P4xFtxuFNODmANF1xKABvGX+C/nEsGzqV/hrnqlfA/+3Pslp9+uPNs7nuq/gfsVlIjcOMcH1wpun1LxJ4CfaHbRoV9Azjm' +
    'AbJ4+sLFxgk=',
)
