// node --import register.mjs: `electron` means the stand-in, for import and for require.
import { registerHooks } from 'node:module'

const standIn = new URL('./electron.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, format: 'module-typescript', shortCircuit: true } : next(specifier, context),
})
Object.assign(process.versions, { electron: '45.4.1' })
Object.assign(process, { type: 'browser', ...(process.env.STAND_IN_PACKAGE ? {} : { defaultApp: true }) })
