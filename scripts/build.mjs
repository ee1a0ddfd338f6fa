#!/usr/bin/env node
// `npm run build`: bundles cli.tsx and everything it uses into dist/, so that nothing has to be installed.
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { thirdPartyNotices } from './third-party.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/**
 * @typedef {object} Build
 * @property {{path: string, text: string}[]} files to write, with absolute paths
 * @property {esbuild.Metafile} metafile what came from where, and who imports whom
 */

/**
 * Bundles without writing anything. Code-split: what a one-shot command does not import, it does not load.
 * @returns {Promise<Build>}
 */
export async function build() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { cli: 'cli.tsx' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.DEV': '"false"',
      VIRTDECK_VERSION: JSON.stringify(version),
    },
    alias: { 'react-devtools-core': join(import.meta.dirname, 'react-devtools-stub.mjs') },
    plugins: [lazyUnicode, yogaWithoutFetch],
    logLevel: 'warning',
  });
  const files = outputFiles.map(({ path, text }) => ({ path, text: finish(path, text) }));
  files.push({ path: join(dist, 'THIRD-PARTY.txt'), text: await thirdPartyNotices(root, metafile) });
  return { files, metafile };
}

/**
 * Packages make an Intl.Segmenter and the pattern of all emoji when they are loaded: 18 and 35 ms for the first
 * of each, more than all the rest of `virtdeck list`. In the bundle they are made when a text needs them. ASCII
 * never does, nor a text of one code unit, nor the symbols of spinners and boxes, which are one cell wide: what stands
 * in for their segments answers all that a real one does (iterating, and `containing`, by which lines are cut).
 * @type {esbuild.Plugin}
 */
const lazyUnicode = {
  name: 'lazy-unicode',
  setup(builder) {
    builder.onLoad({ filter: /node_modules.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text
        .replace(
          /^const (\w+) = new Intl\.Segmenter\((.*)\);$/gm,
          String.raw`let $1Made; const $1 = { segment: (text) => text.length === 1 || /^[\u001B\u0020-\u007E\u00A0\u2500-\u257F\u2800-\u28FF]*$$/.test(text) ? Object.assign(Array.from(text, (segment, index) => ({ segment, index, input: text })), { containing(at = 0) { return this[Math.trunc(at)]; } }) : ($1Made ??= new Intl.Segmenter($2)).segment(text) };`,
        )
        .replace(
          /^const (\w+) = (\/\S*\\p\{RGI_Emoji\}\S*\/v);$/gm,
          'let $1Made; const $1 = { test: (text) => ($1Made ??= $2).test(text) };',
        )
        .replace(
          String.raw`/^[\u0020-\u007E]*$/.test(string)`,
          String.raw`/^[\u0020-\u007E\u00A0\u2500-\u257F\u2800-\u28FF]*$/.test(string)`,
        );
      return contents === text ? undefined : { contents, loader: 'js' };
    });
  },
};

/**
 * Yoga reads its WebAssembly from a data URL through `fetch`, which makes Node load its HTTP client: 20 ms of
 * the first frame, where decoding the text takes less than one. Without fetch it decodes by itself.
 * @type {esbuild.Plugin}
 */
const yogaWithoutFetch = {
  name: 'yoga-without-fetch',
  setup(builder) {
    builder.onLoad({ filter: /yoga-layout.*binaries.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: `const fetch = undefined;\n${text}`, loader: 'js' };
    });
  },
};

/**
 * Replaces dist/ by a build. The entry is written after its chunks and before old ones go, so that a program
 * that is started meanwhile finds what it imports.
 * @param {Build} result
 */
export async function writeBuild({ files }) {
  const entry = join(dist, 'cli.js');
  for (const { path, text } of [...files].sort(
    (a, b) => Number(a.path === entry) - Number(b.path === entry),
  )) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  await chmod(entry, 0o755);
  const written = new Set(files.map(({ path }) => path));
  for (const file of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !written.has(path)) await rm(path);
  }
}

/**
 * CommonJS packages call `require` for Node's own modules, which ESM lacks. Only the chunk with esbuild's
 * helper for that gets it: a banner for all would be paid by every command.
 * @param {string} path
 * @param {string} text
 */
function finish(path, text) {
  const needsRequire = /\btypeof require\b/.test(text);
  const banner = needsRequire
    ? "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);\n"
    : '';
  const hashbang = path === join(dist, 'cli.js') ? '#!/usr/bin/env node\n' : '';
  return `${hashbang}${banner}${text}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await build();
  await writeBuild(result);
  for (const { path, text } of result.files.sort((a, b) => b.text.length - a.text.length).slice(0, 5)) {
    process.stdout.write(
      `${String(Math.round(text.length / 1024)).padStart(6)} KiB  ${relative(root, path)}\n`,
    );
  }
}
