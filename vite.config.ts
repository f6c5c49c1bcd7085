import { copyFile, mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { AS_FILE, makeAsNumbers } from './tools/as-numbers.mjs'

const root = import.meta.dirname
const require = createRequire(import.meta.url)

/** Puts the data on addresses beside the bundled main process, where `main/app/geo.ts` and `main/app/as-numbers.ts` look first. */
function addressData(folder: string): Plugin {
  return {
    name: 'address-data',
    applyToEnvironment: environment => environment.name === 'main',
    async writeBundle() {
      const to = join(folder, 'country.mmdb')
      await mkdir(dirname(to), { recursive: true })
      await copyFile(require.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'), to)
      if (makeAsNumbers()) await copyFile(AS_FILE, join(folder, 'as-numbers.bin'))
    },
  }
}

/**
 * Three builds with one command (`npm run build`):
 *
 *     client    renderer/index.html, toolbar/ → out/renderer/             served by app:// or the headless UI server
 *     main      main/electron/main.ts        → out/electron/main.js       ESM, everything bundled but electron and node:
 *     preload   main/electron/preload.ts, toolbar-preload.ts → out/electron/*.cjs   CommonJS, one file each: a sandboxed preload
 *                                                                             can be nothing else
 */
export default defineConfig({
  root: join(root, 'renderer'),
  base: './',
  publicDir: false,
  plugins: [react(), addressData(join(root, 'out/electron'))],
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
    main: nodeEnvironment('main/electron/main.ts', 'main.js', 'es'),
    preload: nodeEnvironment('main/electron/preload.ts', 'preload.cjs', 'cjs'),
    toolbarPreload: nodeEnvironment('main/electron/toolbar-preload.ts', 'toolbar-preload.cjs', 'cjs'),
  },
  builder: {
    async buildApp(builder) {
      // A start without Electron needs the UI only.
      const names = process.env['VANTAGE_BUILD'] === 'client' ? ['client'] : ['client', 'main', 'preload', 'toolbarPreload']
      for (const name of names) await builder.build(builder.environments[name]!)
    },
  },
})

function nodeEnvironment(entry: string, file: string, format: 'es' | 'cjs') {
  return {
    consumer: 'server' as const,
    resolve: { noExternal: true as const, external: ['electron'], conditions: ['node', 'import', 'module', 'default'] },
    build: {
      outDir: join(root, 'out/electron'),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      ssr: true,
      rolldownOptions: {
        input: join(root, entry),
        external: ['electron', /^node:/],
        output: { format, entryFileNames: file, codeSplitting: false },
      },
    },
  }
}
