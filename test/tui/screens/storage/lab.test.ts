import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOpener } from '../../../../source/hosts/opener.js';
import { Inventory } from '../../../../source/inventory/inventory.js';
import { registerHandlers } from '../../../../source/tui/app/handlers.js';
import { openProgram } from '../../../../source/tui/app/program.js';
import { Dispatcher } from '../../../../source/tui/input/dispatcher.js';
import { createUiStore } from '../../../../source/tui/kit/ui-state.js';
import { ConnectionPane } from '../../../../source/tui/screens/connection/connection-pane.js';
import type { ManagerModel } from '../../../../source/tui/screens/manager/model.js';
import { storageTab } from '../../../../source/tui/screens/storage/storage-tab.js';
import { PaneStack } from '../../../../source/tui/services/pane-stack.js';
import { Prompts } from '../../../../source/tui/services/prompts.js';
import type { ScreenHost } from '../../../../source/tui/services/screen-host.js';
import { memorySettings } from '../../../../source/tui/services/settings-port.js';
import { TerminalLease } from '../../../../source/tui/terminal/terminal-lease.js';
import { Look } from '../../../../source/tui/theme/look.js';
import { plain } from '../../manager-harness.js';

const size = { columns: 110, rows: 40 };
let inventory: Inventory;
let panes: PaneStack;
let host: ScreenHost;
let model: ManagerModel;
let dispatcher: Dispatcher;
let chunk = 0;

const text = (): string => {
  panes.redraw();
  return panes
    .lines()
    .map((line) => plain(line).trimEnd())
    .join('\n');
};
const press = (...names: string[]): void => {
  for (const name of names) {
    for (const key of name.startsWith('"') ? name.slice(1, -1) : [name]) {
      chunk += 1;
      const printable = [...key].length === 1 ? key : undefined;
      dispatcher.dispatch([{ type: 'key', name: key === ' ' ? 'space' : key, text: printable, chunk }]);
    }
  }
};
const until = async (what: () => boolean): Promise<void> => {
  for (let round = 0; round < 500; round += 1) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(text()).toBe('what was waited for');
};
const shows = (wanted: string | RegExp): Promise<void> => until(() => text().search(wanted) !== -1);

beforeEach(async () => {
  const open = createOpener();
  inventory = new Inventory({
    open: (uri, hooks) => open(uri, { ...hooks, events: true, keepalive: true }),
  });
  const id = inventory.add({ uri: 'lab:///?domains=5&seed=3' });
  inventory.connect(id);
  await until(() => inventory.connection(id)?.status.state === 'connected');
  const ui = createUiStore();
  const look = new Look({ unicode: true, colors: 0 });
  const settings = memorySettings();
  panes = new PaneStack({ inventory, ui, size, now: Date.now });
  const noOpener = () => Promise.reject(new Error('nothing else is opened here'));
  const parts = {
    inventory,
    ui,
    look,
    settings,
    panes,
    terminal: new TerminalLease(),
    prompts: new Prompts(),
    environment: {},
    open: noOpener,
  };
  dispatcher = new Dispatcher();
  const opened = openProgram({ parts, quit: () => {}, suspend: () => {}, size, empty: [] });
  host = opened.host;
  model = opened.model;
  registerHandlers(dispatcher, model, opened.program);
  panes.open(new ConnectionPane({ host, connectionId: id }, [storageTab]));
  await shows(/default +running/);
});

afterEach(async () => {
  panes.dispose();
  model.dispose();
  await inventory.dispose();
});

test('a volume is made, resized, cloned and deleted on a simulated host', async () => {
  press('enter');
  await shows('debian-12.qcow2');
  press('n', '"mine.qcow2"', 'tab', 'tab', '"3G"', 'tab', 'tab', 'tab', 'tab', 'enter');
  await shows(/Volume +mine\.qcow2 +qcow2/);
  press('z', 'ctrl-u', '"4G"', 'tab', 'enter');
  await shows(/mine\.qcow2 +qcow2 +4 GiB/);
  press('C', 'tab', 'tab', 'tab', 'enter');
  await shows(/mine-clone\.qcow2 +qcow2 +4 GiB/);
  expect(host.tasks.tasks[0]).toMatchObject({ state: 'done' });
  press('D');
  await until(() => host.ui.getState().question?.title === 'Delete the volume mine.qcow2?');
  press('y');
  await shows('volume mine.qcow2: deleted');
  await until(() => !/ {2}mine\.qcow2/.test(text()));
});

test('what a domain uses is not deleted, and its base neither', async () => {
  press('enter');
  await shows('debian-12.qcow2');
  press('/', '"debian-12"', 'enter', 'D');
  await until(() => host.ui.getState().question !== undefined);
  expect(host.ui.getState().question?.title).toBe('debian-12.qcow2 is in use');
  press('n', 'b');
  await shows(/> +(└─ )?debian-12\.qcow2/);
  expect(text()).toContain('used by');
});

test('a pool is made, stopped and deleted', async () => {
  press('n', '"scratch"', 'tab', 'tab', '"/srv/scratch"', 'tab', ' ', 'tab', 'tab', 'tab', 'enter');
  await shows(/scratch +running +yes +dir/);
  press('G', 'd', 'y');
  await shows(/scratch +inactive/);
  press('D', 'down', 'enter');
  await shows('pool scratch: deleted, its data is still there');
  await until(() => !/scratch +inactive/.test(text()));
});
