import type { Session } from 'electron'
import { readUiFiles } from '../app/ui-files.ts'
import { UI_HEADERS, UI_ORIGIN } from './lock-down.ts'

/** `standard` and `secure`, so that origins and the content security policy mean what they mean on the web. Before ready. */
export const UI_SCHEME = { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: false } }

/** Serves the built renderer under app://bundle/ to one session. Requests are looked up in a table, and never become paths. */
export async function serveUi(session: Session, folder: string): Promise<void> {
  const files = await readUiFiles(folder)
  session.protocol.handle(UI_SCHEME.scheme, request => {
    const url = URL.parse(request.url)
    const file = request.method === 'GET' && url?.host === new URL(UI_ORIGIN).host ? files.get(url.pathname) : undefined
    if (!file) return new Response(null, { status: 404, headers: UI_HEADERS })
    return new Response(new Uint8Array(file.body), { headers: { ...UI_HEADERS, 'content-type': file.type } })
  })
}
