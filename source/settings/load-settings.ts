import { isUtf8 } from 'node:buffer';
import { readSmallFile } from '../state/read-small-file.js';
import type { Problem } from './problem.js';
import { defaultSettings, type Settings } from './settings.js';
import { errorCode, systemReason } from './system-reason.js';

/** Bytes. Ten thousand connections fit; something else was put in the place of the file. */
const largestFile = 1024 * 1024;

export interface LoadedSettings {
  /** Complete: what the file does not say, or says wrongly, has its default. */
  readonly settings: Settings;
  /** By their place in the file. */
  readonly problems: readonly Problem[];
  /** The file has errors, or could not be read: it must not be written to. */
  readonly broken: boolean;
  /** As it was given. */
  readonly path: string | undefined;
}

/**
 * Reads the settings file. Never rejects: a file that is not there gives the defaults, what is wrong with one
 * that is there is told in `problems`.
 *
 * @param path from settingsPath(); undefined (no home directory) gives the defaults and a warning
 */
export async function loadSettings(path: string | undefined): Promise<LoadedSettings> {
  if (path === undefined) {
    const message = 'there is no home directory (HOME and XDG_CONFIG_HOME are not set): defaults are used';
    return {
      settings: defaultSettings,
      problems: [aboutFile('settings', 'warning', message)],
      broken: false,
      path,
    };
  }
  const read = await readText(path);
  if ('problem' in read) return { settings: defaultSettings, problems: [read.problem], broken: true, path };
  // Most starts of a one-shot command end here: yaml and zod take longer to load than the rest of it.
  if (saysNothing(read.text)) return { settings: defaultSettings, problems: [], broken: false, path };
  const { parseSettings } = await import('./parse-settings.js');
  const { settings, problems } = parseSettings(read.text, path);
  return { settings, problems, broken: hasErrors(problems), path };
}

/** The text of the file, "" where there is none. */
export async function readText(
  path: string,
): Promise<{ readonly text: string } | { readonly problem: Problem }> {
  let bytes: Buffer;
  try {
    bytes = await readSmallFile(path, largestFile);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return { text: '' };
    return { problem: aboutFile(path, 'error', `cannot be read: ${systemReason(error)}`) };
  }
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return { text };
  const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
  return { problem: { ...aboutFile(path, 'error', 'the text is not UTF-8'), line } };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

function saysNothing(text: string): boolean {
  return /^\uFEFF?(?:[ ]*(?:#.*)?\r?\n)*[ ]*(?:#.*)?$/.test(text);
}

function aboutFile(file: string, severity: Problem['severity'], message: string): Problem {
  return { severity, file, line: undefined, column: undefined, field: '', message };
}
