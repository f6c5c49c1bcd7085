/** Put in by the build (vite.config.ts). */
declare const __BUILT_AT__: number | undefined

/** When this program was built, ms since 1970; undefined when it runs from its sources. */
export const builtAt: number | undefined = typeof __BUILT_AT__ === 'undefined' ? undefined : __BUILT_AT__
