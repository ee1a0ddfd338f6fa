/** What a person chooses from in place of typing a URI. */
export interface ConnectionType {
  readonly id: string;
  readonly text: string;
  /** Undefined: the person says it. */
  readonly uri: string | undefined;
  /** What the connection is called unless the person says otherwise; undefined: made from the URI. */
  readonly name?: string;
}

/** The id of the type whose URI a person types. */
export const customType = 'custom';

export const connectionTypes: readonly ConnectionType[] = [
  { id: 'system', text: 'QEMU/KVM, system', uri: 'qemu:///system' },
  { id: 'session', text: 'QEMU/KVM, user session', uri: 'qemu:///session', name: 'session' },
  { id: 'lxc', text: 'LXC containers', uri: 'lxc:///system' },
  { id: 'xen', text: 'Xen', uri: 'xen:///system' },
  { id: 'test', text: 'test driver of libvirt', uri: 'test:///default' },
  { id: 'lab', text: 'simulated lab', uri: 'lab:///' },
  { id: customType, text: 'custom URI', uri: undefined },
];
