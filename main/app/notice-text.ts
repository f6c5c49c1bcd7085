import type { Notice } from '../../shared/background.ts'
import type { Speech } from '../../shared/words/speech.ts'

const PORTS: Readonly<Record<string, string>> = { or: 'ORPort', dir: 'DirPort', pa: 'PAPort' }

/** A notice in the person's language. Its facts are numbers and names of our own, but for the protocols, which are letters and digits by their grammar. */
export function noticeText({ what, detail }: Notice, { words, formats }: Speech): { title: string; body: string } {
  const text = words.notices
  const number = (name: string) => Number(detail[name] ?? 0)
  switch (what) {
    case 'ports-closed': {
      const names = String(detail['ports'] ?? '').split(' ')
      return { title: text[what].title, body: text[what].body(formats.list(names.map(name => PORTS[name] ?? 'ORPort'))) }
    }
    case 'cap-near':
      return { title: text[what].title, body: text[what].body(formats.bytes(number('used')), formats.bytes(number('limit'))) }
    case 'cap-reached':
      return { title: text[what].title, body: text[what].body(formats.bytes(number('limit'))) }
    case 'old-build':
      return { title: text[what].title, body: text[what].body(number('days')) }
    case 'network-asks-more':
      return { title: text[what].title, body: text[what].body(String(detail['lacks'] ?? '').replace(/[^A-Za-z0-9=,\- ]/g, '')) }
    case 'unlocked':
    case 'lost-running':
    case 'lost-stable':
    case 'overload':
      return text[what]
    default:
      return what satisfies never
  }
}
