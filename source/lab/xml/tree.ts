import { type Element, readXml } from '../../libvirt/xml/reader.js';
import { xmlText } from '../../libvirt/xml/write.js';
import { refuse } from '../errors.js';

/** An element with its children in order. */
export interface XmlNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Its own text; none where it is but the white space between children. */
  readonly text: string;
}

/** How deep libxml2 lets elements stand in each other. */
const deepest = 256;

/**
 * Reads a document with the root element `root` (absent: any). Throws as libvirt does for bad XML, in the name of the driver
 * that `refuseXml` speaks for.
 */
export function parseXml(text: string, root: string | undefined, refuseXml = refuse.xml): XmlNode {
  const element = read(text, refuseXml);
  if (root !== undefined && element.name !== root)
    throw refuseXml(`unexpected root element <${element.name}>, expecting <${root}>`);
  return nodeOf(element, deepest, refuseXml);
}

function read(text: string, refuseXml: typeof refuse.xml): Element {
  try {
    return readXml(text);
  } catch (error) {
    throw refuseXml((error as Error).message);
  }
}

/** Prints elements as libvirt does: two spaces per level, single quotes. */
export function printXml(nodes: readonly XmlNode[], depth: number): string {
  return nodes.map((node) => printNode(node, '  '.repeat(depth), depth)).join('\n');
}

/** An element made here. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  content: readonly XmlNode[] | string = [],
): XmlNode {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    tag,
    attributes: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    children: typeof content === 'string' ? [] : content,
    text: typeof content === 'string' ? content : '',
  };
}

/** The text of the first child of this name; absent when there is none or it is empty. */
export function textOf(node: XmlNode | undefined, tag: string): string | undefined {
  return child(node, tag)?.text || undefined;
}

/** An attribute; absent when it is empty. */
export function attribute(node: XmlNode | undefined, name: string): string | undefined {
  return node?.attributes[name] || undefined;
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
  const pairs = Object.entries(attributes).map(([name, value]) => ` ${name}='${xmlText(value)}'`);
  const open = `${space}<${tag}${pairs.join('')}`;
  const inner = printXml(children, depth + 1);
  if (inner !== '') return `${open}>\n${inner}\n${space}</${tag}>`;
  return text === '' ? `${open}/>` : `${open}>${xmlText(text)}</${tag}>`;
}

function nodeOf(element: Element, depth: number, refuseXml: typeof refuse.xml): XmlNode {
  if (depth === 0) throw refuseXml(`Excessive depth in document: ${deepest}`);
  const { name, attributes, children, text } = element;
  return {
    tag: name,
    attributes: Object.fromEntries(attributes),
    children: children.map((child) => nodeOf(child, depth - 1, refuseXml)),
    text: text.trim() === '' ? '' : text,
  };
}
