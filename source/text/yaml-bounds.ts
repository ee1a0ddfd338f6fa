import { type Document, Lexer, visit, type YAMLError } from 'yaml';

/** PyYAML ends at some 490 of them, by its recursion; nobody writes a tenth. */
const deepest = 400;
/** Texts and marks: a second or two to parse. Ten thousand connections have half as many. */
const mostTokens = 200_000;

/**
 * What would take a parser's stack or the machine's memory: found while the text is cut into its tokens, before
 * anything is built of it. The rest of a bad text is not looked at.
 *
 * @returns where it is too much, in characters, and what is; undefined for what can be parsed
 */
export function yamlExcess(text: string): { readonly at: number; readonly message: string } | undefined {
  // Columns at which the block collections begin that are open.
  const columns: number[] = [];
  let at = 0;
  let column = 0;
  let flow = 0;
  let tokens = 0;
  let leads = true;
  for (const token of new Lexer().lex(text)) {
    // Marks of the lexer's own: a document's beginning, and of a scalar that follows.
    if (token === '\x02' || token === '\x1f' || token === '\x18') continue;
    const [kind = ''] = token;
    if (kind !== ' ' && kind !== '\n') tokens += 1;
    if (leads && flow === 0 && kind !== ' ' && kind !== '\n' && kind !== '#') {
      while ((columns.at(-1) ?? -1) > column) columns.pop();
      if (columns.at(-1) !== column) columns.push(column);
      leads = token === '-' || token === '?';
    }
    if (token === '[' || token === '{') flow += 1;
    if (token === ']' || token === '}') flow -= 1;
    if (columns.length + flow > deepest)
      return { at, message: `more than ${deepest} lists and mappings are in one another` };
    if (tokens > mostTokens) return { at, message: `there are more than ${mostTokens} texts and marks` };
    at += token.length;
    column += token.length;
    if (token.endsWith('\n')) {
      column = 0;
      leads = true;
    }
  }
  return undefined;
}

/**
 * An alias that leads to what it stands in. YAML allows it, and whatever follows the aliases then goes round until its
 * stack is full.
 *
 * @returns where it is, in characters
 */
export function circularAlias(document: Document): number | undefined {
  let at: number | undefined;
  visit(document, {
    Alias: (_, alias, path) => {
      const target = alias.resolve(document);
      if (target === undefined || !path.includes(target)) return undefined;
      at = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return at;
}

/** What stands for `circularAlias` in a message. */
export const isCircular = 'an alias ("*…") leads to what it stands in';

/** What the parser says to programmers, in words for who has written the text; others' first line as it is. */
export function yamlFault({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here ("---"); only one is read';
  return message.split('\n', 1)[0] ?? '';
}
