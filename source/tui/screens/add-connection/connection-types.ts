/** What a person chooses from in place of typing a URI. */
export interface ConnectionType {
  readonly id: string;
  readonly text: string;
  /** The one on this machine; undefined: the person says it. */
  readonly uri: string | undefined;
  /** What the connection is called unless the person says otherwise; undefined: made from the URI. */
  readonly name?: string;
  /** There is none on another machine. */
  readonly isLocal?: boolean;
}

/** The id of the type whose URI a person types. */
export const customType = 'custom';

/** The paths are those that libvirt's drivers take (docs/drivers). */
export const connectionTypes: readonly ConnectionType[] = [
  { id: 'system', text: 'QEMU/KVM, system', uri: 'qemu:///system' },
  { id: 'session', text: 'QEMU/KVM, user session', uri: 'qemu:///session', name: 'session' },
  { id: 'lxc', text: 'LXC containers', uri: 'lxc:///system' },
  { id: 'xen', text: 'Xen', uri: 'xen:///system' },
  { id: 'bhyve', text: 'bhyve', uri: 'bhyve:///system' },
  { id: 'ch', text: 'Cloud Hypervisor', uri: 'ch:///system' },
  { id: 'vbox', text: 'VirtualBox', uri: 'vbox:///session' },
  { id: 'vz', text: 'Virtuozzo', uri: 'vz:///system' },
  { id: 'test', text: 'test driver of libvirt', uri: 'test:///default' },
  { id: 'lab', text: 'simulated lab', uri: 'lab:///', isLocal: true },
  { id: customType, text: 'custom URI', uri: undefined, isLocal: true },
];
