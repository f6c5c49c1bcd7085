import '../jitless.ts'
import './toolbar.css'
import { TOOLBAR_KEY, type ToolbarAction, type ToolbarEnds, type ToolbarState, toolbarState } from '../../shared/toolbar.ts'
import { chooseLanguage, directionOf, wantedLanguages } from '../i18n/language.ts'
import { toolbars } from '../i18n/toolbar.ts'
import { webAddress } from '../model.ts'

const ends = (globalThis as unknown as Record<string, ToolbarEnds>)[TOOLBAR_KEY]!
const find = <T extends HTMLElement>(id: string) => document.querySelector<T>(`#${id}`)!
const [back, forward, reload] = ['back', 'forward', 'reload'].map(id => find<HTMLButtonElement>(id)) as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
]
const address = find<HTMLInputElement>('address')
const said = find('said')
let loading = false
let words = toolbars.en

/** Puts all that does not change with the page into a language's words. */
function speak(setting: NonNullable<ToolbarState['language']>): void {
  const language = setting === 'system' ? chooseLanguage(wantedLanguages()) : setting
  words = toolbars[language]
  document.documentElement.lang = language
  document.documentElement.dir = directionOf(language)
  find('bar').ariaLabel = words.page
  back.ariaLabel = words.back
  forward.ariaLabel = words.forward
  reload.ariaLabel = words.reload
  address.ariaLabel = words.address
}
speak('system')
/** Chromium's name of what kept the last page away. */
let failure: string | undefined
/** What was typed is no address; true until something else is typed. */
let invalid = false

function say(): void {
  address.ariaInvalid = String(invalid)
  said.textContent = invalid ? words.noAddress : failure === undefined ? '' : words.failed(failure)
}

function act(action: ToolbarAction): void {
  void ends.act(action)
}

ends.listen(frame => {
  const { data: state } = toolbarState.safeParse(frame)
  if (!state) return
  speak(state.language ?? 'system')
  loading = state.loading
  back.disabled = !state.canGoBack
  forward.disabled = !state.canGoForward
  reload.textContent = loading ? '✕' : '⟳'
  reload.ariaLabel = loading ? words.stop : words.reload
  // What somebody is typing is his.
  if (document.activeElement !== address) address.value = state.url === 'about:blank' ? '' : state.url
  find('place').textContent = words.from(state.through)
  find('promise').textContent = state.oneHop ? words.oneHop : words.tor
  document.body.dataset['way'] = state.oneHop ? 'one-hop' : 'tor'
  failure = state.failed
  say()
  document.title = state.title
})

back.addEventListener('click', () => act({ do: 'back' }))
forward.addEventListener('click', () => act({ do: 'forward' }))
reload.addEventListener('click', () => act({ do: loading ? 'stop' : 'reload' }))
address.addEventListener('focus', () => address.select())
address.addEventListener('input', () => {
  invalid = false
  say()
})
find<HTMLFormElement>('bar').addEventListener('submit', event => {
  event.preventDefault()
  const url = webAddress(address.value)
  invalid = url === undefined
  say()
  if (url === undefined) return
  address.blur()
  act({ do: 'go', url })
})
