import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Notices } from '../../shared/notices.ts'

/** Written by the build: beside the bundle in a packaged app, in out/ of a checkout. */
const PLACES = [join(import.meta.dirname, 'notices.json'), join(import.meta.dirname, '../../out/headless/notices.json')]

/** The licences of what is in this program; none where it was not built. */
export async function readNotices(places: readonly string[] = PLACES): Promise<Notices> {
  const place = places.find(path => existsSync(path))
  return place === undefined ? { components: [] } : (JSON.parse(await readFile(place, 'utf8')) as Notices)
}
