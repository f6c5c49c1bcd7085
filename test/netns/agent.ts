// Runs inside a host of an isolated world: calls functions of test modules there, as the test asks over IPC. Ends with the test.
interface Call {
  readonly id: number
  readonly module: string
  readonly name: string
  readonly args: unknown[]
}

async function answer({ id, module, name, args }: Call): Promise<void> {
  try {
    const functions = (await import(module)) as Record<string, (...args: unknown[]) => unknown>
    const result = await functions[name]!(...args)
    process.send!({ id, result })
  } catch (error) {
    process.send!({ id, error: error instanceof Error ? `${error.name}: ${error.stack}` : String(error) })
  }
}

process.on('message', (call: Call) => void answer(call))
process.on('disconnect', () => process.exit(0))
