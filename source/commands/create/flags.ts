import type { HelpPart, VmOption } from '../../provision/request/vm-option.js';
import { vmOptions } from '../../provision/request/vm-options.js';
import { connectFlag, type Flag } from '../command.js';

/** Cells before the text that stands beside a flag. */
const helpIndent = 28;
const helpWidth = 100;

/** The text of `virtdeck create --help`: what is asked for is told by the table of options, the rest here. */
export const createUsage = `
  Usage
    $ virtdeck create NAME [options]          a VM from a cloud image, up to its address
    $ virtdeck create --images                the images that are known by name
    $ virtdeck create --cleanup               what creations that were cut off have left

  What it is made from (one of them)
${helpOf('source')}
  Hardware
${helpOf('hardware')}
  The guest, by cloud-init (of an image)
${helpOf('guest')}
  Doing it
    -c, --connect URI       the host
${helpOf('work')}    --no-wait               does not wait for the address
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

/** The lines of a part's options. Those without a text of their own stand beside each other. */
function helpOf(part: HelpPart): string {
  const lines: string[] = [];
  let open: string | undefined;
  for (const option of vmOptions) {
    const { flag } = option;
    if (flag === undefined || option.part !== part) continue;
    const usage = `    ${usageOf(option)}`;
    if (flag.help === undefined) {
      const joined = open === undefined ? usage : `${open}, ${usage.trimStart()}`;
      if (open !== undefined && joined.length <= helpWidth) lines.pop();
      open = joined.length <= helpWidth ? joined : usage;
      lines.push(open);
      continue;
    }
    open = undefined;
    const [first = '', ...more] = flag.help.split('\n');
    lines.push(`${usage.padEnd(helpIndent - 2)}  ${first}`);
    lines.push(...more.map((text) => ' '.repeat(helpIndent) + text));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** "-y, --yes", "--no-start", "--format qcow2|raw" */
function usageOf({ flag, value: reading }: VmOption): string {
  if (flag === undefined) return '';
  const isOn =
    reading.kind === 'toggle' ? reading.default : reading.kind === 'special' && reading.default === 'yes';
  const name = `${flag.short === undefined ? '' : `-${flag.short}, `}--${isOn ? 'no-' : ''}${flag.name}`;
  if (flag.value !== undefined) return `${name} ${flag.value}`;
  if (reading.kind !== 'choice' || reading.flagMeans !== undefined) return name;
  return `${name} ${Object.keys(reading.choices).join('|')}`;
}

const text: Flag = { type: 'string' };
const texts: Flag = { type: 'string', isMultiple: true };
const yes: Flag = { type: 'boolean' };
const number: Flag = { type: 'number' };

/** Node's parser reads --no-NAME as NAME: false. */
export const createFlags: Readonly<Record<string, Flag>> = {
  ...connectFlag,
  ...Object.fromEntries(
    vmOptions.flatMap(({ flag, value }) => {
      if (flag === undefined) return [];
      const { short, type } = flag;
      return [[flag.name, { ...flagOf(value, type), ...(short && { shortFlag: short }) }]];
    }),
  ),
  // Refused with a reason.
  password: text,
  wait: yes,
  timeout: text,
  'dry-run': yes,
  json: yes,
  images: yes,
  cleanup: yes,
  remove: yes,
  finish: yes,
};

function flagOf(value: VmOption['value'], type: NonNullable<VmOption['flag']>['type']): Flag {
  if (value.kind === 'special') return { text, texts, number, switch: yes }[type ?? 'text'];
  if (value.kind === 'words' || value.kind === 'line') return texts;
  if (value.kind === 'count') return number;
  return value.kind === 'toggle' || (value.kind === 'choice' && value.flagMeans !== undefined) ? yes : text;
}
