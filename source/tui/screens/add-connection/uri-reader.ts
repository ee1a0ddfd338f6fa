import { isLabUri, labOptionsOf } from '../../../lab/lab-uri.js';
import { type ClientConfig, parseClientConfig, readClientConfig } from '../../../libvirt/client-config.js';
import { type CheckStep, readUri, stepsTo } from '../../../libvirt/connection-check.js';
import type { ConnectionUri } from '../../../libvirt/connection-uri.js';
import { LibvirtError } from '../../../libvirt/errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads URIs as libvirt's client would here; its configuration file, which holds aliases, arrives a moment later. */
export class UriReader {
  readonly #environment: Environment;
  #config: ClientConfig = parseClientConfig('');

  /** @param changed called when the configuration has arrived */
  constructor(environment: Environment, changed: () => void) {
    this.#environment = environment;
    void readClientConfig(environment, process.geteuid?.() ?? 0).then((config) => {
      this.#config = config;
      changed();
    });
  }

  /** What is wrong with a URI, or undefined. */
  mistake(uri: string): string | undefined {
    const read = this.#read(uri);
    if (!(read instanceof LibvirtError)) return undefined;
    return read.hint === undefined ? read.message : `${read.message}. ${read.hint}`;
  }

  /** The steps of a test of it. */
  steps(uri: string): readonly CheckStep[] {
    if (isLabUri(uri)) return stepsTo('lab');
    const read = this.#read(uri);
    return stepsTo(read instanceof LibvirtError ? undefined : read);
  }

  #read(uri: string): ConnectionUri | LibvirtError {
    const read = readUri(uri, this.#config, this.#environment);
    if (read instanceof LibvirtError || !isLabUri(uri)) return read;
    try {
      labOptionsOf(uri);
      return read;
    } catch (error) {
      if (error instanceof LibvirtError) return error;
      throw error;
    }
  }
}
