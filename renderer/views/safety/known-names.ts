import { useApp } from '../../context.tsx'

/** Names of the relays that are connected, or that can be looked through. Untrusted text. */
export function useKnownNames(): (fingerprint: string) => string | undefined {
  const { sessions, relays } = useApp(app => ({ sessions: app.server.sessions, relays: app.perspective.relays }))
  const names = new Map([...relays, ...sessions].map(({ fingerprint, nickname }) => [fingerprint, nickname]))
  return fingerprint => names.get(fingerprint)
}
