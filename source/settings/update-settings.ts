import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { followLinks, writeAtomically } from '../state/atomic-write.js';
import { FileLocked, lockFile } from '../state/file-lock.js';
import { makeFolder } from '../state/make-folder.js';
import { hasErrors, readText } from './load-settings.js';
import type { Problem } from './problem.js';
import type { Settings } from './settings.js';
import { brokenError, SettingsError } from './settings-error.js';
import { systemReason } from './system-reason.js';

const header = '# Settings of virtdeck. The program keeps comments and order when it writes this file.\n\n';

/** Each round has lost its lock to a process that took it for abandoned: more than one is a sick machine. */
const mostRounds = 5;
/** Milliseconds that another process's edit may take. */
const patience = 10_000;

/** Says what the settings are to be; called again, on newer settings, when another process was faster. */
export type Edit = (current: Settings) => Settings;

/**
 * Changes the settings file: reads it afresh, lets `edit` say what it is to be, writes the difference.
 * Comments, order, blank lines and unknown fields stay; two processes that do this at once lose nothing.
 *
 * @param path from settingsPath()
 * @returns the settings as they are now
 * @throws SettingsError (kind `broken` when the file has errors), or whatever `edit` throws; the file is then
 * as it was
 */
export async function updateSettings(path: string | undefined, edit: Edit): Promise<Settings> {
  if (path === undefined) {
    throw new SettingsError('no-home', 'the settings have no place: set HOME or XDG_CONFIG_HOME');
  }
  const target = await onDisk(path, async () => {
    await makeFolder(dirname(path));
    return followLinks(path);
  });
  for (let round = 0; round < mostRounds; round += 1) {
    const beside = `${target}.lock`;
    const lock = await onDisk(beside, () => lockFile(beside, { patience }));
    try {
      const { settings, text } = await edited(path, edit);
      if (text === undefined) return settings;
      const write = () => writeAtomically(target, text, { mayReplace: lock.isHeld });
      if (await onDisk(path, write)) return settings;
    } finally {
      await lock.release().catch(() => {});
    }
  }
  throw new SettingsError('locked', `${path} is being changed by other processes all the time`);
}

/** The new settings and the new text of the file; no text where nothing changes. */
async function edited(path: string, edit: Edit): Promise<{ settings: Settings; text?: string }> {
  const read = await readText(path);
  if ('problem' in read) throw brokenError(path, [read.problem]);
  const [{ parseSettings }, { applyChanges }, { writeDocument }] = await Promise.all([
    import('./parse-settings.js'),
    import('./apply-changes.js'),
    import('./write-document.js'),
  ]);
  const source = read.text === '' ? header : read.text;
  const parsed = parseSettings(source, path);
  if (hasErrors(parsed.problems)) throw brokenError(path, parsed.problems);
  const wanted = edit(parsed.settings);
  if (isDeepStrictEqual(wanted, parsed.settings)) return { settings: wanted };
  const changed = parsed.document.clone();
  applyChanges(changed, parsed.settings, wanted);
  const meaning = attempt(() => changed.toJS());
  const text = attempt(() =>
    writeDocument(source, parsed.document, changed, (candidate) => {
      const { document } = parseSettings(candidate, path);
      return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), meaning);
    }),
  );
  // The last gate: what would not be read back as it was meant, a secret above all, never gets to the disk.
  const result = parseSettings(text, path);
  if (hasErrors(result.problems) || !isDeepStrictEqual(result.settings, wanted)) {
    throw invalidError(result.problems);
  }
  return { settings: wanted, text };
}

/** Writing fails where an alias (*name) has lost its anchor by the change. */
function attempt<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new SettingsError('invalid', `the settings cannot be changed so: ${systemReason(error)}`, {
      cause: error,
    });
  }
}

function invalidError(problems: readonly Problem[]): SettingsError {
  // Without their lines: they are those of a text that nobody gets to see.
  const reasons = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ field, message }) => `${field}: ${message}`);
  const reason = reasons.length > 0 ? reasons.join('; ') : 'they would be read back differently';
  return new SettingsError('invalid', `the settings cannot be changed so: ${reason}`, { problems });
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    if (error instanceof FileLocked) throw new SettingsError('locked', error.message, { cause: error });
    throw new SettingsError('write', `${path} cannot be written: ${systemReason(error)}`, { cause: error });
  }
}
