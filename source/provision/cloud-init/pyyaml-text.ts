import { Lexer } from 'yaml';

/** Deeper than any block that has it inside. */
const indentation = ' '.repeat(1000);

/**
 * YAML that PyYAML reads and the parser here does not, written so that both do: within brackets, braces and quotes
 * PyYAML does not care how far a line is indented, and "[tar, -]" has a dash as a text. The lines stay what they are,
 * so that a fault still has its own.
 *
 * @param at where the parser has found a fault, in characters
 * @returns undefined where nothing can be mended before that
 */
export function asPyYamlReads(text: string, at: number): string | undefined {
  const start = lastOpened(text, at);
  const end = start === undefined ? undefined : endOf(text, start);
  if (start === undefined || end === undefined) return undefined;
  const piece = text.slice(start, end);
  // A document ends there, whatever is around it.
  if (/\n(?:---|\.\.\.)(?:\s|$)/.test(piece)) return undefined;
  const mended = piece
    .replace(/([[{,:][ \n]*)-(?=[ \n]*[\]},])/g, '$1"-"')
    .replace(/\n(?! {1000})/g, `\n${indentation}`);
  return mended === piece ? undefined : text.slice(0, start) + mended + text.slice(end);
}

/** The beginning of the last collection in brackets, or text in quotes, that is not inside another one. */
function lastOpened(text: string, at: number): number | undefined {
  let found: number | undefined;
  let offset = 0;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (offset > at) break;
    if (token === '\x02' || token === '\x1f') continue;
    // The lexer has lost its way here: the collection goes on for PyYAML.
    if (token === '\x18') {
      depth = 0;
      continue;
    }
    if (depth === 0 && /^["'[{]/.test(token)) found = offset;
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    offset += token.length;
  }
  return found;
}

/** Behind the bracket or quote that closes what begins at `start`; undefined where there is none. */
function endOf(text: string, start: number): number | undefined {
  const token =
    /"(?:[^"\\]|\\[\s\S])*"|'(?:[^']|'')*'|(?<=[\s,])#.*|[[\]{}]|[^\s"'[\]{},#:][^[\]{},:\n]*|[\s\S]/g;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '[' || found === '{') depth += 1;
    if (found === ']' || found === '}') depth -= 1;
    if (depth === 0) return /^["'\]}]/.test(found) ? token.lastIndex : undefined;
  }
  return undefined;
}
