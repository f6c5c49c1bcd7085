import { useStore } from 'zustand'
import { Button } from '../../components/button.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { withEntry } from '../../model.ts'
import { picker } from './picker-state.ts'

/** Says what was just left out, and takes it back when that was a slip: the place may be chosen again, and is. */
export function LeftOutNotice() {
  const leftOut = useStore(picker, state => state.leftOut)
  const excluded = useApp(app => app.settings.excluded)
  const update = useCall('settings.update')
  const choose = useCall('perspective.choose')
  if (!leftOut || !excluded.includes(leftOut.place)) return null

  const dismiss = () => picker.setState({ leftOut: undefined })
  async function takeBack({ place, choice }: NonNullable<typeof leftOut>): Promise<void> {
    const { ok } = await update.run(({ settings }) => ({ excluded: withEntry(settings.excluded, place, false) }))
    if (!ok) return
    dismiss()
    await choose.run(choice)
  }

  return (
    <Notice
      kind="info"
      title={words.browse.excludedNow(leftOut.name)}
      actions={
        <Button off={update.busy} onClick={() => void takeBack(leftOut)}>
          {words.settings.takeBack}
        </Button>
      }
      onDismiss={dismiss}
    >
      <FailureNotice failure={update.failure ?? choose.failure} onDismiss={update.failure ? update.dismiss : choose.dismiss} />
    </Notice>
  )
}
