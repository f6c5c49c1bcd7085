import { join } from 'node:path'
import { hostHeadless } from './host.ts'

// Bundled to out/headless/main.js.
await hostHeadless({ root: join(import.meta.dirname, '../..'), defaultNetwork: 'tor', program: 'vantage' })
