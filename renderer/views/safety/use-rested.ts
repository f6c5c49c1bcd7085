import { useEffect, useState } from 'react'
import type { CallArgument, CallName, CallResult } from '../../../shared/ipc.ts'
import { useCall } from '../../context.tsx'

/** How long typing must rest before the host is asked, and how long to wait when it could not answer; ms. */
const REST_MS = 250
const AGAIN_MS = 1000

/** What the host says of something that is being typed: asked when typing rests, in silence. `undefined` until it has answered for just this. */
export function useRested<N extends CallName>(name: N, argument: CallArgument<N> | undefined): CallResult<N> | undefined {
  const { run } = useCall(name, { quiet: true })
  const [said, setSaid] = useState<{ readonly of: string; readonly result: CallResult<N> }>()
  const text = argument === undefined ? undefined : JSON.stringify(argument)
  useEffect(() => {
    if (text === undefined) return
    let timer: ReturnType<typeof setTimeout>
    let over = false
    const ask = async () => {
      const answer = await run(JSON.parse(text) as CallArgument<N>)
      if (over) return
      if (answer.ok) setSaid({ of: text, result: answer.result })
      else timer = setTimeout(ask, AGAIN_MS)
    }
    timer = setTimeout(ask, REST_MS)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [text, run])
  return said !== undefined && said.of === text ? said.result : undefined
}
