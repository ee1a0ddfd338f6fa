import { describe, expect, test } from 'vitest';
import { build } from '../scripts/build.mjs';

/** Package names that must not be loaded: each costs a one-shot command tens of milliseconds. */
const heavy = /node_modules\/(react|react-reconciler|ink|ink-[^/]+|yoga-layout|es-toolkit|zustand)\//;
const settingsOnly = /node_modules\/(zod|yaml)\//;

describe('the built program', async () => {
  const { files, metafile } = await build();

  /** The output made of a source file that is imported dynamically, or of the entry. */
  function outputOf(entryPoint: string): string {
    const found = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entryPoint);
    if (found === undefined) throw new Error(`${entryPoint} is no entry point of any output`);
    return found[0];
  }

  /** All inputs that are loaded with an output: its own and those of its static imports. */
  function loadedWith(output: string, seen = new Set<string>()): string[] {
    if (seen.has(output)) return [];
    seen.add(output);
    const { inputs, imports } = metafile.outputs[output] ?? { inputs: {}, imports: [] };
    const next = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    return [...Object.keys(inputs), ...next.flatMap(({ path }) => loadedWith(path, seen))];
  }

  test('the entry loads no package at all', () => {
    const loaded = loadedWith('dist/cli.js');
    expect(loaded).toContain('cli.tsx');
    expect(loaded.filter((path) => path.includes('node_modules/'))).toEqual([]);
    expect(loaded.filter((path) => path.startsWith('source/tui/'))).toEqual([]);
  });

  test.each(['source/commands/list/list.ts', 'source/commands/power.ts'])(
    '%s loads neither React nor Ink',
    (path) => {
      const loaded = loadedWith(outputOf(path));
      expect(loaded).toContain(path);
      expect(loaded.filter((name) => heavy.test(name) || settingsOnly.test(name))).toEqual([]);
      expect(loaded.filter((name) => name.startsWith('source/tui/'))).toEqual([]);
    },
  );

  test('source/commands/create/create.ts loads neither React nor Ink', () => {
    const loaded = loadedWith(outputOf('source/commands/create/create.ts'));
    expect(loaded).toContain('source/provision/create.ts');
    expect(loaded.filter((name) => heavy.test(name) || name.startsWith('source/tui/'))).toEqual([]);
  });

  test('the full-screen program is there, and would be found by this test', () => {
    expect(loadedWith(outputOf('source/tui/app/start.ts')).filter((path) => heavy.test(path))).not.toEqual(
      [],
    );
  });

  test('only the entry is executable by name, and everything is bundled', () => {
    const entry = files.find(({ path }) => path.endsWith('dist/cli.js'));
    expect(entry?.text.startsWith('#!/usr/bin/env node\n')).toBe(true);
    const outside = Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ external, path }) => external && !path.startsWith('node:'))
      .map(({ path }) => path);
    // Node's own modules, as CommonJS packages name them.
    const { builtinModules } = process.getBuiltinModule('node:module');
    expect(outside.filter((path) => !builtinModules.includes(path))).toEqual([]);
  });
});
