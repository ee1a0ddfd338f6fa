import { readClientConfig } from '../../libvirt/client-config.js';
import { readUri } from '../../libvirt/connection-check.js';
import { LibvirtError } from '../../libvirt/errors.js';
import { type Importable, importConnections } from '../../settings/import-connections.js';
import type { Edit } from '../../settings/update-settings.js';
import { jsonText } from '../../text/json.js';
import { joined, literal, type SafeText, safe } from '../../text/safe.js';
import type { CommandIo } from '../command.js';
import { virtManagerConnections } from './virt-manager.js';

export interface ImportResult {
  readonly edit: Edit;
  /** What was done, once the edit was made: lines of text, or one JSON object. */
  text(json: boolean): SafeText;
}

/** What virt-manager and libvirt.conf have; what cannot be asked is told on standard error. */
export async function importEdit({ env, stderr }: CommandIo): Promise<ImportResult> {
  const [manager, config] = await Promise.all([
    virtManagerConnections(env as NodeJS.ProcessEnv),
    readClientConfig(env, process.geteuid?.() ?? 0),
  ]);
  if (manager.absent !== undefined)
    stderr.write(literal`virt-manager: its connections cannot be read: ${safe(manager.absent)}\n`);
  else if (manager.uris.length === 0) stderr.write(literal`virt-manager: it has saved no connections\n`);
  if (config.uriAliases.size === 0)
    stderr.write(
      literal`libvirt.conf: there are no uri_aliases in ${safe(config.file ?? 'it, or no file')}\n`,
    );
  const found: readonly Importable[] = [
    ...manager.uris.map((uri) => ({ uri, autoconnect: manager.autoconnect.includes(uri) })),
    ...[...config.uriAliases].map(([name, uri]) => ({ name, uri, autoconnect: false })),
  ];
  const mistake = (uri: string): string | undefined => {
    const read = readUri(uri, config, env);
    return read instanceof LibvirtError ? read.message : undefined;
  };
  let result: ReturnType<typeof importConnections> = { added: [], leftOut: [] };
  return {
    edit: (settings) => {
      result = importConnections(settings.connections, found, mistake);
      return { ...settings, connections: [...settings.connections, ...result.added] };
    },
    text: (json) => {
      if (json) return jsonText(result, 2);
      const lines = [
        ...result.added.map(({ name, uri }) => `Connection ${name} added: ${uri}`),
        ...result.leftOut.map(({ uri, reason }) => `Left out: ${uri}: ${reason}`),
        ...(found.length === 0 ? ['Nothing to import'] : []),
      ];
      return joined(lines.map(safe), literal`\n`);
    },
  };
}
