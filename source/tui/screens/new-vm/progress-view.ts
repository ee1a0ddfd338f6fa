import type { AddressProgress } from '../../../provision/address.js';
import type { Outcome } from '../../../provision/create.js';
import { haltHint, outcomeText } from '../../../provision/outcome-text.js';
import type { SafeText } from '../../../text/safe.js';
import { bytes } from '../../../text/size.js';
import { duration, rate } from '../../../text/units.js';
import { spaces, wrap } from '../../../text/width.js';
import { barParts } from '../../kit/bar.js';
import type { TaskProgress } from '../../services/tasks.js';
import type { Look, Part } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';
import type { Creation, StepState, UndoState } from './creation.js';
import { namesText } from './creation-text.js';

/** Console lines below everything else: what a person sees of a guest that boots. */
const consoleLines = 8;
const narrowBar = 10;
const wideBar = 24;
/** Turns of the spinner a second. */
const spinnerStep = 120;

/** Lines of a creation as far as it is; `focus` is the line to keep in view. */
export interface ProgressLines {
  readonly lines: readonly SafeText[];
  readonly focus: number;
}

/** @param selected the machine that keys act on, marked where there are several */
export function drawCreation(
  creation: Creation,
  selected: string,
  cells: number,
  now: number,
  look: Look,
): ProgressLines {
  const lines: SafeText[] = [];
  let focus = 0;
  for (const step of creation.steps) {
    if (step.state === 'running' || step.state === 'failed') focus = lines.length + 1;
    lines.push(...stepLines(step, creation, cells, now, look));
  }
  if (creation.steps.length === 0 && !creation.ended)
    lines.push(
      look.line([[`${spinner(now, look)} `, 'accent'], [`looking at the host${look.glyphs.pending}`]], cells),
    );
  if (creation.undone.length > 0) lines.push(spaces(cells), look.line([['Taken back', 'heading']], cells));
  for (const { what, state, text } of creation.undone) {
    const [mark, style] = markOf(state, now, look);
    const why: Part = [text === undefined ? '' : `  ${text}`, state === 'failed' ? 'bad' : 'faint'];
    lines.push(look.line([['  '], [`${mark} `, style], [what], why], cells));
    focus = lines.length;
  }
  const told = [
    ...(creation.failure === undefined ? [] : failureLines(creation.failure, cells, look)),
    ...creation.names.flatMap((name) => machineLines(creation, name, selected, cells, look)),
  ];
  if (told.length > 0) {
    lines.push(spaces(cells), ...told);
    focus = lines.length;
  }
  return { lines, focus };
}

function stepLines(step: StepState, { names }: Creation, cells: number, now: number, look: Look): SafeText[] {
  const [mark, style] = markOf(step.state, now, look);
  const whose = names.length > 1 && step.machine !== undefined ? `${step.machine}: ` : '';
  const head: Part[] = [
    ['  '],
    [`${mark} `, style],
    [whose + step.title, step.state === 'waiting' ? 'faint' : 'plain'],
  ];
  const { text, state } = step;
  if (state === 'failed')
    return [look.line(head, cells), ...wrapped(text ?? 'failed', cells, 6, 'bad', look)];
  if (state !== 'running')
    return [look.line([...head, [text === undefined ? '' : `  ${text}`, 'faint']], cells)];
  return [
    look.line(head, cells),
    ...(step.progress === undefined ? [] : [progressLine(step.progress, cells, look)]),
    ...(text === undefined ? [] : [look.line([[`      ${text}`, 'faint']], cells)]),
  ];
}

function progressLine(progress: TaskProgress, cells: number, look: Look): SafeText {
  const { total, eta } = progress;
  const of = total === undefined ? '' : ` of ${bytes(total)}`;
  const words = [
    `${progress.checking ? 'read back: ' : ''}${bytes(progress.bytes)}${of}`,
    ...(progress.rate === undefined ? [] : [rate(progress.rate)]),
    ...(eta === undefined ? [] : [`${duration(eta)} left`]),
  ].join('  ');
  const bar =
    total === undefined || total === 0
      ? []
      : [...barParts(progress.bytes / total, cells < 80 ? narrowBar : wideBar, look), ['  '] as const];
  return look.line([['      '], ...bar, [words]], cells);
}

function machineLines(
  creation: Creation,
  name: string,
  selected: string,
  cells: number,
  look: Look,
): SafeText[] {
  const outcome = creation.outcomes.get(name);
  const address = creation.addresses.get(name);
  const pointer = creation.names.length === 1 ? '' : name === selected ? '> ' : '  ';
  if (outcome !== undefined) return outcomeLines(creation, name, outcome, pointer, cells, look);
  if (address === undefined && !creation.boots(name)) return [];
  const alone = creation.names.length === 1;
  return [
    look.line([[pointer], [`${name}: `, 'heading'], ...addressParts(address, look)], cells),
    ...(alone && address !== undefined ? consoleTail(address, cells, look) : []),
  ];
}

