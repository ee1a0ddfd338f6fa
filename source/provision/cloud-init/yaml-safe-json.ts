/**
 * What JSON leaves as it is and YAML does not: DEL and C1 controls are refused by PyYAML, and next line, line
 * and paragraph separator are line ends to YAML 1.1. Surrogate pairs stay: PyYAML does not join two escapes.
 */
const escaped = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * JSON that YAML 1.1 reads as the same value: what people type is in quoted strings, and cannot become anything
 * else. It never holds "MIME-Version:", by which cloud-init would take the whole file for a MIME archive.
 */
export function yamlSafeJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2)
    .replace(escaped, asEscape)
    .replace(/mime(?=-version:)/gi, (word) => asEscape(word[0] ?? '') + word.slice(1));
  return `${text}\n`;
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
