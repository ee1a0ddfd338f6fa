import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import { openTasks } from '../../../../source/tui/screens/tasks/tasks-pane.js';
import type { TaskControl } from '../../../../source/tui/services/tasks.js';
import { oddNames } from '../../odd-names.js';
import { Bed, settle } from '../storage/bed.js';

const gib = 1024 ** 3;

describe('the tasks', () => {
  let bed: Bed;
  const open = (options: ConstructorParameters<typeof Bed>[0] = {}) => {
    bed = new Bed(options);
    openTasks(bed.host);
  };
  /** Begins a task that runs until it is cancelled; what it is told is in the returned control. */
  const begin = (title: string): TaskControl => {
    let control: TaskControl | undefined;
    void bed.tasks.run({
      title,
      connection: 'stardust',
      work: (given) => {
        control = given;
        return new Promise((_, reject) =>
          given.signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      },
    });
    return control as TaskControl;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    open({ columns: 120, rows: 40 });
  });

  afterEach(() => {
    bed.dispose();
    vi.useRealTimers();
  });

  const advance = (milliseconds: number) => {
    vi.advanceTimersByTime(milliseconds);
    bed.inventory.now = Date.now();
  };

  it('says so where there are none, and opens only once', () => {
    expect(bed.text).toContain('Nothing has been started yet.');
    openTasks(bed.host);
    bed.press('escape');
    expect(bed.panes.top()).toBeUndefined();
  });

  it('shows how far, how fast and how long still', () => {
    const control = begin('upload debian.iso to default');
    for (let second = 0; second <= 5; second += 1) {
      control.progress((second * gib) / 10, gib);
      if (second < 5) advance(1000);
    }
    expect(bed.line('upload debian')).toMatch(/running +█+░+ +50 +107 MB\/s +5s */);
    expect(bed.text).toMatch(/Done +512 MiB of 1 GiB/);
    advance(10_000);
    expect(bed.line('upload debian')).toMatch(/50 +stalled *$/);
  });

  it('says what is waited for where no bytes tell it: that stands still only in bytes', () => {
    const control = begin('create web-1');
    control.progress(gib, gib);
    control.say('DHCP lease 192.168.122.7, waiting for the agent');
    advance(10_000);
    expect(bed.line('create web-1')).toMatch(/create web-1: DHCP lease 192\.168\.122\.7, waiting.* running/);
    expect(bed.text).toMatch(/Now +DHCP lease 192\.168\.122\.7, waiting for the agent/);
    expect(bed.text).not.toContain('stalled');
    control.say(undefined);
    advance(1000);
    expect(bed.line('create web-1')).toContain('stalled');
  });

  it('Enter leads to the screen of a task that has one', async () => {
    let opened = 0;
    begin('wipe old.img');
    void bed.tasks.run({
      title: 'create web-1',
      connection: 'stardust',
      open: () => {
        opened += 1;
      },
      work: () => Promise.resolve('made'),
    });
    await settle();
    bed.press('down', 'enter');
    expect(bed.text).not.toContain('open');
    bed.press('up', 'enter');
    expect(bed.text).toContain('⏎ open');
    expect(opened).toBe(1);
  });

  it('cancels after a question that names it', async () => {
    begin('wipe old.img');
    bed.press('x');
    expect(bed.question).toContain('wipe old.img');
    bed.press('enter');
    expect(bed.tasks.running).toHaveLength(1);
    bed.press('x', 'y');
    await settle();
    expect(bed.line('wipe old.img')).toContain('cancelled');
    bed.press('D');
    expect(bed.text).toContain('Nothing has been started yet.');
  });

  it('shows the error of a failed one with its hint', async () => {
    const error = new LibvirtError({
      kind: 'libvirt',
      message: 'no space\u001b[2J left',
      hint: 'Make room.',
    });
    void bed.tasks.run({ title: 'clone a', connection: 'stardust', work: () => Promise.reject(error) });
    await settle();
    expect(bed.text).toMatch(/Error +no space·\[2J left\nHint +Make room\./);
  });

  it('keeps the selection on its task while others come', () => {
    begin('first');
    expect(bed.text).toContain('first');
    begin('second');
    expect(bed.text).toMatch(/Task +first/);
    bed.press('up');
    expect(bed.text).toMatch(/Task +second/);
  });

  it.each([
    [80, 24],
    [120, 40],
    [240, 70],
    [40, 10],
  ])('fills %dx%d with whatever names, in ASCII as well', async (columns, rows) => {
    bed.dispose();
    for (const unicode of [true, false]) {
      open({ columns, rows, capabilities: { unicode, colors: 0 } });
      for (const name of oddNames) begin(name).progress(5, 10);
      const failing = () => Promise.reject(new Error('it failed'));
      void bed.tasks.run({ title: 'failing', connection: 'x', work: failing });
      await settle();
      bed.press('g');
      expect(bed.lines).toHaveLength(rows);
      if (!unicode) expect(bed.text).toMatch(/^[\n\x20-\x7e]*$/);
      expect(bed.text).toContain('it failed');
      bed.dispose();
    }
  });
});
