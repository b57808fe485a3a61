/** The forms of a counted thing; `#` stands for the number. Which there are depends on the language. */
export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/**
 * Words for counted things in a language: takes the form that the language has
 * for the number, and writes the number as it is written there.
 */
export function plurals(language: string): (count: number, forms: PluralForms) => string {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count, forms) => (forms[rules.select(count)] ?? forms.other).replaceAll("#", numbers.format(count));
}
