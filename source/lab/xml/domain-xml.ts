import { xmlText } from '../../libvirt/xml/write.js';
import { hasHostInterface, hostInterface } from '../world/counters.js';
import type { Definition, LabDisk, LabNic } from '../world/definition.js';
import type { LabDomain } from '../world/domain.js';
import type { Backing } from '../world/storage/qcow2.js';

export const libosinfo = 'http://libosinfo.org/xmlns/libvirt/domain/1.0';

/** What a running domain's XML tells of other things of the host. */
export interface Surroundings {
  /** The bridge of a running network. */
  bridgeOf(network: string): string | undefined;
  /** What an image stands on, the nearest first. */
  backingOf(path: string): readonly Backing[];
}

const alone: Surroundings = { bridgeOf: () => undefined, backingOf: () => [] };

/** A domain's XML as libvirt prints it: `live` with what only a running domain has. */
export function domainXml(domain: LabDomain, live: boolean, surroundings: Surroundings = alone): string {
  const { definition } = domain;
  const running = live && domain.active;
  const id = running ? ` id='${domain.id}'` : '';
  const lines = [
    `<domain type='${definition.type}'${id}>`,
    `  <name>${xmlText(definition.name)}</name>`,
    `  <uuid>${definition.uuid}</uuid>`,
    ...optional('title', definition.title),
    ...optional('description', definition.description),
    ...metadata(definition),
    `  <memory unit='KiB'>${definition.memory}</memory>`,
    `  <currentMemory unit='KiB'>${running ? domain.balloon : definition.currentMemory}</currentMemory>`,
    vcpu(definition),
    ...(definition.xml === undefined
      ? [body(domain, running, surroundings)]
      : [given(domain, definition.xml, running)]),
    '</domain>',
    '',
  ];
  return lines.join('\n');
}

function optional(element: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`  <${element}>${xmlText(text)}</${element}>`];
}

function metadata({ metadata, os, xml }: Definition): string[] {
  const elements = [...metadata.values()].map((element) => element.xml);
  if (xml === undefined && !metadata.has(libosinfo)) {
    elements.unshift(
      `<libosinfo:libosinfo xmlns:libosinfo="${libosinfo}">\n  <libosinfo:os id="${os.id}"/>\n</libosinfo:libosinfo>`,
    );
  }
  if (elements.length === 0) return [];
  return ['  <metadata>', ...elements.map((element) => indent(element, 4)), '  </metadata>'];
}

function vcpu({ vcpus, maxVcpus }: Definition): string {
  const current = vcpus === maxVcpus ? '' : ` current='${vcpus}'`;
  return `  <vcpu placement='static'${current}>${maxVcpus}</vcpu>`;
}

