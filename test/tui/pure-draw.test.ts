import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pane } from '../../source/tui/kit/pane.js';
import { ConnectionPane } from '../../source/tui/screens/connection/connection-pane.js';
import { openDomain } from '../../source/tui/screens/domain/open-domain.js';
import { VolumePane } from '../../source/tui/screens/storage/volume-pane.js';
import { VolumesPane } from '../../source/tui/screens/storage/volumes-pane.js';
import { openTasks } from '../../source/tui/screens/tasks/tasks-pane.js';
import type { ScreenHost } from '../../source/tui/services/screen-host.js';
import { Bed, settle } from './screens/storage/bed.js';
import { fill } from './screens/storage/world.js';

const place = (host: ScreenHost) => ({ host, connectionId: 'c1', uuid: 'uuid-images' });

interface Screen {
  readonly name: string;
  readonly open: (host: ScreenHost) => void;
  /** They lead further into it. */
  readonly keys?: readonly string[];
}

const connection = (host: ScreenHost): void =>
  host.panes.open(new ConnectionPane({ host, connectionId: 'c1' }));
const volumes = (host: ScreenHost): void => host.panes.open(new VolumesPane(place(host)));

const screens: readonly Screen[] = [
  { name: 'a domain', open: (host) => openDomain(host, 'c1', 'c1-0-0000-4000-8000-000000000000') },
  { name: 'a connection', open: connection },
  { name: 'its networks', open: connection, keys: ['2'] },
  { name: 'its pools', open: connection, keys: ['3'] },
  { name: 'a new pool', open: connection, keys: ['3', 'n'] },
  { name: 'volumes', open: volumes },
  { name: 'a new volume', open: volumes, keys: ['n'] },
  { name: 'a volume', open: (host) => host.panes.open(new VolumePane(place(host), 'web-1.qcow2')) },
  { name: 'tasks', open: openTasks },
];

describe.each(screens)('$name', ({ open, keys = [] }) => {
  let bed: Bed;

  beforeEach(() => {
    vi.useFakeTimers();
    bed = new Bed({}, (inventory) => {
      const connection = fill()(inventory);
      inventory.addDomain(connection, { name: 'web-1' });
      return connection;
    });
    for (const method of ['ask', 'wantVolumes', 'operate', 'openAnother'] as const) {
      vi.spyOn(bed.inventory, method).mockImplementation((async () => {
        bed.inventory.calls.push(method);
      }) as never);
    }
    open(bed.host);
    bed.press(...keys);
  });

  afterEach(() => {
    bed.dispose();
    vi.useRealTimers();
  });

  it('asks nobody and starts nothing while it is drawn', async () => {
    await settle();
    const { calls } = bed.inventory;
    const [before, timers] = [calls.length, vi.getTimerCount()];
    const pane = bed.panes.top() as Pane;
    for (let round = 0; round < 100; round += 1) pane.draw(bed.size, bed.inventory.now + round);
    expect(calls.slice(before)).toEqual([]);
    expect(vi.getTimerCount()).toBe(timers);
  });

  it('asks nobody and is not drawn while another screen lies above it', async () => {
    await settle();
    const below = bed.panes.top() as Pane;
    const drawn = vi.spyOn(below, 'draw');
    bed.panes.open({ draw: () => [], bindings: () => [], handle: () => true, close: () => {} });
    const { calls } = bed.inventory;
    const before = calls.length;
    bed.inventory.changed({ list: true });
    await settle();
    expect(calls.slice(before)).toEqual([]);
    expect(drawn).not.toHaveBeenCalled();
  });
});
