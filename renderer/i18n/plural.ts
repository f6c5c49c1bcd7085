export { plurals } from '../../shared/words/plural.ts'