/** booting, DHCP lease, agent connected: what has come stays. */
function addressParts(address: AddressProgress | undefined, look: Look): Part[] {
  const { lease, agentConnected = false, useless = [] } = address ?? {};
  const parts: Part[] = [['booting', lease === undefined && !agentConnected ? 'accent' : 'faint']];
  const arrow = look.unicode ? ' → ' : ' > ';
  if (lease !== undefined) parts.push([arrow], [`DHCP lease ${lease}`, agentConnected ? 'plain' : 'accent']);
  if (agentConnected) parts.push([arrow], ['agent connected', 'accent']);
  if (useless.length > 0) parts.push([arrow], [`only ${useless.join(', ')}, which do not lead to it`]);
  return [...parts, [look.glyphs.pending]];
}

/** "Creating web-1   on lab", and what came of it. */
export function drawCreationTitle(
  creation: Creation,
  connection: string,
  cells: number,
  look: Look,
): SafeText {
  const doing = creation.ended ? (creation.failed ? 'Not created: ' : 'Created: ') : 'Creating ';
  return look.line([[doing + namesText(creation.names), 'title'], [`   on ${connection}`]], cells);
}

function consoleTail({ console }: AddressProgress, cells: number, look: Look): SafeText[] {
  return console.slice(-consoleLines).map((line) => look.line([[`  ${line}`, 'faint']], cells));
}

function outcomeLines(
  creation: Creation,
  name: string,
  outcome: Outcome,
  pointer: string,
  cells: number,
  look: Look,
): SafeText[] {
  const text = outcomeText(name, outcome);
  if (outcome.state === 'up') {
    const ssh = creation.sshLine(name);
    if (outcome.found.reach.kind === 'user-net')
      return [
        ...wrapped(text, cells, pointer.length, 'good', look, pointer),
        look.line([['  t', 'heading'], ['  opens its console']], cells),
      ];
    const whole = ssh === undefined ? text : `${text}   ${ssh}`;
    if (ssh === undefined || look.width(pointer + whole) <= cells)
      return [
        look.line([[pointer], [text, 'good'], [ssh === undefined ? '' : `   ${ssh}`, 'heading']], cells),
      ];
    return [
      ...wrapped(text, cells, pointer.length, 'good', look, pointer),
      look.line([['  '], [ssh, 'heading']], cells),
    ];
  }
  if (outcome.state === 'halted')
    return [
      ...wrapped(text, cells, pointer.length, 'bad', look, pointer),
      ...wrapped(haltHint(name, outcome.fix, creation.connection), cells, 2, 'plain', look),
      ...outcome.console.slice(-consoleLines).map((line) => look.line([[`  ${line}`, 'faint']], cells)),
    ];
  if (outcome.state === 'made') return wrapped(text, cells, pointer.length, 'good', look, pointer);
  if (outcome.state === 'timeout') return timeoutLines(text, outcome.progress, pointer, cells, look);
  const { error, left } = outcome;
  return [
    ...wrapped(text, cells, pointer.length, 'bad', look, pointer),
    ...(error.hint === undefined ? [] : wrapped(error.hint, cells, 2, 'plain', look)),
    ...(left.length === 0 ? [look.line([['  Nothing of it is left.', 'faint']], cells)] : []),
    ...left.flatMap(({ what, why, byHand }) => [
      ...wrapped(`Left behind: ${what}: ${why}`, cells, 2, 'warning', look),
      ...wrapped(`By hand: ${byHand}`, cells, 4, 'plain', look),
    ]),
  ];
}

function timeoutLines(
  text: string,
  progress: AddressProgress,
  pointer: string,
  cells: number,
  look: Look,
): SafeText[] {
  const { lease, agentConnected, useless } = progress;
  const pending = agentConnected
    ? `Its agent is connected and has told no address that leads to it${useless.length === 0 ? '.' : `, only ${useless.join(', ')}.`}`
    : lease === undefined
      ? 'It has asked for no address yet. Its console says why, perhaps:'
      : `It has the DHCP lease ${lease}; its agent has not connected.`;
  return [
    ...wrapped(text, cells, pointer.length, 'warning', look, pointer),
    ...wrapped(pending, cells, 2, 'plain', look),
    ...consoleTail(progress, cells, look),
  ];
}

function failureLines(
  { text, hint }: NonNullable<Creation['failure']>,
  cells: number,
  look: Look,
): SafeText[] {
  return [
    ...wrapped(`Error: ${text}`, cells, 0, 'bad', look),
    ...(hint === undefined ? [] : wrapped(hint, cells, 0, 'plain', look)),
  ];
}

/** Text in as many lines as it needs, behind `indent` cells; the first one behind `pointer`. */
export function wrapped(
  text: string,
  cells: number,
  indent: number,
  style: StyleName,
  look: Look,
  pointer: string = spaces(indent),
): SafeText[] {
  return wrap(look.text(text), Math.max(10, cells - indent)).map((line, at) =>
    look.line([[at === 0 ? pointer : spaces(indent)], [line, style]], cells),
  );
}

function markOf(
  state: StepState['state'] | UndoState['state'],
  now: number,
  look: Look,
): readonly [string, StyleName] {
  if (state === 'running') return [spinner(now, look), 'accent'];
  if (state === 'done') return [look.glyphs.mark, 'good'];
  if (state === 'failed') return [look.glyphs.failed, 'bad'];
  return [look.glyphs.separator, 'faint'];
}

export function spinner(now: number, look: Look): string {
  const frames = look.unicode ? '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏' : '|/-\\';
  return frames[Math.floor(now / spinnerStep) % frames.length] ?? '';
}
