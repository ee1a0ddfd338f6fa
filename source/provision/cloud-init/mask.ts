import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { yamlExcess } from '../../text/yaml-bounds.js';
import { isSecretName, mask, maskedComments, maskedText } from './mask-text.js';
import { isMime } from './own-data.js';

/** A command without the secrets in it. */
export const maskedCommand: (command: string) => string = maskedText;

/**
 * User-data, vendor-data or a network-config as it may be printed. In YAML and JSON the values of keys that are
 * named like secrets are masked, comments and the form of the rest stay; in MIME the parts are masked one by one.
 * Rather too much is masked than too little.
 */
export function maskedDocument(text: string): string {
  if (isMime(text)) return maskedMime(text);
  // A line of a script may be a mapping to YAML.
  if (text.trimStart().startsWith('#!')) return maskedText(text);
  return maskedYaml(text) ?? maskedText(text);
}

/** Undefined for what is no YAML. */
function maskedYaml(text: string): string | undefined {
  if (yamlExcess(text) !== undefined) return undefined;
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, logLevel: 'error' });
  if (document.errors.length > 0 || !isCollection(document.contents)) return undefined;
  const masked = [...replacements(text, document)]
    .sort(([a], [b]) => b - a)
    .reduce((all, [from, to, by]) => `${all.slice(0, from)}${by}${all.slice(to)}`, text);
  return maskedComments(masked);
}

/** What is put in place of pieces of the text: from, up to, by. */
type Replacement = readonly [number, number, string];

function replacements(text: string, document: Document): Iterable<Replacement> {
  const found = new Map<number, Replacement>();
  const hide = (node: unknown): void => {
    for (const { range } of scalarsIn(node, document)) {
      if (!range) continue;
      const lineEnd = text.slice(range[0], range[1]).endsWith('\n') ? '\n' : '';
      found.set(range[0], [range[0], range[1], `"${mask}"${lineEnd}`]);
    }
  };
  visit(document, {
    Pair: (_, { key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      if (isSecretName(name)) hide(value);
      // "chpasswd: { list: … }": lines of "user:password".
      if (name === 'chpasswd' && isMap(value)) hide(value.get('list', true));
    },
    Map: (_, map) => {
      if (isPrivateFile(map)) hide(map.get('content', true));
    },
    // Scripts, settings and the like as values.
    Scalar: (key, { range, value }) => {
      if (key === 'key' || typeof value !== 'string' || !range || found.has(range[0])) return;
      const source = text.slice(range[0], range[1]);
      const [, start = '', inside = '', end = ''] = /^(["']?)([\s\S]*?)(\1)$/.exec(source) ?? [];
      const shown = maskedText(inside);
      if (shown !== inside) found.set(range[0], [range[0], range[1], `${start}${shown}${end}`]);
    },
  });
  return found.values();
}

/** The texts and numbers at and below a node, each once; `true` and `false` tell nothing. */
function scalarsIn(node: unknown, document: Document, seen = new Set<unknown>()): readonly Node[] {
  if (seen.has(node)) return [];
  seen.add(node);
  const inside = (child: unknown) => scalarsIn(child, document, seen);
  if (isAlias(node)) return inside(node.resolve(document));
  if (isPair(node)) return inside(node.value);
  if (isCollection(node)) return (node.items as readonly unknown[]).flatMap(inside);
  if (!isScalar(node) || typeof node.value === 'boolean' || node.value === null || node.value === '')
    return [];
  return [node];
}

/** An entry of write_files that only its owner may read, or whose coded contents hold a secret. */
function isPrivateFile(map: YAMLMap): boolean {
  if (!map.has('content') || isSeq(map.get('content', true))) return false;
  if (/^0?o?[0-7]?[4-7]00$/.test(String(map.get('permissions') ?? ''))) return true;
  const encoding = String(map.get('encoding') ?? '');
  if (/gz/i.test(encoding)) return true;
  if (!/^(?:b64|base64)$/i.test(encoding)) return false;
  const content = Buffer.from(String(map.get('content')), 'base64').toString('utf8');
  return maskedDocument(content) !== content;
}

/** A message or a part of one: headers, and a body of parts or of text. */
function maskedMime(text: string): string {
  const end = /\r?\n[ \t]*\r?\n/.exec(text);
  if (end === null) return maskedText(text);
  const headers = text.slice(0, end.index);
  const body = text.slice(end.index + end[0].length);
  const boundary = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(headers);
  if (boundary === null || !/^content-type:\s*multipart\//im.test(headers)) return maskedPart(headers, body);
  const line = `--${boundary[1] ?? boundary[2] ?? ''}`;
  const [before = '', ...parts] = `\n${body}`.split(`\n${line}`);
  const masked = parts.map((part) => (part.startsWith('--') ? part : `\n${maskedMime(afterLine(part))}`));
  return [maskedText(headers), '', [maskedText(before), ...masked].join(`\n${line}`).slice(1)].join('\n');
}

/** Shown decoded: nobody reads base64, and what is in it must be seen to be masked. */
function maskedPart(headers: string, body: string): string {
  const encoding = /^content-transfer-encoding:[ \t]*([\w-]+)/im.exec(headers)?.[1]?.toLowerCase() ?? '7bit';
  const decode = decoders[encoding];
  const decoded = decode?.(body);
  const readable = decoded !== undefined && !/[\0\ufffd]/.test(decoded);
  const shown = headers.replace(/^(content-transfer-encoding:[ \t]*)[\w-]+/im, '$18bit');
  return `${maskedText(shown)}\n\n${readable ? maskedDocument(decoded) : mask}`;
}

const decoders: Readonly<Record<string, (body: string) => string>> = {
  '7bit': (body) => body,
  '8bit': (body) => body,
  binary: (body) => body,
  base64: (body) => Buffer.from(body, 'base64').toString('utf8'),
  'quoted-printable': (body) =>
    Buffer.from(
      body
        .replace(/[ \t]*=\r?\n/g, '')
        .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString('utf8'),
};

function afterLine(part: string): string {
  return part.replace(/^[ \t]*\r?\n/, '');
}
