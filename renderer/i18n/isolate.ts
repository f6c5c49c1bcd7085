export { isolate } from '../../shared/words/isolate.ts'
