import { render } from 'ink';
import { systemClock } from '../../inventory/clock.js';
import type { OpenHypervisor } from '../../inventory/host-connection.js';
import { safeBlock } from '../../text/safe.js';
import { Dispatcher } from '../input/dispatcher.js';
import { createUiStore } from '../kit/ui-state.js';
import { offerUnfinished } from '../screens/new-vm/unfinished.js';
import type { TuiInventory } from '../services/inventory-port.js';
import { PaneStack } from '../services/pane-stack.js';
import { Prompts } from '../services/prompts.js';
import { memorySettings, type SettingsPort } from '../services/settings-port.js';
import { CanvasContext } from '../terminal/canvas.js';
import { detectCapabilities } from '../terminal/capabilities.js';
import { describeFault, type End, withinMoment } from '../terminal/ending.js';
import { FrameStream } from '../terminal/frame-stream.js';
import { lastWords } from '../terminal/last-words.js';
import { missingTerminal } from '../terminal/missing-terminal.js';
import { holdStrayOutput } from '../terminal/stray-output.js';
import { TerminalLease } from '../terminal/terminal-lease.js';
import { watchEnd } from '../terminal/watch-end.js';
import { Look } from '../theme/look.js';
import { App } from './app.js';
import { openProgram } from './program.js';

export interface TuiOptions {
  readonly inventory: TuiInventory;
  readonly version: string;
  /** Opens a connection of its own, to test one that is about to be added. */
  readonly open?: OpenHypervisor;
  /** What hosts ask while they are connected to. */
  readonly prompts?: Prompts;
  /** Where choices come from and are kept; without: until the program ends. */
  readonly settings?: SettingsPort;
  readonly stdin?: NodeJS.ReadStream;
  readonly stdout?: NodeJS.WriteStream;
  readonly environment?: NodeJS.ProcessEnv;
  /** What to do when there is no connection at all, in sentences. */
  readonly empty?: readonly string[];
}

const defaultEmpty = [
  'No connection is configured and no libvirt socket was found on this machine.',
  'Start with a URI: virtdeck -c qemu:///system, or virtdeck -c qemu+ssh://root@host/system.',
];

/**
 * Runs the full-screen program until the person quits or the process is told to end. The terminal is given
 * back as it was, whatever the reason.
 *
 * @returns the exit code: 0 after `q`, 128 and the signal's number after a signal, 1 after an error of the
 * program (printed once the terminal is back), 2 without a terminal
 */
export async function runTui(options: TuiOptions): Promise<number> {
  const { stdin = process.stdin, stdout = process.stdout, environment = process.env, inventory } = options;
  const missing = missingTerminal(stdin, stdout);
  if (missing !== undefined) {
    lastWords(missing);
    return 2;
  }

  const { settings = memorySettings(), prompts = new Prompts() } = options;
  const output = new FrameStream(stdout);
  const dispatcher = new Dispatcher();
  const ui = createUiStore();
  const look = new Look(detectCapabilities(environment, settings.current()));
  const size = { columns: output.columns, rows: output.rows };
  const panes = new PaneStack({ inventory, ui, size, now: systemClock.now });
  const { open = noOpener, empty = defaultEmpty } = options;
  const terminal = new TerminalLease(stdout);
  let finish: (end: End) => void = () => {};
  const ended = new Promise<End>((resolve) => {
    finish = resolve;
  });
  const quit = (): void => finish({ code: 0 });
  const parts = { inventory, ui, look, settings, panes, terminal, environment, open, prompts };
  const { suspend } = terminal;
  const { host, model, program } = openProgram({ parts, quit, suspend, size, empty });
  // Before Ink hears of it, so that the first frame of the new size is drawn for it.
  output.on('resize', () => {
    const size = { columns: output.columns, rows: output.rows };
    model.resize(size);
    panes.resize(size);
  });
  // A window that is back at its size before Node has looked tells of no change, and yet was wrapped anew.
  const rewrapped = (): void => output.redraw();
  process.on('SIGWINCH', rewrapped);
  const endStray = holdStrayOutput();
  const stopWatching = watchEnd({ stdin, output, end: finish });
  const app = (
    <CanvasContext value={output}>
      <App model={model} program={program} dispatcher={dispatcher} />
    </CanvasContext>
  );
  const ink = render(app, {
    stdin,
    stdout: output as unknown as NodeJS.WriteStream,
    stderr: process.stderr,
    alternateScreen: true,
    exitOnCtrlC: false,
    // CI in the environment, even empty, would make Ink print one frame at the end and nothing before.
    interactive: true,
    // Every frame whole, as plain text, at once: FrameStream finds what changed. (In its other modes Ink
    // mixes frames with cursor movements, and delays a key's frame by up to 1000 / maxFps ms.)
    debug: true,
    patchConsole: false,
  });
  void ink.waitUntilExit().then(
    () => finish({ code: 0 }),
    (error: unknown) => finish({ code: 1, error }),
  );

  const stopOffering = offerUnfinished(host);
  const end = await ended;
  // First of all: whatever fails from here on, the shell has its terminal.
  giveBack(stdin, output);
  const tasks = withinMoment(host.tasks.cancelAll(), undefined);
  for (const part of [
    stopOffering,
    () => prompts.dispose(),
    () => panes.dispose(),
    () => model.dispose(),
    () => ink.unmount(),
  ])
    attempt(part);
  await Promise.all([tasks, withinMoment(ink.waitUntilExit(), undefined)]);
  // Ink may have taken the keyboard once more, coming back from a program that the terminal was lent to.
  giveBack(stdin, output);
  stopWatching();
  process.off('SIGWINCH', rewrapped);
  output.detach();
  const stray = safeBlock(endStray());
  lastWords(end.error === undefined ? stray : describeFault(end.error, options.version));
  return end.code;
}

function giveBack(stdin: NodeJS.ReadStream, output: FrameStream): void {
  attempt(() => output.restore());
  attempt(() => stdin.setRawMode(false));
}

/** One part of leaving: it may fail (its drawing may be what failed) without keeping the others from ending. */
function attempt(part: () => void): void {
  try {
    part();
  } catch {
    // Why the program ends is told already.
  }
}

const noOpener: OpenHypervisor = () => Promise.reject(new Error('no connection can be opened here'));
