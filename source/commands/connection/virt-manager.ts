import { execFile } from 'node:child_process';

/** Connections that virt-manager has saved, or in words why there are none to be had. */
export interface VirtManagerConnections {
  readonly uris: readonly string[];
  /** Those of `uris` that it connects to when it starts. */
  readonly autoconnect: readonly string[];
  readonly absent?: string;
}

const schema = 'org.virt-manager.virt-manager.connections';

/** Milliseconds. */
const patience = 5000;

/** Programs that know GNOME's settings; the first that is installed is asked. */
const programs = [
  { program: 'gsettings', read: (key: string) => ['get', schema, key] },
  { program: 'dconf', read: (key: string) => ['read', `/${schema.replaceAll('.', '/')}/${key}`] },
] as const;

/** Asks gsettings; where it is not there, or has no schema of virt-manager, dconf. */
export async function virtManagerConnections(env: NodeJS.ProcessEnv): Promise<VirtManagerConnections> {
  const reasons: string[] = [];
  for (const { program, read } of programs) {
    const uris = await outputOf(program, read('uris'), env);
    if ('reason' in uris) {
      reasons.push(uris.reason);
      continue;
    }
    const autoconnect = await outputOf(program, read('autoconnect'), env);
    return {
      uris: stringsOf(uris.text),
      autoconnect: 'reason' in autoconnect ? [] : stringsOf(autoconnect.text),
    };
  }
  return { uris: [], autoconnect: [], absent: reasons.join('; ') };
}

/** The strings of a GVariant list as these programs print it: ['a', "b's"], "@as []", or nothing where none was saved. */
export function stringsOf(printed: string): readonly string[] {
  return [...printed.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs)].map(([, single, double]) =>
    (single ?? double ?? '').replace(/\\(.)/gs, '$1'),
  );
}

function outputOf(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly text: string } | { readonly reason: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: patience }, (error, stdout, stderr) => {
      if (error === null) resolve({ text: stdout });
      else if (error.code === 'ENOENT') resolve({ reason: `${program} is not installed` });
      else if (error.killed) resolve({ reason: `${program} does not answer` });
      else resolve({ reason: `${program}: ${stderr.trim().split('\n')[0] || error.message}` });
    });
  });
}
