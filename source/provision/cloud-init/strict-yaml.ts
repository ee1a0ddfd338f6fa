import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { yamlExcess } from '../../text/yaml-bounds.js';

/** What PyYAML does not read, or takes for the end of a line where nobody sees one. */
const notInYaml = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\p{Cs}/u;

/** Something that YAML allows and PyYAML does not, and where. */
interface Fault {
  readonly at: number;
  readonly message: string;
}

/**
 * Reads YAML or JSON as cloud-init's parser (PyYAML, YAML 1.1) would, and finds the faults that it finds.
 *
 * @returns the value of a mapping or list, or the problem with its line; never throws, and never repeats the text
 */
export function parseYaml(text: string): { readonly value?: unknown; readonly problem?: string } {
  if (notInYaml.test(text)) return { problem: 'it has control characters or odd line ends' };
  const excess = yamlExcess(text);
  if (excess !== undefined)
    return { problem: `line ${text.slice(0, excess.at).split('\n').length}: ${excess.message}` };
  const lines = new LineCounter();
  const options = { version: '1.1', uniqueKeys: false, lineCounter: lines, logLevel: 'error' } as const;
  const document = parseDocument(text, options);
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    // The rest of the message quotes the text, which may hold a password.
    const [message = ''] = error.message.split(/ at line |:?\n/, 1);
    return { problem: line === undefined ? message : `line ${line}: ${message}` };
  }
  const fault = faultOfNodes(text, document) ?? faultOfTabs(text, document);
  if (fault !== undefined) return { problem: `line ${lines.linePos(fault.at).line}: ${fault.message}` };
  try {
    return { value: isMap(document.contents) || isSeq(document.contents) ? document.toJS() : undefined };
  } catch {
    return { problem: 'its aliases cannot be followed' };
  }
}

function faultOfNodes(text: string, document: Document): Fault | undefined {
  let fault: Fault | undefined;
  const found = (at: number | undefined, message: string): symbol => {
    fault = { at: at ?? 0, message };
    return visit.BREAK;
  };
  visit(document, {
    Pair: (_, { key }) => {
      if (isCollection(key))
        return found(key.range?.[0], 'a key is a list or a mapping; put "{{ … }}" in quotes');
      const range = isNode(key) ? key.range : undefined;
      if (isScalar(key) && range?.[0] === range?.[1]) return found(range?.[0], 'a key is empty');
      return undefined;
    },
    Node: (key, node) => {
      const name = isAlias(node) ? node.source : node.anchor;
      if (name !== undefined && !/^[\w-]+$/.test(name))
        return found(node.range?.[0], 'the name of an anchor has letters, digits, "_" and "-"');
      if (key === 'key' || !isScalar(node) || node.type !== 'PLAIN' || !node.range) return undefined;
      // Types of YAML 1.1 that PyYAML has no value for.
      const source = text.slice(node.range[0], node.range[1]);
      return source === '=' || source === '<<'
        ? found(node.range[0], `${source} as a value belongs in quotes`)
        : undefined;
    },
  });
  return fault;
}

/** PyYAML takes tabs in quotes, blocks and comments only; JSON that is indented by tabs is refused, too. */
function faultOfTabs(text: string, document: Document): Fault | undefined {
  if (!text.includes('\t')) return undefined;
  let rest = text;
  visit(document, {
    Scalar: (_, { range, type }) => {
      if (!range || type === 'PLAIN') return;
      const [from, to] = range;
      rest = rest.slice(0, from) + rest.slice(from, to).replace(/[^\n]/g, 'x') + rest.slice(to);
    },
  });
  const at = rest.replace(/(?<=^|\s)#.*/gm, (comment) => 'x'.repeat(comment.length)).indexOf('\t');
  return at === -1 ? undefined : { at, message: 'a tab outside of quotes; use spaces' };
}
