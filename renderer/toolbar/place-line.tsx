import { plainText } from '../../shared/format.ts'
import type { LookChoice } from '../../shared/state.ts'
import type { ToolbarAction, ToolbarState, ToolbarTab } from '../../shared/toolbar.ts'
import { countryName, words } from '../i18n/words.ts'
import { proxyUserName } from '../model.ts'
import { choiceName } from './tab-words.ts'

/** Where the tab in front looks from, through whom, and what that means. */
export function PlaceLine({ state, front, act }: { state: ToolbarState; front: ToolbarTab; act(action: ToolbarAction): void }) {
  const text = words.toolbar
  const { choice, through } = front
  const value = proxyUserName(choice)!
  const choices = new Map<string, LookChoice>([[value, choice]])
  if (!state.locked) {
    choices.set('any', { kind: 'any' })
    const named = state.countries.map(({ country }) => [countryName(country), country] as const)
    for (const [, country] of named.toSorted(([a], [b]) => a.localeCompare(b))) choices.set(country, { kind: 'country', country })
  }
  if (!state.locked) for (const { id } of state.lists) choices.set(`list-${id}`, { kind: 'list', list: id })
  choices.set('tor', { kind: 'tor' })
  const relay = through && (through.nickname === undefined ? through.fingerprint.slice(0, 8) : plainText(through.nickname, 19))
  return (
    <div className="place">
      <label>
        <span>{text.seenFrom}</span>
        <select value={value} onChange={event => act({ do: 'look', choice: choices.get(event.currentTarget.value)! })}>
          {[...choices].map(([name, one]) => (
            <option key={name} value={name}>
              {choiceName(one, state.lists)}
            </option>
          ))}
        </select>
      </label>
      {relay !== undefined && (
        <span className="through">
          {text.throughRelay(relay)}
          {through?.country !== undefined && choice.kind !== 'country' ? ` (${countryName(through.country)})` : ''}
        </span>
      )}
      <span className="promise">{choice.kind === 'tor' ? text.tor : text.oneHop}</span>
    </div>
  )
}
