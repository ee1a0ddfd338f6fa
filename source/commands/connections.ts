import { readClientConfig } from '../libvirt/client-config.js';
import { loadSettings } from '../settings/load-settings.js';
import { formatProblem } from '../settings/problem.js';
import { environmentUri, proposeConnections } from '../settings/propose-connections.js';
import { settingsPath } from '../settings/settings-path.js';
import { literal, safe } from '../text/safe.js';
import type { CommandIo } from './command.js';

/** A connection that a command is asked to use. */
export interface ConnectionChoice {
  /** How it is called in messages and tables. */
  readonly label: string;
  /** Undefined: what libvirt itself would choose. */
  readonly uri: string | undefined;
}

/**
 * The connections of a command: those given with -c (a URI, or the name of one in the settings), else the one
 * of the environment, else those of the settings, else what the full-screen program proposes, else what libvirt would
 * choose. What is wrong with the settings, or keeps libvirt.conf
 * from being read, is told on standard error.
 */
export async function chooseConnections(given: unknown, io: CommandIo): Promise<readonly ConnectionChoice[]> {
  const wanted = Array.isArray(given) ? given.map(String) : [];
  // Aliases of it may be meant by what is given as well.
  const { uriDefault, problem: unread } = await readClientConfig(io.env, process.geteuid?.() ?? 0);
  if (unread !== undefined) io.stderr.write(literal`warning: ${safe(unread)}\n`);
  const fromEnvironment = environmentUri(io.env);
  if (wanted.length === 0 && fromEnvironment) return [{ label: fromEnvironment, uri: fromEnvironment }];
  const { settings, problems } = await loadSettings(settingsPath(io.env));
  for (const problem of problems)
    io.stderr.write(literal`${safe(problem.severity)}: ${safe(formatProblem(problem))}\n`);
  const saved = settings.connections.map(({ name, uri }) => ({ label: name, uri }));
  if (wanted.length > 0) {
    return wanted.map((text) => saved.find(({ label }) => label === text) ?? { label: text, uri: text });
  }
  if (saved.length > 0) return saved;
  // By their URIs: the name of a proposal is none that -c would take.
  const proposed = proposeConnections({ env: io.env, uriDefault }).map(({ uri }) => ({ label: uri, uri }));
  return proposed.length > 0 ? proposed : [{ label: 'default connection', uri: undefined }];
}
