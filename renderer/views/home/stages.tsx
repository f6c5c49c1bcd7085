import { Icon } from '../../components/icons.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { currentStage, STAGES } from '../../model.ts'

/** The stages of the way as a line, the reached ones ticked. */
export function Stages() {
  const { stage, arrived } = useApp(app => ({ stage: currentStage(app), arrived: app.journey.step === 'unlocked' }))
  const at = STAGES.indexOf(stage)
  return (
    <ol className="stages" aria-label={words.journey.stagesTitle}>
      {STAGES.map((name, index) => {
        const state = index < at || arrived ? 'done' : index === at ? 'now' : 'next'
        return (
          <li key={name} data-state={state} aria-current={index === at ? 'step' : undefined}>
            <span className="stage-dot">{state === 'done' ? <Icon name="check" /> : index + 1}</span>
            <span className="stage-name" aria-hidden="true">
              {words.journey.stages[name]}
            </span>
            <span className="for-screen-readers">
              {words.journey.stageLabel(words.journey.stages[name], words.journey.stageStates[state])}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
