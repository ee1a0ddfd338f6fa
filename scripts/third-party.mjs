import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The licences of all packages that went into the bundle: their terms ask that they travel with it.
 * @param {string} root the project's folder
 * @param {{inputs: Record<string, unknown>}} metafile
 */
export async function thirdPartyNotices(root, metafile) {
  const folders = new Set(Object.keys(metafile.inputs).flatMap((path) => packageFolder(path) ?? []));
  const notices = await Promise.all([...folders].sort().map((folder) => notice(join(root, folder))));
  return `Virtdeck contains the following packages.\n\n${notices.join('\n')}`;
}

/**
 * @param {string} path an input's path, relative to the project
 * @returns {string | undefined} the innermost package's folder
 */
function packageFolder(path) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

/** @param {string} folder */
async function notice(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? await readFile(join(folder, file), 'utf8') : '';
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`;
}
