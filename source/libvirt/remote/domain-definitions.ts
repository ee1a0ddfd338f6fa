import { procedures } from '../../wire/procedures.js';
import type { ByteStream } from '../byte-stream.js';
import { ErrorCode, isUnsupported, type LibvirtError, type Unsupported } from '../errors.js';
import type { CallOptions, ConsoleOptions, DomainCapabilitiesQuery, DomainRef } from '../hypervisor.js';
import { RemoteByteStream } from './byte-stream.js';
import { type Caller, guard } from './caller.js';

/** virDomainDefineFlags */
const validate = 1;

/** virDomainUndefineFlagsValues */
const UndefineFlag = { managedSave: 1, snapshots: 2, nvram: 4, keepNvram: 8, checkpoints: 16 } as const;
const { managedSave, snapshots, checkpoints } = UndefineFlag;

/** What is asked for, and then what an older or a smaller driver can do. @param nvram what is done to that */
function undefineAttempts(nvram: number): readonly number[] {
  return [
    managedSave | snapshots | nvram | checkpoints,
    managedSave | snapshots | nvram,
    managedSave | snapshots | checkpoints,
    managedSave | snapshots,
    managedSave,
    0,
  ];
}

/** virDomainConsoleFlags */
const ConsoleFlag = { force: 1, safe: 2 } as const;

/** libvirt probes its emulators where it has not yet: seconds. */
const probeTimeout = 120_000;

/** Domains as definitions, and what can be defined. */
export class RemoteDomainDefinitions {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  async define(xml: string, options?: CallOptions): Promise<DomainRef> {
    const call = async (flags: number) =>
      (await this.#caller.act(procedures.DOMAIN_DEFINE_XML_FLAGS, { xml, flags }, probeTimeout, options)).dom;
    try {
      return await this.#caller.flagged(validate, call);
    } catch (error) {
      if ((error as LibvirtError).kind !== 'unsupported') throw error;
      return (await this.#caller.act(procedures.DOMAIN_DEFINE_XML, { xml }, probeTimeout, options)).dom;
    }
  }

  async undefine(
    dom: DomainRef,
    { keepNvram = false, ...options }: CallOptions & { readonly keepNvram?: boolean } = {},
  ): Promise<void> {
    for (const flags of undefineAttempts(keepNvram ? UndefineFlag.keepNvram : UndefineFlag.nvram)) {
      try {
        await this.#caller.call(procedures.DOMAIN_UNDEFINE_FLAGS, { dom, flags }, options);
        return;
      } catch (error) {
        if (flags === 0 || !refusesFlags(error as LibvirtError)) throw error;
      }
    }
  }

  async snapshotXmls(dom: DomainRef, options?: CallOptions): Promise<readonly string[]> {
    const answer = this.#caller.call(
      procedures.DOMAIN_LIST_ALL_SNAPSHOTS,
      { dom, need_results: 1, flags: 0 },
      options,
    );
    const listed = await this.#caller.ask(answer);
    if (isUnsupported(listed)) return [];
    const texts = listed.snapshots.map(async (snap) => {
      const args = { snap, flags: 0 };
      try {
        return (await this.#caller.call(procedures.DOMAIN_SNAPSHOT_GET_XML_DESC, args, options)).xml;
      } catch (error) {
        // One that is gone meanwhile holds nothing.
        if ((error as LibvirtError).code !== ErrorCode.noSnapshot) throw error;
        return undefined;
      }
    });
    return (await Promise.all(texts)).filter((xml) => xml !== undefined);
  }

  async capabilities(options?: CallOptions): Promise<string> {
    const answer = this.#caller.act(procedures.CONNECT_GET_CAPABILITIES, {}, probeTimeout, options);
    return (await answer).capabilities;
  }

  domainCapabilities(query: DomainCapabilitiesQuery, options?: CallOptions): Promise<string | Unsupported> {
    const { emulator, arch, machine, virtType } = query;
    const args = { emulatorbin: emulator, arch, machine, virttype: virtType, flags: 0 };
    const answer = this.#caller.act(procedures.CONNECT_GET_DOMAIN_CAPABILITIES, args, probeTimeout, options);
    return this.#caller.ask(answer.then(({ capabilities }) => capabilities));
  }

  async openConsole(dom: DomainRef, options: ConsoleOptions = {}): Promise<ByteStream> {
    const { device, force, safe, ...call } = options;
    const flags = (force ? ConsoleFlag.force : 0) | (safe ? ConsoleFlag.safe : 0);
    const args = { dom, dev_name: device, flags };
    const opening = this.#caller.channel.openStream(procedures.DOMAIN_OPEN_CONSOLE, args, call);
    return new RemoteByteStream((await guard(opening)).stream);
  }
}

function refusesFlags({ kind, code, message }: LibvirtError): boolean {
  return kind === 'libvirt' && code === ErrorCode.invalidArg && message.includes('flags');
}
