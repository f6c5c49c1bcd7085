type Category = Intl.LDMLPluralRule

/**
 * Counts in one language: the form of the number's plural category, `#` in it replaced by the number with the locale's digits. `Categories`
 * are those that the language has for whole numbers (Intl.PluralRules), so that a form left out does not compile.
 */
export function plurals<Categories extends Category>(locale: string) {
  const rules = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  return (count: number, forms: Record<Categories, string>): string => {
    const form = (forms as Partial<Record<Category, string>>)[rules.select(count)] ?? Object.values<string>(forms).at(-1)!
    return form.replaceAll('#', numbers.format(count))
  }
}
