import type { Flag } from '../command.js';
import { connectFlag } from '../command.js';

export const createUsage = `
  Usage
    $ virtdeck create NAME [options]          a VM from a cloud image, up to its address
    $ virtdeck create --images                the images that are known by name
    $ virtdeck create --cleanup               what creations that were cut off have left

  What it is made from (one of them)
    --image IMAGE           an id (debian-12), POOL/VOLUME, a file, or a URL (with #sha256=… if you know it)
    --iso ISO               an installer: POOL/VOLUME, a file or a URL
    --pxe                   the network
    --import POOL/VOLUME    a disk that is there, used as it is
    --empty                 nothing

  Hardware
    --vcpus N               (2)
    --memory SIZE           2G, or a number of MiB (2G)
    --disk SIZE             20G, or a number of GiB (10G; 20G without an image)
    --allocation SIZE       taken from the pool at once
    --copy                  a full copy of the image instead of a disk that stands on it
    --format qcow2|raw      of the disk
    --pool NAME             where the disks go (default)
    --network NAME, --bridge NAME, --user-network, --no-network
    --mac ADDRESS
    --virt-type kvm|qemu, --arch ARCH, --machine TYPE, --firmware bios|uefi
    --cpu host-passthrough|host-model|maximum|default
    --graphics vnc|spice|none
    --os ID                 libosinfo's id, where the image does not tell it

  The guest, by cloud-init (of an image)
    --user NAME             (your own name; as root the image's user)
    --no-sudo
    --ssh-key KEY           a file, a URL or the key itself; several times (~/.ssh/*.pub and the agent's)
    --no-ssh-key            none at all
    --password-file FILE    its first line is the password; "-" reads standard input, unseen at a terminal
    --hostname NAME, --timezone ZONE, --locale LOCALE
    --package NAME, --run COMMAND             several times
    --user-data FILE        merged with what the options say
    --user-data-only FILE   used alone
    --vendor-data FILE, --network-config FILE
    --address CIDR          fixed addresses instead of DHCP; several times, with --gateway and --dns
    --datasource nocloud|configdrive
    --no-agent              does not install qemu-guest-agent
    --no-cloud-init         no seed at all

  Doing it
    -c, --connect URI       the host
    --count N               web-1 to web-N at once
    -y, --yes               starts the network and the pool where they are inactive, makes the network
                            default where there is none
    --no-start              defined only
    --no-wait               does not wait for the address
    --timeout TIME          how long it is waited for: 90, 5m (10m)
    --dry-run               prints the plan, the XML and the seed (masked is what looks like a secret), and makes nothing
    --json                  a JSON object a line, see below
    --remove, --finish      with --cleanup: without asking

  Lines of --json, by their "type"; without "machine" they are about all that are made
    finding, error    level, field, message, hint
    step              machine, step, title, state (running, done, failed), text
    progress          machine, step, bytes, total, rate (bytes a second), eta (milliseconds),
                      checking (true while it is read back, from 0 again)
    say               machine, step, text
    undo              machine, what, state (running, done, kept, failed), text
    address           machine, phase (booting, lease, agent), lease, agentConnected,
                      useless (addresses of the agent's that do not lead to it)
    end               machine, state (up, made, timeout, halted, failed, cancelled) and what belongs to it:
                      address, family, source, all, ssh, reach (address, forward, user-net), forward;
                      running, note; progress; message, console; message, hint, step, left
    plan              of --dry-run: shared, machines
    cut-off           of --cleanup: host, begun, machines, made
    result            the last one: code, host, machines (name, state, address, reach, ssh)

  Exit codes
    0    all are up, or made where nothing was to be waited for
    1    failed: what was made is undone, or named
    2    wrong usage
    3    the VM exists and runs, and has no address in time
    130  ended by Ctrl-C: what was being made is undone, a VM that was only waited for stays
`;

const text: Flag = { type: 'string' };
const texts: Flag = { type: 'string', isMultiple: true };
const yes: Flag = { type: 'boolean' };

/** Node's parser reads --no-NAME as NAME: false. */
export const createFlags = {
  ...connectFlag,
  image: text,
  iso: text,
  pxe: yes,
  import: text,
  empty: yes,
  vcpus: { type: 'number' },
  memory: text,
  disk: text,
  allocation: text,
  copy: yes,
  format: text,
  pool: text,
  network: text,
  bridge: text,
  'user-network': yes,
  'no-network': yes,
  mac: text,
  'virt-type': text,
  arch: text,
  machine: text,
  firmware: text,
  cpu: text,
  graphics: text,
  os: text,
  user: text,
  sudo: yes,
  'ssh-key': texts,
  'no-ssh-key': yes,
  'password-file': text,
  password: text,
  hostname: text,
  timezone: text,
  locale: text,
  package: texts,
  run: texts,
  'user-data': text,
  'user-data-only': text,
  'vendor-data': text,
  'network-config': text,
  address: texts,
  gateway: text,
  dns: texts,
  datasource: text,
  agent: yes,
  'cloud-init': yes,
  count: { type: 'number' },
  yes: { type: 'boolean', shortFlag: 'y' },
  start: yes,
  wait: yes,
  timeout: text,
  'dry-run': yes,
  json: yes,
  images: yes,
  cleanup: yes,
  remove: yes,
  finish: yes,
} as const satisfies Record<string, Flag>;
