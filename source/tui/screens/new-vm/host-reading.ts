import { homedir } from 'node:os';
import { isUnsupported, type LibvirtError } from '../../../libvirt/errors.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import type { PoolInfo, PoolListing, VolumeRef } from '../../../libvirt/storage.js';
import { mayMakeNetwork } from '../../../provision/choose-network.js';
import { findKeys, type PublicKey } from '../../../provision/cloud-init/ssh-keys.js';
import { type HostFacts, readHost } from '../../../provision/host-facts.js';
import { chooseMachine } from '../../../provision/machine.js';
import { isLocalHost } from '../../../provision/places.js';
import type { Finding } from '../../../provision/plan.js';
import { refreshPool } from '../../../provision/volume-holders.js';
import { connectionOf } from '../../services/live-connection.js';
import type { ScreenHost } from '../../services/screen-host.js';

/** A storage pool with what lies in it. */
export interface PoolReading {
  readonly listing: PoolListing;
  /** Undefined while it is inactive. */
  readonly info: PoolInfo | undefined;
  readonly volumes: readonly VolumeRef[];
}

/** What the wizard offers, as the host tells it. */
export interface HostReading {
  readonly facts: HostFacts;
  readonly pools: readonly PoolReading[];
  readonly mayMakeNetwork: boolean;
  /** Why no VM can be made on this connection at all. */
  readonly refusal: Finding | undefined;
}

/** @throws LibvirtError */
async function readHostFor(hypervisor: Hypervisor, uri: string | undefined): Promise<HostReading> {
  const facts = await readHost(hypervisor);
  const listings = isUnsupported(facts.pools) ? [] : facts.pools;
  const pools = await Promise.all(listings.map((listing) => readPoolOf(hypervisor, listing)));
  const { findings } = chooseMachine({}, facts.capabilities, facts.info.type);
  const refusal = findings.find(({ level, field }) => level === 'error' && field === 'host');
  const mayMake = mayMakeNetwork(facts, isLocalHost(uri, facts.info));
  return { facts, pools, mayMakeNetwork: mayMake, refusal };
}

/** A pool that cannot be read has no volumes to offer; the plan says why where it is chosen. */
async function readPoolOf(hypervisor: Hypervisor, listing: PoolListing): Promise<PoolReading> {
  const nothing: PoolReading = { listing, info: undefined, volumes: [] };
  if (!listing.active) return nothing;
  try {
    await refreshPool(hypervisor.pools, listing);
    const [info, volumes] = await Promise.all([
      hypervisor.pools.info(listing),
      hypervisor.volumes.list(listing),
    ]);
    return { listing, info, volumes };
  } catch {
    return nothing;
  }
}

type ReaderState =
  | { readonly state: 'reading' }
  | { readonly state: 'ready'; readonly reading: HostReading }
  | { readonly state: 'failed'; readonly error: LibvirtError };

/** Reads a host and this machine's SSH keys, beside the screen, which never waits for it. */
export class HostReader {
  readonly #host: ScreenHost;
  readonly #connectionId: string;
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  #state: ReaderState = { state: 'reading' };
  #keys: readonly PublicKey[] = [];
  #round = 0;
  /** Resolves when the newest reading has ended, well or not. */
  settled: Promise<void> = Promise.resolve();

  constructor(host: ScreenHost, connectionId: string, changed: () => void) {
    this.#host = host;
    this.#connectionId = connectionId;
    this.#changed = changed;
    this.again();
  }

  get state(): ReaderState {
    return this.#state;
  }

  get reading(): HostReading | undefined {
    return this.#state.state === 'ready' ? this.#state.reading : undefined;
  }

  get keys(): readonly PublicKey[] {
    return this.#keys;
  }

  /** Reads again, e.g. after a failure; the old data stay until the answer arrives. */
  again(): void {
    this.#round += 1;
    if (this.#state.state === 'failed') this.#state = { state: 'reading' };
    this.settled = Promise.all([this.#readHost(this.#round), this.#readKeys()]).then(() => {});
  }

  close(): void {
    this.#round += 1;
    this.#abort.abort();
  }

  async #readHost(round: number): Promise<void> {
    let state: ReaderState;
    const { inventory } = this.#host;
    const uri = connectionOf({ host: this.#host, connectionId: this.#connectionId })?.uri;
    try {
      const reading = await inventory.ask(this.#connectionId, (hypervisor) => readHostFor(hypervisor, uri));
      state = { state: 'ready', reading };
    } catch (error) {
      state = { state: 'failed', error: error as LibvirtError };
    }
    if (round !== this.#round) return;
    this.#state = state;
    this.#changed();
  }

  async #readKeys(): Promise<void> {
    const { environment: env } = this.#host;
    try {
      this.#keys = await findKeys({ home: env.HOME || homedir(), env, signal: this.#abort.signal });
    } catch {
      // Only where the wizard was closed.
    }
  }
}
