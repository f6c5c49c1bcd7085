import type { Catalogue } from '../en.ts'
import { isolate } from '../isolate.ts'

export const toolbar: Catalogue['toolbar'] = {
  page: 'الصفحة',
  back: 'رجوع',
  forward: 'تقدّم',
  address: 'العنوان',
  reload: 'إعادة التحميل',
  stop: 'إيقاف التحميل',
  from: place => `تُرى من: ${isolate(place)}`,
  oneHop: 'قفزة واحدة، بلا إخفاء للهوية: المرحّل هناك يعرف عنوانك وما تزوره.',
  tor: 'عبر Tor، أبطأ.',
  noAddress: 'هذا ليس عنوان ويب.',
  failed: code => `لم تصل الصفحة (${isolate(code)}). لم يُحمَّل شيء مباشرةً.`,
}
