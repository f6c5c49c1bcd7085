/** Code that the build tools put into a bundle themselves, under names that are no files. */
const TOOLS: Readonly<Record<string, string>> = { rolldown: 'rolldown', vite: 'vite' }

/**
 * The npm package that a module of a bundle comes from; `undefined`: our own. Throws for what it cannot place, so that nothing gets into a
 * package unseen.
 */
export function moduleOwner(id: string, root: string): string | undefined {
  const path = id.replaceAll('\\', '/').replace(/\?.*$/, '')
  // What stands for an optional package that is not installed.
  if (path.startsWith('__vite-optional-peer-dep:')) return 'vite'
  if (path.startsWith('\0')) {
    const tool = TOOLS[/^\0([\w-]+)\//.exec(path)?.[1] ?? '']
    if (tool === undefined) throw new Error(`a module of unknown origin: ${JSON.stringify(id)}`)
    return tool
  }
  const inside = path.lastIndexOf('/node_modules/')
  if (inside >= 0) return /^(?:@[^/]+\/)?[^/]+/.exec(path.slice(inside + '/node_modules/'.length))![0]
  if (!path.startsWith(`${root.replaceAll('\\', '/')}/`)) throw new Error(`a module from outside: ${id}`)
  return undefined
}
