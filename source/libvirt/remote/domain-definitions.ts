import { procedures } from '../../wire/procedures.js';
import type { ByteStream } from '../byte-stream.js';
import { ErrorCode, isUnsupported, type LibvirtError, type Unsupported } from '../errors.js';
import type { CallOptions, ConsoleOptions, DomainCapabilitiesQuery, DomainRef } from '../hypervisor.js';
import { RemoteByteStream } from './byte-stream.js';
import { type Caller, guard, refusesFlags } from './caller.js';

/** virDomainModificationImpact */
const affectLive = 1;

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

  async updateDevice(dom: DomainRef, xml: string, options?: CallOptions): Promise<void> {
    await this.#caller.call(procedures.DOMAIN_UPDATE_DEVICE_FLAGS, { dom, xml, flags: affectLive }, options);
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

  async keptXmls(
    dom: DomainRef & { readonly managedSave?: boolean },
    options?: CallOptions,
  ): Promise<readonly string[]> {
    const args = { dom, flags: 0 };
    const snapshots = this.#caller.call(
      procedures.DOMAIN_LIST_ALL_SNAPSHOTS,
      { ...args, need_results: 1 },
      options,
    );
    const [listed, saved, backup] = await Promise.all([
      this.#caller.ask(snapshots),
      dom.managedSave === true
        ? this.#there(this.#caller.call(procedures.DOMAIN_MANAGED_SAVE_GET_XML_DESC, args, options))
        : undefined,
      // Only what runs is backed up.
      dom.id === -1
        ? undefined
        : this.#there(this.#caller.call(procedures.DOMAIN_BACKUP_GET_XML_DESC, args, options)),
    ]);
    const found = isUnsupported(listed)
      ? []
      : listed.snapshots.map((snap) =>
          this.#there(
            this.#caller.call(procedures.DOMAIN_SNAPSHOT_GET_XML_DESC, { snap, flags: 0 }, options),
          ),
        );
    const texts = [saved, backup, ...(await Promise.all(found))];
    return texts.flatMap((one) => (one === undefined ? [] : [one.xml]));
  }

  /** Undefined for what there is none of, or is gone meanwhile. */
  async #there<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      const told = await this.#caller.ask(answer);
      return isUnsupported(told) ? undefined : told;
    } catch (error) {
      if (!nothing.includes((error as LibvirtError).code)) throw error;
      return undefined;
    }
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

/** libvirt's "there is none": of snapshots, backups, saved states. */
const nothing: readonly number[] = [ErrorCode.noSnapshot, ErrorCode.noBackup, ErrorCode.operationInvalid];
