import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Chromium puts what is downloaded, each under its id, until the app has said where it is to go. Made by Chromium. */
export const DOWNLOADS = join(tmpdir(), `vantage-stand-in-downloads-${process.pid}`)
