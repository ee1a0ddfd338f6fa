import type { X2jOptions } from 'fast-xml-parser';
import { xmlText } from '../../libvirt/xml/write.js';
import { refuse } from '../errors.js';
import { plainText } from './escape.js';

/** An element with its children in order; text stands under '#text'. */
export interface XmlNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** The text of a text node, else that of the element's direct text children. */
  readonly text: string;
}

type RawNode = { readonly [tag: string]: unknown };

const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  // Kept as they stand: what is printed again must be what was read.
  processEntities: false,
} as const satisfies X2jOptions;

/**
 * Reads a document with the root element `root` (absent: any). Throws as libvirt does for bad XML, in the name of the driver
 * that `refuseXml` speaks for.
 */
export async function parseXml(
  text: string,
  root: string | undefined,
  refuseXml = refuse.xml,
): Promise<XmlNode> {
  // Only definitions need it: a program that just watches the lab does not load it.
  const { XMLParser, XMLValidator } = await import('fast-xml-parser');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw refuseXml(`${valid.err.msg} (line ${valid.err.line})`);
  const nodes = (new XMLParser(options).parse(text) as RawNode[]).map(nodeOf);
  const node = nodes.find(({ tag }) => !tag.startsWith('?') && tag !== '#text');
  if (node === undefined || (root !== undefined && node.tag !== root))
    throw refuseXml(`unexpected root element <${node?.tag ?? ''}>, expecting <${root ?? ''}>`);
  return node;
}

/** Prints elements as libvirt does: two spaces per level, single quotes. */
export function printXml(nodes: readonly XmlNode[], depth: number): string {
  return nodes
    .filter(({ tag }) => !tag.startsWith('#') && !tag.startsWith('?'))
    .map((node) => printNode(node, '  '.repeat(depth), depth))
    .join('\n');
}

/** An element made here; texts and attributes are escaped. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  content: readonly XmlNode[] | string = [],
): XmlNode {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    tag,
    attributes: Object.fromEntries(given.map(([name, value]) => [name, xmlText(String(value))])),
    children: typeof content === 'string' ? [] : content,
    text: typeof content === 'string' ? xmlText(content) : '',
  };
}

/** The text of the first child of this name, entities resolved; absent when there is none or it is empty. */
export function textOf(node: XmlNode | undefined, tag: string): string | undefined {
  return plainText(child(node, tag)?.text ?? '') || undefined;
}

/** An attribute, entities resolved; absent when it is empty. */
export function attribute(node: XmlNode | undefined, name: string): string | undefined {
  return plainText(node?.attributes[name] ?? '') || undefined;
}

/** Every child element of this name. */
export function childrenOf(node: XmlNode | undefined, tag: string): XmlNode[] {
  return node?.children.filter((candidate) => candidate.tag === tag) ?? [];
}

/** The first child element of this name. */
export function child(node: XmlNode | undefined, tag: string): XmlNode | undefined {
  return node?.children.find((candidate) => candidate.tag === tag);
}

function printNode({ tag, attributes, children, text }: XmlNode, space: string, depth: number): string {
  const pairs = Object.entries(attributes).map(
    ([name, value]) => ` ${name}='${value.replaceAll("'", '&apos;')}'`,
  );
  const open = `${space}<${tag}${pairs.join('')}`;
  const inner = printXml(children, depth + 1);
  if (inner !== '') return `${open}>\n${inner}\n${space}</${tag}>`;
  return text === '' ? `${open}/>` : `${open}>${text}</${tag}>`;
}

function nodeOf(raw: RawNode): XmlNode {
  const tag = Object.keys(raw).find((key) => key !== ':@') ?? '';
  const content = raw[tag];
  const attributes = (raw[':@'] ?? {}) as Record<string, string>;
  if (tag === '#text') return { tag, attributes, children: [], text: String(content) };
  const children = Array.isArray(content) ? (content as RawNode[]).map(nodeOf) : [];
  const text = children
    .filter((node) => node.tag === '#text')
    .map((node) => node.text)
    .join('');
  return { tag, attributes, children, text };
}
