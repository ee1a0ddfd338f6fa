import { parseConnectionUri } from '../../../libvirt/connection-uri.js';
import { knownSshNames } from '../../../transport/ssh/known-names.js';
import type { ScreenHost } from '../../services/screen-host.js';

/** Hosts to suggest: those of the connections that there are, then what ssh knows, which is read once. */
export class HostNames {
  readonly #host: ScreenHost;
  #known: readonly string[] = [];

  constructor(host: ScreenHost) {
    this.#host = host;
    void knownSshNames(host.environment).then((names) => {
      this.#known = names;
      host.redraw();
    });
  }

  names(): readonly string[] {
    const { settings, inventory } = this.#host;
    const used = [...settings.current().connections, ...inventory.store.getState().connections];
    return [...new Set([...used.flatMap(({ uri }) => loginIn(uri)), ...this.#known])];
  }
}

/** "root@lab2:2222" of a URI over ssh. */
function loginIn(uri: string): readonly string[] {
  try {
    const { transport, host, user, port } = parseConnectionUri(uri).endpoint;
    if (!transport.includes('ssh') || host === undefined) return [];
    const place = host.includes(':') ? `[${host}]` : host;
    return [`${user === undefined ? '' : `${user}@`}${place}${port === undefined ? '' : `:${port}`}`];
  } catch {
    return [];
  }
}
