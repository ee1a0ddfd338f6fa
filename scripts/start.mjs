#!/usr/bin/env node
// `npm start`: everything a fresh machine needs, then the program, in this same process: it owns the terminal.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeReady, root } from './ready.mjs';

await makeReady();
const cli = join(root, 'dist', 'cli.js');
process.argv = [process.execPath, cli, ...process.argv.slice(2)];
await import(pathToFileURL(cli).href);
