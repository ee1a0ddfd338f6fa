/** The words of a text, for lists of names that would take a line each. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
