import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, isSeq, type Node, YAMLMap, YAMLSeq } from 'yaml';
import type { ConnectionSetting, Settings } from './settings.js';

/** Fields whose value is one word or number. */
const scalarFields = ['grouping', 'interval', 'theme', 'symbols'] as const;

/**
 * Brings the difference between two settings into the document of the first: nodes that stay keep their
 * comments and style, what did not change is not touched.
 */
export function applyChanges(document: Document, before: Settings, after: Settings): void {
  const root = rootOf(document);
  if (!isDeepStrictEqual(before.connections, after.connections)) {
    changeConnections(document, root, before.connections, after.connections);
  }
  if (!isDeepStrictEqual(before.columns, after.columns)) changeColumns(document, root, after.columns);
  if (!isDeepStrictEqual(before.sort, after.sort)) changeSort(document, root, before.sort, after.sort);
  for (const field of scalarFields) {
    if (before[field] !== after[field]) root.set(field, after[field]);
  }
}

function rootOf(document: Document): YAMLMap {
  if (isMap(document.contents)) {
    // "{}" is written over lines once something is in it.
    if (document.contents.items.length === 0) document.contents.flow = false;
    return document.contents as YAMLMap;
  }
  const root = new YAMLMap(document.schema);
  document.contents = root;
  return root;
}

function changeConnections(
  document: Document,
  root: YAMLMap,
  before: readonly ConnectionSetting[],
  after: readonly ConnectionSetting[],
): void {
  const list = sequenceIn(document, root, 'connections', before);
  // The entries of a file without errors are exactly the settings' connections, in the same order.
  const nodes = new Map(before.map((connection, index) => [connection, list.items[index] as Node]));
  const style = list.items.at(-1) as YAMLMap | undefined;
  const blankLines = list.items.length > 1 && style?.spaceBefore === true;
  list.items = after.map((connection, index) => {
    const origin = originOf(connection, index, before, after);
    const node = origin && nodes.get(origin);
    if (origin !== undefined && isMap(node)) {
      for (const [field, value] of Object.entries(connection)) {
        if (origin[field as keyof ConnectionSetting] !== value) node.set(field, value);
      }
      return node;
    }
    const { name, uri, autoconnect } = connection;
    const created = document.createNode({ name, uri, autoconnect }) as YAMLMap;
    if (style?.flow) created.flow = true;
    if (blankLines) created.spaceBefore = true;
    return created;
  });
  // A new list, or "[]" of somebody who emptied it, is written over lines.
  if (before.length === 0) list.flow = false;
  // yaml (2.9) writes an empty list that was one of lines to where nothing can read it: leave the field empty.
  if (after.length === 0) {
    const nothing = document.createNode(null);
    nothing.comment = list.commentBefore ?? null;
    root.set('connections', nothing);
  }
}

/** The connection of before that this one is: of the same name, or renamed in its place. */
function originOf(
  connection: ConnectionSetting,
  index: number,
  before: readonly ConnectionSetting[],
  after: readonly ConnectionSetting[],
): ConnectionSetting | undefined {
  const named = before.find(({ name }) => name === connection.name);
  if (named !== undefined || before.length !== after.length) return named;
  const inPlace = before[index];
  return inPlace && after.some(({ name }) => name === inPlace.name) ? undefined : inPlace;
}

function changeColumns(document: Document, root: YAMLMap, columns: Settings['columns']): void {
  if (columns === undefined) {
    root.delete('columns');
    return;
  }
  const existing = root.get('columns', true);
  const list = sequenceIn(document, root, 'columns', undefined);
  if (!isSeq(existing)) list.flow = true;
  const nodes = new Map(list.items.map((node) => [(node as { value?: unknown }).value, node as Node]));
  list.items = columns.map((id) => nodes.get(id) ?? document.createNode(id));
}

function changeSort(
  document: Document,
  root: YAMLMap,
  before: Settings['sort'],
  after: Settings['sort'],
): void {
  const existing = root.get('sort', true);
  if (!isMap(existing)) {
    root.set('sort', document.createNode({ column: after.column, reverse: after.reverse }));
    return;
  }
  if (before.column !== after.column) existing.set('column', after.column);
  if (before.reverse !== after.reverse) existing.set('reverse', after.reverse);
}

/** The list of a field; one that is missing, empty or an alias of another field's becomes a list of its own. */
function sequenceIn(document: Document, root: YAMLMap, field: string, content: unknown): YAMLSeq {
  const existing = root.get(field, true);
  if (isSeq(existing)) return existing as YAMLSeq;
  const list =
    content === undefined
      ? new YAMLSeq(document.schema)
      : (document.createNode(content, { aliasDuplicateObjects: false }) as YAMLSeq);
  // "connections:  # mine" with nothing after it: the comment hangs on the nothing.
  if (isScalar(existing)) list.commentBefore = existing.comment ?? null;
  root.set(field, list);
  return list;
}
