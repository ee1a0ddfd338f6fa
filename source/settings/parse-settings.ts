import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type * as z from 'zod/mini';
import { circularAlias, isCircular, yamlExcess, yamlFault } from '../text/yaml-bounds.js';
import { fieldText, type Problem } from './problem.js';
import { check, connectionSchema, fieldSchemas, type Issue, imageSchema, knownFields } from './schema.js';
import { defaultSettings, type Settings } from './settings.js';

/** More than a person writes; it keeps "billion laughs" from being unfolded. */
const maxAliases = 100;

export interface ParsedSettings {
  readonly settings: Settings;
  readonly problems: readonly Problem[];
  readonly document: Document.Parsed;
}

type Report = (
  severity: Problem['severity'],
  offset: number | undefined,
  path: readonly PropertyKey[],
  message: string,
) => void;

/**
 * Reads the text of a settings file. Never throws: what is wrong is in `problems`, by lines, and what cannot
 * be used has its default. This module brings in yaml and zod: load it only where there is a file.
 */
export function parseSettings(text: string, file: string): ParsedSettings {
  const excess = yamlExcess(text);
  if (excess !== undefined) {
    const line = text.slice(0, excess.at).split('\n').length;
    const problem: Problem = {
      severity: 'error',
      file,
      line,
      column: undefined,
      field: '',
      message: excess.message,
    };
    return { settings: defaultSettings, problems: [problem], document: parseDocument('') };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems: Problem[] = [];
  const report: Report = (severity, offset, path, message) => {
    const { line, col } = offset === undefined ? {} : lines.linePos(offset);
    problems.push({ severity, file, line, column: col, field: fieldText(path), message });
  };
  for (const error of document.errors) report('error', error.pos[0], [], yamlFault(error));
  for (const warning of document.warnings) report('warning', warning.pos[0], [], yamlFault(warning));
  // Of a text that is no YAML nobody can tell what was meant: better no host than a wrong one.
  const settings = document.errors.length > 0 ? defaultSettings : readRoot(document, report);
  return { settings, problems: problems.sort(byPlace), document };
}

function readRoot(document: Document.Parsed, report: Report): Settings {
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return defaultSettings;
  if (!isMap(root)) {
    report('error', root.range?.[0], [], 'expected "field: value" lines, e.g. "interval: 2"');
    return defaultSettings;
  }
  const circle = circularAlias(document);
  if (circle !== undefined) {
    report('error', circle, [], isCircular);
    return defaultSettings;
  }
  let content: Record<string, unknown>;
  try {
    content = document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    report('error', root.range?.[0], [], firstLine(error instanceof Error ? error.message : String(error)));
    return defaultSettings;
  }
  reportUnknown(document, root, '', [], report);
  return readFields(content, (path, issue) => {
    const whole = [...path, ...issue.path];
    report('error', offsetOf(document, whole), whole, issue.message);
  });
}

function readFields(
  content: Readonly<Record<string, unknown>>,
  onIssue: (path: readonly PropertyKey[], issue: Issue) => void,
): Settings {
  const settings: Record<string, unknown> = { ...defaultSettings };
  for (const [name, schema] of Object.entries(fieldSchemas)) {
    // "connections:" with nothing after it is what is left when a person deletes the last entry.
    const value = Object.hasOwn(content, name) ? (content[name] ?? undefined) : undefined;
    if (value === undefined) continue;
    const result = check<unknown>(schema, value);
    if (result.ok) settings[name] = result.value;
    else for (const issue of result.issues) onIssue([name], issue);
  }
  const { connections, images } = settings as Readonly<Record<string, readonly unknown[]>>;
  return {
    ...(settings as unknown as Settings),
    connections: readEntries('connections', connections ?? [], connectionSchema, 'name', onIssue),
    images: readEntries('images', images ?? [], imageSchema, 'id', onIssue),
  };
}

/** A list whose entries are told apart by one of their fields; a bad entry does not take the others along. */
function readEntries<T extends Readonly<Record<K, string>>, K extends string>(
  list: string,
  entries: readonly unknown[],
  schema: z.ZodMiniType<T>,
  key: K,
  onIssue: (path: readonly PropertyKey[], issue: Issue) => void,
): readonly T[] {
  const read = new Map<string, T>();
  for (const [index, entry] of entries.entries()) {
    const path = [list, index];
    const result = check(schema, entry);
    if (!result.ok) for (const issue of result.issues) onIssue(path, issue);
    else if (read.has(result.value[key])) {
      const verb = key === 'name' ? 'is named' : 'has the id';
      const message = `another ${list.replace(/s$/, '')} ${verb} "${result.value[key]}" already`;
      onIssue(path, { path: [key], message });
    } else read.set(result.value[key], result.value);
  }
  return [...read.values()];
}

/** Fields of another version of the program, or typing errors: worth a word, and kept. */
function reportUnknown(
  document: Document.Parsed,
  node: unknown,
  shape: string,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const resolved = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(resolved)) {
    for (const [index, item] of resolved.items.entries()) {
      reportUnknown(document, item, `${shape}[]`, [...path, index], report);
    }
  }
  const known = knownFields[shape];
  if (!isMap(resolved) || known === undefined) return;
  for (const { key, value } of resolved.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (known.includes(name)) {
      reportUnknown(document, value, shape === '' ? name : `${shape}.${name}`, [...path, name], report);
    } else {
      report('warning', (key as Node).range?.[0], [...path, name], `unknown field${guess(name, known)}`);
    }
  }
}

function guess(name: string, known: readonly string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]|s$/g, '');
  const meant = known.find((candidate) => plain(candidate) === plain(name));
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/** Where the node of a path begins, or the innermost one around it that exists. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const key of [undefined, ...path]) {
    if (key !== undefined && (isMap(node) || isSeq(node))) node = node.get(key, true);
    const range = (node as Node | null | undefined)?.range;
    if (!range) break;
    offset = range[0];
    if (isAlias(node)) node = node.resolve(document);
  }
  return offset;
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