/** What somebody defined; a running domain's interfaces have a name on the host, and its agent's channel a state. */
function given(domain: LabDomain, xml: string, running: boolean): string {
  if (!running) return xml;
  let nic = 0;
  const named = xml.replace(/^( *)<\/interface>/gm, (end, space: string) => {
    const index = nic;
    nic += 1;
    const kind = domain.definition.nics[index];
    if (kind === undefined || !hasHostInterface(kind)) return end;
    return `${space}  <target dev='${hostInterface(domain, index)}'/>\n${end}`;
  });
  return named.replace(
    /<target\b[^>]*\bname=(["'])org\.qemu\.guest_agent\.0\1[^>]*?(?=\/?>)/,
    (target) => `${target.replace(/ state=(["']).*?\1/, '')} state='${domain.agent}'`,
  );
}

/** What virt-install would have made. */
function body(domain: LabDomain, running: boolean, surroundings: Surroundings): string {
  const { definition } = domain;
  const windows = definition.os.diskBus === 'sata';
  return `  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='host-passthrough' check='none' migratable='on'/>
  <clock offset='${windows ? 'localtime' : 'utc'}'>
    <timer name='rtc' tickpolicy='catchup'/>
    <timer name='pit' tickpolicy='delay'/>
    <timer name='hpet' present='no'/>
  </clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>preserve</on_crash>
  <pm>
    <suspend-to-mem enabled='yes'/>
    <suspend-to-disk enabled='no'/>
  </pm>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
${definition.disks.map((disk, index) => diskXml(disk, index, running, surroundings)).join('\n')}
    <controller type='usb' index='0' model='qemu-xhci' ports='15'>${aliasLine('usb', running)}
      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
    </controller>
    <controller type='pci' index='0' model='pcie-root'${running ? `>${aliasLine('pcie.0', running)}\n    </controller>` : '/>'}
    <controller type='virtio-serial' index='0'>${aliasLine('virtio-serial0', running)}
      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
    </controller>
${definition.nics.map((nic, index) => nicXml(domain, nic, index, running, surroundings)).join('\n')}
${serialXml(domain, running)}${definition.agentChannel ? `\n${agentXml(domain, running)}` : ''}
    <input type='tablet' bus='usb'>${aliasLine('input0', running)}
      <address type='usb' bus='0' port='1'/>
    </input>
    <graphics type='vnc' port='${running ? 5900 + domain.ordinal : -1}' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <video>
      <model type='virtio' heads='1' primary='yes'/>${aliasLine('video0', running)}
      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/>
    </video>
    <memballoon model='virtio'>
      <stats period='5'/>${aliasLine('balloon0', running)}
      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>
    </memballoon>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>${aliasLine('rng0', running)}
      <address type='pci' domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>
    </rng>
  </devices>`;
}

function aliasLine(name: string, running: boolean): string {
  return running ? `\n      <alias name='${name}'/>` : '';
}

function diskXml(disk: LabDisk, index: number, running: boolean, { backingOf }: Surroundings): string {
  const { target, bus, format, source } = disk;
  const file =
    source === undefined
      ? ''
      : `\n      <source file='${xmlText(source)}'${running ? ` index='${index + 1}'` : ''}/>`;
  const address =
    bus === 'virtio'
      ? `<address type='pci' domain='0x0000' bus='0x0${4 + index}' slot='0x00' function='0x0'/>`
      : `<address type='drive' controller='0' bus='0' target='0' unit='${index}'/>`;
  return `    <disk type='file' device='${disk.device}'>
      <driver name='qemu' type='${format}' discard='unmap'/>${file}${running ? `\n${backingStoreXml(backingOf(source ?? ''), 6)}` : ''}
      <target dev='${target}' bus='${bus}'/>${aliasLine(`${bus}-disk${index}`, running)}
      ${address}
    </disk>`;
}

/** The images that a disk stands on, each inside the one above. */
function backingStoreXml([first, ...rest]: readonly Backing[], spaces: number): string {
  const space = ' '.repeat(spaces);
  if (first === undefined) return `${space}<backingStore/>`;
  return `${space}<backingStore type='file'>
${space}  <format type='${xmlText(first.format)}'/>
${space}  <source file='${xmlText(first.path)}'/>
${backingStoreXml(rest, spaces + 2)}
${space}</backingStore>`;
}

function nicXml(
  domain: LabDomain,
  nic: LabNic,
  index: number,
  running: boolean,
  { bridgeOf }: Surroundings,
): string {
  const bridge = running && nic.kind === 'network' ? bridgeOf(nic.source) : undefined;
  const source =
    nic.kind === 'user'
      ? ''
      : `\n      <source ${nic.kind}='${nic.source}'${bridge === undefined ? '' : ` bridge='${xmlText(bridge)}'`}/>`;
  const target =
    running && hasHostInterface(nic) ? `\n      <target dev='${hostInterface(domain, index)}'/>` : '';
  return `    <interface type='${nic.kind}'>
      <mac address='${nic.mac}'/>${source}${target}
      <model type='${nic.model}'/>${aliasLine(`net${index}`, running)}
      <address type='pci' domain='0x0000' bus='0x01' slot='0x0${index}' function='0x0'/>
    </interface>`;
}

function serialXml(domain: LabDomain, running: boolean): string {
  const path = running ? `\n      <source path='/dev/pts/${domain.ordinal + 1}'/>` : '';
  const tty = running ? ` tty='/dev/pts/${domain.ordinal + 1}'` : '';
  return `    <serial type='pty'>${path}
      <target type='isa-serial' port='0'>
        <model name='isa-serial'/>
      </target>${aliasLine('serial0', running)}
    </serial>
    <console type='pty'${tty}>${path}
      <target type='serial' port='0'/>${aliasLine('serial0', running)}
    </console>`;
}

function agentXml(domain: LabDomain, running: boolean): string {
  const name = 'org.qemu.guest_agent.0';
  const path = `/run/libvirt/qemu/channel/${domain.id}-${domain.name.slice(0, 20)}/${name}`;
  const source = running ? `\n      <source mode='bind' path='${xmlText(path)}'/>` : '';
  const state = running ? ` state='${domain.agent}'` : '';
  return `    <channel type='unix'>${source}
      <target type='virtio' name='${name}'${state}/>${aliasLine('channel0', running)}
      <address type='virtio-serial' controller='0' bus='0' port='1'/>
    </channel>`;
}

/** Every line of `text` moved right by `spaces`. */
function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}
