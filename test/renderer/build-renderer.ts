import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'

/** Builds the window into a folder of its own; the answer ends with its removal. */
export async function buildRenderer(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'vantage-renderer-'))
  await build({
    root: join(import.meta.dirname, '../../renderer'),
    configFile: false,
    logLevel: 'error',
    base: './',
    plugins: [react()],
    build: { outDir: folder, emptyOutDir: false, minify: false, assetsInlineLimit: 0 },
  })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
