import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { width } from '../../../source/text/width.js';
import { Terminal } from '../../support/terminal.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let folder: string;
let program: string;

/** Bundled once, as the real program is: compiling the sources at each start takes seconds on a busy machine. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtdeck-test-tui-'));
  program = join(folder, 'demo.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./demo.tsx', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    alias: { 'react-devtools-core': './scripts/react-devtools-stub.mjs' },
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The screens on made-up data, in a real pseudo-terminal. */
function demo(scene: string, count = 40, rows = 24): Terminal {
  return Terminal.open({
    command: process.execPath,
    args: [program, String(count), scene],
    env: { LC_ALL: 'C.UTF-8' },
    rows,
  });
}

test('paints the whole screen, and q gives the terminal back as it was', async () => {
  await using terminal = demo('plain');
  await terminal.waitFor(/help$/);
  expect(terminal.altScreen).toBe(true);
  expect(terminal.screen()[0]).toContain('1 host · 40 domains · 16 running');
  terminal.send('q');
  expect((await terminal.onExit).exitCode).toBe(0);
  expect(terminal.altScreen).toBe(false);
  expect(terminal.rawOutput).toContain('\u001B[?25h');
  expect(terminal.rawOutput).toContain('\u001B[?2004l');
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s restores the terminal', async (signal, code) => {
  await using terminal = demo('plain');
  await terminal.waitFor(/help$/);
  process.kill(terminal.pid, signal);
  expect((await terminal.onExit).exitCode).toBe(code);
  expect(terminal.altScreen).toBe(false);
});

test('resizes, asks above the list, and shows help, each without leaving a trace', async () => {
  await using terminal = demo('plain');
  await terminal.waitFor(/help$/);
  terminal.resize(60, 16);
  await terminal.waitFor(() => / help$/.test(terminal.screen()[15] ?? ''));
  terminal.resize(120, 40);
  await terminal.waitFor(
    () => / help$/.test(terminal.screen()[39] ?? '') && terminal.text().includes('vm-20'),
  );
  terminal.send('j');
  await terminal.waitFor('d shut down');
  terminal.send('F');
  await terminal.waitFor(/│ Force off\? +│/);
  await terminal.waitFor('[ No (n) ]');
  terminal.send('n');
  await terminal.waitFor(
    () => !terminal.text().includes('Force off?') && /vm-11 +running/.test(terminal.text()),
  );
  terminal.send('?');
  await terminal.waitFor('Everywhere');
  terminal.send('\u001B');
  // A frame may be read in the middle: the help is gone once all of it is drawn over.
  await terminal.waitFor(
    () => !terminal.text().includes('Everywhere') && /vm-11 +running/.test(terminal.text()),
  );
});

test('hostile names do nothing to the terminal, and the columns stay straight', async () => {
  await using names = demo('names', 12, 30);
  await names.waitFor(/help$/);
  await names.waitFor('red·[31mred·]0;own…');
  for (const line of names.screen()) expect(width(line)).toBeLessThanOrEqual(80);
  const columns = names
    .screen()
    // The emulator has the widths of Unicode 6, in which emoji take one cell.
    .filter((line) => /running|paused/.test(line) && !/virtdeck|emoji/.test(line))
    .map((line) => width(line.slice(0, line.search(/running|paused/))));
  expect(new Set(columns).size).toBe(1);
});

test.each(['crash', 'crash-draw', 'crash-ink', 'crash-promise'])(
  'a fault (%s) gives the terminal back, is told in a line or two, and ends the program',
  async (scene) => {
    await using broken = demo(scene);
    await broken.waitFor(/help$|provoked/);
    // Drawn by Ink, and cut to the window by it.
    if (scene === 'crash-ink') broken.resize(58, 24);
    if (scene === 'crash-ink') broken.send('?');
    expect((await broken.onExit).exitCode).toBe(1);
    expect(broken.altScreen).toBe(false);
    expect(broken.rawOutput).toMatch(/ended by a fault of its own: Error: provoked·\[2J/);
    expect(broken.text().split('\n').length).toBeLessThanOrEqual(4);
    expect(broken.rawOutput).toContain('\u001B[?2004l');
  },
);

test('without a terminal one line names what works there', async () => {
  const child = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const started = execFile(process.execPath, [program], (_error, _stdout, stderr) =>
      resolve({ code: started.exitCode, stderr }),
    );
  });
  expect(child.code).toBe(2);
  expect(child.stderr).toMatch(/not a terminal.*virtdeck list\n$/);
});
