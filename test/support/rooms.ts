import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

/** An import that breaks the order of the rooms. */
export type Violation = { readonly file: string; readonly imported: string; readonly reason: string };

const state = ['text', 'state'];
const wire = [...state, 'wire'];
const transport = [...wire, 'transport'];
const libvirt = [...transport, 'libvirt'];
const inventory = [...libvirt, 'inventory'];
const provision = [...inventory, 'provision'];
const lab = [...wire, 'libvirt', 'lab'];
const hosts = [...libvirt, 'lab', 'hosts'];
const below = [...provision, 'lab', 'hosts', 'settings'];

/**
 * What each room of source/ may import, itself included. A room that is not here may not exist: there is no
 * `shared` or `utils`. `text` is the lowest: pure helpers for text, sizes and durations; then `state`: files of this machine.
 */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  text: ['text'],
  state,
  wire,
  transport,
  libvirt,
  inventory,
  provision,
  lab,
  hosts,
  settings: [...state, 'settings'],
  commands: [...below, 'commands'],
  tui: [...below, 'tui'],
};

/**
 * The violations in one file.
 * @param file its path from the project's folder, with slashes
 */
export function violationsIn(file: string, text: string): Violation[] {
  const room = roomOf(file);
  if (file === 'cli.tsx') return [];
  const rooms = room === undefined ? undefined : allowed[room];
  if (rooms === undefined) return [{ file, imported: '', reason: 'is in none of the rooms of source/' }];
  return importsOf(text).flatMap((imported) => {
    const target = posix.join(dirname(file), imported);
    if (!imported.startsWith('.')) return [];
    const other = roomOf(target);
    if (other !== undefined && rooms.includes(other)) return [];
    return [{ file, imported, reason: `${room} may not import ${other ?? target}` }];
  });
}

/** The violations in all of cli.tsx and source/ below `root`. */
export function violationsBelow(root: string): Violation[] {
  return sourceFiles(root).flatMap((file) => violationsIn(file, readFileSync(join(root, file), 'utf8')));
}

/** cli.tsx and all TypeScript files of source/, as paths from `root`. */
export function sourceFiles(root: string): string[] {
  const entries = readdirSync(join(root, 'source'), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return ['cli.tsx', ...files.sort()];
}

/** What a module imports or re-exports: statements (types too), side effects and `import()`. */
export function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const forms = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ''));
}

/**
 * Files that import each other in a circle, by imports that carry a value: which of them runs first is luck.
 * @param texts of each file, by its path
 */
export function circlesIn(texts: ReadonlyMap<string, string>): string[][] {
  const values = new Map([...texts].map(([file, text]) => [file, valueImports(file, text, texts)] as const));
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) circles.push([...path.slice(at), file]);
    if (at !== -1 || done.has(file)) return;
    for (const next of values.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of values.keys()) visit(file, []);
  return circles;
}

/** What a file imports at its start that is more than types. */
function valueImports(file: string, text: string, texts: ReadonlyMap<string, string>): string[] {
  const statements = text.matchAll(/^(?:import|export)\b(?!\s+type\b)([^'"`;]*?)\bfrom\s*'(\.[^']+)'/gm);
  return [...statements].flatMap(([, names = '', imported = '']) => {
    const listed = /^\s*\{([^}]*)\}\s*$/
      .exec(names)?.[1]
      ?.split(',')
      .map((name) => name.trim());
    if (listed?.every((name) => name === '' || name.startsWith('type '))) return [];
    const stem = posix.join(posix.dirname(file), imported.replace(/\.js$/, ''));
    return [`${stem}.ts`, `${stem}.tsx`].filter((path) => texts.has(path));
  });
}

/** The floors of tui/, from the lowest: each imports only itself and those before it. */
const floors = ['terminal', 'theme', 'input', 'kit', 'services', 'screens', 'app'];

/**
 * The imports of one file of tui/ that go up to a higher floor, or into the inside of another screen: a screen is
 * entered through its `open-….ts`, a tab of the Connection screen through its `…-tab.ts`, what keys do to its objects
 * through its `…-keys.ts`.
 */
export function floorViolationsIn(file: string, text: string): Violation[] {
  const floor = floorOf(file);
  if (floor === undefined) return [];
  return importsOf(text).flatMap((imported): Violation[] => {
    const target = posix.join(dirname(file), imported);
    const other = imported.startsWith('.') ? floorOf(target) : undefined;
    if (other === undefined) return [];
    if (floors.indexOf(other) > floors.indexOf(floor))
      return [{ file, imported, reason: `tui/${floor} may not import tui/${other}` }];
    const screen = screenOf(target);
    if (
      other !== 'screens' ||
      floor !== 'screens' ||
      screen === screenOf(file) ||
      /\/(open-[^/]+|[^/]+-(tab|keys))\.js$/.test(target)
    )
      return [];
    return [{ file, imported, reason: `is the inside of the screen ${screen}` }];
  });
}

/** The violations of the floors in all of source/tui. */
export function floorViolationsBelow(root: string): Violation[] {
  return sourceFiles(root).flatMap((file) => floorViolationsIn(file, readFileSync(join(root, file), 'utf8')));
}

function floorOf(path: string): string | undefined {
  return /^source\/tui\/([^/]+)\//.exec(path)?.[1];
}

function screenOf(path: string): string | undefined {
  return /^source\/tui\/screens\/([^/]+)\//.exec(path)?.[1];
}

function roomOf(path: string): string | undefined {
  return /^source\/([^/]+)\//.exec(path)?.[1];
}
