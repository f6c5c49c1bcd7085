import { rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { BundleContents } from './packaging/bundle-contents.ts'

const root = import.meta.dirname
const contents = new BundleContents(root)
const desktop = join(root, 'out/electron')
const headless = join(root, 'out/headless')

/**
 * All builds with one command (`npm run build`):
 *
 *     client    renderer/index.html, toolbar/ → out/renderer/             served by app:// or the headless UI server
 *     main      main/electron/main.ts        → out/electron/main.js       ESM, everything bundled but electron and node:
 *     preload   main/electron/preload.ts, toolbar-preload.ts → out/electron/*.cjs   CommonJS, one file each: a sandboxed preload
 *                                                                             can be nothing else
 *     headless  main/headless/installed.ts   → out/headless/main.js       ESM, for the Debian package of the headless host
 *
 * Beside each main.js: the data files, and the licences of all that it and the client hold.
 */
export default defineConfig({
  // For main/app/build-date.ts. Whoever wants the same bytes from the same sources sets SOURCE_DATE_EPOCH (seconds).
  define: { __BUILT_AT__: JSON.stringify(Number(process.env['SOURCE_DATE_EPOCH'] ?? Math.floor(Date.now() / 1000)) * 1000) },
  root: join(root, 'renderer'),
  base: './',
  publicDir: false,
  plugins: [react(), contents.plugin],
  environments: {
    client: {
      build: {
        outDir: join(root, 'out/renderer'),
        emptyOutDir: true,
        target: 'chrome140',
        // Fonts and scripts as data: URLs would need holes in the content security policy.
        assetsInlineLimit: 0,
        rolldownOptions: { input: [join(root, 'renderer/index.html'), join(root, 'renderer/toolbar/toolbar.html')] },
      },
    },
    main: nodeEnvironment('main/electron/main.ts', join(desktop, 'main.js'), 'es'),
    preload: nodeEnvironment('main/electron/preload.ts', join(desktop, 'preload.cjs'), 'cjs'),
    toolbarPreload: nodeEnvironment('main/electron/toolbar-preload.ts', join(desktop, 'toolbar-preload.cjs'), 'cjs'),
    headless: nodeEnvironment('main/headless/installed.ts', join(headless, 'main.js'), 'es'),
  },
  builder: {
    async buildApp(builder) {
      // Several environments write to one folder, so none of them may empty it.
      for (const folder of [desktop, headless]) rmSync(folder, { recursive: true, force: true })
      for (const environment of Object.values(builder.environments)) if (environment.name !== 'ssr') await builder.build(environment)
      contents.write(desktop, ['client', 'main', 'preload', 'toolbarPreload'])
      contents.write(headless, ['client', 'headless'])
    },
  },
})

function nodeEnvironment(entry: string, file: string, format: 'es' | 'cjs') {
  return {
    consumer: 'server' as const,
    resolve: { noExternal: true as const, external: ['electron'], conditions: ['node', 'import', 'module', 'default'] },
    build: {
      outDir: dirname(file),
      emptyOutDir: false,
      target: 'node24',
      ssr: true,
      rolldownOptions: {
        input: join(root, entry),
        external: ['electron', /^node:/],
        output: {
          format,
          entryFileNames: basename(file),
          codeSplitting: false,
          // Smaller and sooner read, but with the names of the source: what a person sends us of an error is to be read, too.
          minify: { compress: { keepNames: { function: true, class: true } }, mangle: false, codegen: true },
        },
      },
    },
  }
}
