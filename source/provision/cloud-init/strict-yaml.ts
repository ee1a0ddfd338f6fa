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
import { circularAlias, isCircular, yamlExcess, yamlFault } from '../../text/yaml-bounds.js';
import { asPyYamlReads } from './pyyaml-text.js';

/** What PyYAML does not read, or takes for the end of a line where nobody sees one. */
const notInYaml = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\p{Cs}/u;

type Range = readonly [number, number, ...number[]];

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
  const { document, error, source, lines } = parsed(text);
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    // The rest of the message quotes the text, which may hold a password.
    const [message = ''] = yamlFault(error).split(/ at line |:$/, 1);
    return { problem: line === undefined ? message : `line ${line}: ${message}` };
  }
  const fault = faultOfNodes(source, document) ?? faultOfTabs(source, document);
  if (fault !== undefined) return { problem: `line ${lines.linePos(fault.at).line}: ${fault.message}` };
  const circle = circularAlias(document);
  if (circle !== undefined) return { problem: `line ${lines.linePos(circle).line}: ${isCircular}` };
  try {
    return { value: isMap(document.contents) || isSeq(document.contents) ? document.toJS() : undefined };
  } catch {
    return { problem: 'its aliases cannot be followed, or what is behind "<<" is no mapping' };
  }
}

/** As many places as a text may have that are mended for the parser. */
const mostMended = 50;

function parsed(text: string) {
  // PyYAML knows one version, and takes every 1.x for it.
  let source = text.replace(/^%YAML[ \t]+1\.\d+(?=\s)/m, '%YAML 1.1');
  for (let round = 0; ; round += 1) {
    const lines = new LineCounter();
    const options = { version: '1.1', uniqueKeys: false, lineCounter: lines, logLevel: 'error' } as const;
    const document = parseDocument(source, options);
    const error = [...document.errors, ...document.warnings].find(({ message }) => !tolerated.test(message));
    const mended =
      error !== undefined && round < mostMended && mendable.test(error.message)
        ? asPyYamlReads(source, error.pos[0])
        : undefined;
    if (mended === undefined) return { document, error, source, lines };
    source = mended;
  }
}

/** Faults of the parser's that are none to PyYAML. */
const tolerated = /^(?:Comments must be separated from other tokens|Unknown directive %)/;
const mendable =
  /^(?:Flow \w+ in block collection|Missing closing|Block collections are not allowed within flow|Implicit keys of flow)/;

function faultOfNodes(text: string, document: Document): Fault | undefined {
  const anchors = new Set<string>();
  let fault: Fault | undefined;
  const found = (at: number | undefined, message: string): symbol => {
    fault = { at: at ?? 0, message };
    return visit.BREAK;
  };
  visit(document, {
    Pair: (_, { key, value }, path) => {
      if (isCollection(key))
        return found(key.range?.[0], 'a key is a list or a mapping; put "{{ … }}" in quotes');
      const range = isNode(key) ? key.range : undefined;
      if (isScalar(key) && range?.[0] === range?.[1]) return found(range?.[0], 'a key is empty');
      return isInFlow(path) && range && isNode(value) && isFarFromKey(text, range, value.range)
        ? found(range[0], 'the ":" behind a key is on its line, 1024 characters behind its beginning at most')
        : undefined;
    },
    Node: (key, node, path) => {
      const name = isAlias(node) ? node.source : node.anchor;
      if (name !== undefined && !/^[\w-]+$/.test(name))
        return found(node.range?.[0], 'the name of an anchor has letters, digits, "_" and "-"');
      if (isAlias(node) && !anchors.has(node.source))
        return found(node.range?.[0], 'an alias ("*…") has no anchor ("&…") before it');
      if (name !== undefined && !isAlias(node)) {
        if (anchors.has(name))
          return found(node.range?.[0], 'an anchor ("&…") of this name is there already');
        anchors.add(name);
      }
      if (!isScalar(node) || node.type !== 'PLAIN' || !node.range) return undefined;
      const source = text.slice(node.range[0], node.range[1]);
      if (isInFlow(path) && /^:|\?/.test(source))
        return found(
          node.range[0],
          'in brackets a text that begins with ":", or has a "?", belongs in quotes',
        );
      if (isNoDate(source))
        return found(node.range[0], 'this looks like a date and is none; put it in quotes');
      // Types of YAML 1.1 that PyYAML has no value for.
      return key !== 'key' && (source === '=' || source === '<<')
        ? found(node.range[0], `${source} as a value belongs in quotes`)
        : undefined;
    },
  });
  return fault;
}

function isInFlow(path: readonly unknown[]): boolean {
  return path.some((node) => isCollection(node) && node.flow === true);
}

/** PyYAML looks for the ":" of a key on its own line only, unless the key begins with "? ". */
function isFarFromKey(text: string, [from, to]: Range, value: Range | null | undefined): boolean {
  const between = text.slice(to, value?.[0] ?? to);
  const [beforeColon = ''] = between.split(':', 1);
  if (/\?\s*(?:[&!]\S*\s+)*$/.test(text.slice(Math.max(from - 100, 0), from))) return false;
  return to - from > 1024 || (between.includes(':') && beforeColon.includes('\n'));
}

/** What PyYAML would make a date of, as its resolver and datetime see it. */
function isNoDate(source: string): boolean {
  const form =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?(?:[ \t]*(?:Z|[-+](\d\d?)(?::(\d\d))?))?)?$/;
  const [whole, year, month, day, ...time] = form.exec(source) ?? [];
  // Without a time only the full form is a date.
  if (whole === undefined || (time[0] === undefined && !/^\d{4}-\d\d-\d\d$/.test(source))) return false;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const [hour = 0, minute = 0, second = 0, zone = 0] = time.map((part) => Number(part ?? 0));
  const days = m >= 1 && m <= 12 ? new Date(Date.UTC(2000 + (y % 400), m, 0)).getUTCDate() : 0;
  return y < 1 || d < 1 || d > days || hour > 23 || minute > 59 || second > 59 || zone > 23;
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
