import { join } from 'node:path'
import { hostHeadless } from './host.ts'

// In a checkout, run as it is.
await hostHeadless({ root: join(import.meta.dirname, '../..'), defaultNetwork: 'practice', program: 'npm start --' })
