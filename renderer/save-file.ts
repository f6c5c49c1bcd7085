import { plainText } from '../shared/format.ts'

/** Offers a text as a file, as a browser does. */
export function saveFile(name: string, content: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = plainText(name, 100)
  link.click()
  URL.revokeObjectURL(url)
}
