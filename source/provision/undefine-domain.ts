import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { nvramOf } from '../libvirt/xml/domain-sources-xml.js';
import { type HostNames, readUse, settled, strangersOf, usersOfFile } from './volume-holders.js';

/** The file with a domain's UEFI variables. */
export interface Nvram {
  readonly path: string;
  /** Who else holds it, or may: it stays for them. "domain db-1" */
  readonly users: readonly string[];
}

/** @returns undefined where the domain has none */
export function nvramIn(host: HostNames, name: string, xml: string): Nvram | undefined {
  const path = nvramOf(xml);
  if (path === undefined) return undefined;
  const others = usersOfFile(host, path).flatMap(({ domain }) =>
    domain === name ? [] : [`domain ${domain}`],
  );
  const strangers = strangersOf({ use: host.use, unread: [] }, { domain: name });
  return { path, users: [...others, ...strangers.map((one) => `perhaps ${one}, which cannot be read`)] };
}

/**
 * Undefines a domain; its NVRAM goes with it unless somebody else holds that file by now, or it is wanted.
 *
 * @returns its NVRAM and why it stays; undefined where it has none
 * @throws LibvirtError
 */
export async function undefineDomain(
  hypervisor: Hypervisor,
  domain: DomainRef,
  { keepNvram = false }: { readonly keepNvram?: boolean } = {},
): Promise<Nvram | undefined> {
  const xml = await hypervisor.domainXml(domain, { inactive: true });
  let nvram: Nvram | undefined;
  if (nvramOf(xml) !== undefined)
    nvram = nvramIn(await settled(hypervisor, [], [], await readUse(hypervisor)), domain.name, xml);
  await hypervisor.undefineDomain(domain, { keepNvram: keepNvram || (nvram?.users.length ?? 0) > 0 });
  return nvram;
}

/** Waits for what is stopped: what is off by itself meanwhile is off. */
export async function stopped(stopping: Promise<void>): Promise<undefined> {
  try {
    await stopping;
  } catch (error) {
    if ((error as LibvirtError).code !== ErrorCode.operationInvalid) throw error;
  }
}
