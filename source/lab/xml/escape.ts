const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

/** Text as it may stand between tags and inside quotes. */
export function xmlText(text: string): string {
  return text.replace(/[&<>'"]/g, (char) => entities[char] as string);
}

/** Every line of `text` moved right by `spaces`. */
export function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}
