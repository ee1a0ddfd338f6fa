import { describe, expect, test, vi } from 'vitest';
import { DomainState } from '../../../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import { width } from '../../../../source/text/width.js';
import { plain } from '../../manager-harness.js';
import { drawn, manager, managersForTests, three } from './bed.js';

managersForTests();

const denied = new LibvirtError({
  kind: 'connect',
  message: "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
  hint: 'Add yourself to the group libvirt: sudo usermod -aG libvirt "$USER", then log in again.',
});

describe('the table', () => {
  test('names stand in natural order, each with state, CPU and memory', () => {
    const screen = manager(three, { columns: 100 });
    expect(screen.names).toEqual(['stardust', 'Vm-1', 'vm-2', 'vm-10']);
    expect(screen.line('vm-10')).toMatch(/● vm-10 +running +100 +▁▅█ +1.2 \/ +2 GiB/);
    expect(screen.line('vm-2')).toMatch(/○ vm-2 +shut off +2 *$/);
    expect(screen.line('Vm-1')).toContain('◐');
  });

  test('every line is exactly as wide as the terminal, at every size', () => {
    const sizes = [
      [40, 10],
      [40, 12],
      [60, 16],
      [80, 24],
      [100, 20],
      [120, 40],
      [240, 70],
    ] as const;
    const names = ['漢字の仮想マシン', '🚀', 'z'.repeat(200), 'red\u001B[31m', 'e\u0301', 'עברית'];
    for (const [columns, rows] of sizes) {
      const screen = manager(
        (inventory) => {
          inventory.addHost(
            'stardust',
            names.map((name) => ({ name, cpu: [1, 2, 3] })),
          );
          inventory.addHost('lab', [], { info: undefined, status: { state: 'failed', error: denied } });
          inventory.notice('error', denied.message, denied.hint);
        },
        { columns, rows },
      );
      expect(screen.lines).toHaveLength(rows);
      for (const key of ['down', 'down', 'G', '/']) {
        screen.press(key);
        for (const line of screen.lines) expect([width(line), line]).toEqual([columns, line]);
      }
      screen.model.dispose();
    }
  });

  test('nothing of a name or message that a terminal would act on is drawn', () => {
    const evil = 'x\u001B]0;owned\u0007\u009B2J\u202Ey\n\u0000';
    const screen = manager((inventory) => {
      inventory.addHost(evil, [{ name: evil, cpu: [1] }], { uri: evil });
      inventory.notice('error', evil, evil);
    });
    screen.press('down');
    for (const line of screen.painted) expect(plain(line)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('the selection stays on its domain while others come, go and change places', () => {
    const screen = manager(three);
    screen.press('G');
    expect(screen.selected).toContain('vm-10');
    const [host] = screen.inventory.store.getState().connections;
    screen.inventory.addDomain(host as never, { name: 'aaa' });
    screen.inventory.changed({ list: true });
    drawn();
    expect(screen.selected).toContain('vm-10');
    screen.press('O');
    expect(screen.names).toEqual(['stardust', 'vm-10', 'vm-2', 'Vm-1', 'aaa']);
    expect(screen.selected).toContain('vm-10');
  });

  test('a selected domain that goes away hands the selection to its neighbour', () => {
    const screen = manager(three);
    screen.press('G', 'up');
    expect(screen.selected).toContain('vm-2');
    const host = screen.inventory.store.getState().connections[0];
    const gone = [...(host?.domains.values() ?? [])].find(({ name }) => name === 'vm-2');
    (host?.domains as Map<string, unknown> | undefined)?.delete(gone?.uuid ?? '');
    screen.inventory.changed({ list: true });
    drawn();
    expect(screen.selected).toContain('vm-10');
  });

  test('a list longer than the screen scrolls with the selection', () => {
    const screen = manager((inventory) => {
      inventory.addHost(
        'h',
        Array.from({ length: 100 }, (_, i) => ({ name: `vm-${i}` })),
      );
    });
    screen.press('G');
    expect(screen.selected).toContain('vm-99');
    screen.press('g');
    expect(screen.selected).toContain('h');
    screen.press('pagedown');
    expect(screen.selected).toContain('vm-9');
    screen.pressTogether('j', 'j', 'j');
    expect(screen.selected).toContain('vm-12');
  });

  test('values older than two intervals are drawn dim', () => {
    const screen = manager(three);
    const row = (): string => screen.painted.find((line) => line.includes('vm-10')) ?? '';
    expect(row().startsWith('\u001B[2m')).toBe(false);
    screen.inventory.now += 5000;
    vi.advanceTimersByTime(2500);
    expect(row().startsWith('\u001B[2m')).toBe(true);
  });

  test('an ASCII terminal gets ASCII, whatever the names are', () => {
    const screen = manager(
      (inventory) => {
        inventory.addHost('h', [{ name: '漢字', cpu: [0, 50, 100] }]);
        inventory.notice('error', 'naïve – “quoted”');
      },
      { capabilities: { unicode: false, colors: 0 } },
    );
    screen.press('j');
    for (const line of screen.lines) expect(line).toMatch(/^[ -~]*$/);
    expect(screen.line('??')).toContain('running');
  });

  test('without colours no colour is used', () => {
    const screen = manager(three, { capabilities: { colors: 0 } });
    screen.press('j');
    for (const line of screen.painted) expect(line).not.toMatch(/\u001B\[(3|4|9|10)\d/);
  });
});

describe('sorting', () => {
  test('o goes through the columns, O turns the order, the header shows both', () => {
    const screen = manager((inventory) => {
      inventory.addHost('h', [
        { name: 'b', cpu: [5], memory: 300 },
        { name: 'a', cpu: [50], memory: 100 },
        { name: 'c', state: DomainState.shutOff },
      ]);
    });
    expect(screen.lines[1]).toContain('NAME ▲');
    screen.press('o');
    expect(screen.lines[1]).toContain('STATE ▲');
    screen.press('o');
    expect(screen.lines[1]).toMatch(/▼ ?CPU %/);
    expect(screen.names).toEqual(['h', 'a', 'b', 'c']);
    screen.press('O');
    expect(screen.names).toEqual(['h', 'c', 'b', 'a']);
    screen.press('o');
    expect(screen.lines[1]).toContain('MEMORY ▼');
    expect(screen.names).toEqual(['h', 'b', 'a', 'c']);
  });

  test('sorted by CPU the rows follow the load', () => {
    const screen = manager((inventory) => {
      inventory.addHost('h', [
        { name: 'a', cpu: [90] },
        { name: 'b', cpu: [10] },
      ]);
    });
    screen.press('o', 'o');
    expect(screen.names).toEqual(['h', 'a', 'b']);
    screen.inventory.tick(({ name }) => (name === 'b' ? 80 : 5));
    drawn();
    expect(screen.names).toEqual(['h', 'b', 'a']);
  });
});

describe('the filter', () => {
  test('matches name, state and host while it is typed; Esc brings all back', () => {
    const screen = manager((inventory) => {
      three(inventory);
      inventory.addHost('lab', [{ name: 'other' }]);
    });
    screen.press('/', 'v', 'm');
    expect(screen.names).toEqual(['stardust', 'Vm-1', 'vm-2', 'vm-10']);
    expect(screen.text).toContain('3 of 4');
    screen.press('ctrl-u');
    screen.pressTogether(...'paused');
    expect(screen.names).toEqual(['stardust', 'Vm-1']);
    screen.press('ctrl-u');
    screen.pressTogether(...'lab');
    expect(screen.names).toEqual(['lab', 'other']);
    screen.press('escape');
    expect(screen.names).toHaveLength(6);
  });

  test('Enter keeps it and gives the keys back; Esc then clears it', () => {
    const screen = manager(three);
    screen.press('/', '1', '0', 'enter');
    expect(screen.lines[0]).toContain('/10 1 found');
    screen.press('j');
    expect(screen.selected).toContain('vm-10');
    screen.press('escape');
    expect(screen.names).toHaveLength(4);
    expect(screen.selected).toContain('vm-10');
  });

  test('letters typed into it never act, and a paste is text', () => {
    const screen = manager(three);
    screen.press('G', '/');
    screen.pressTogether(...'qFsdR');
    expect(screen.quit).not.toHaveBeenCalled();
    expect(screen.ui.getState().question).toBeUndefined();
    screen.press('ctrl-u');
    screen.paste('vm-2\n');
    expect(screen.names).toEqual(['stardust', 'vm-2']);
    expect(screen.inventory.calls).toEqual([]);
  });

  test('finds domains of a folded host', () => {
    const screen = manager(three);
    screen.press('left');
    expect(screen.names).toEqual(['stardust']);
    screen.press('/', '2');
    expect(screen.names).toEqual(['stardust', 'vm-2']);
  });

  test('says so when nothing matches', () => {
    const screen = manager(three);
    screen.press('/', 'x', 'y');
    expect(screen.text).toContain('Nothing matches "xy". Esc clears the filter.');
  });
});

describe('hosts', () => {
  test('fold, unfold, and from a domain left to its host', () => {
    const screen = manager(three);
    screen.press('G', 'left');
    expect(screen.selected).toContain('stardust');
    screen.press('left');
    expect(screen.names).toEqual(['stardust']);
    expect(screen.line('stardust')).toContain('▸');
    screen.press('right');
    expect(screen.names).toHaveLength(4);
  });

  test('Enter on a connected host opens its screen, on a domain the domain', () => {
    const screen = manager(three);
    screen.press('enter');
    expect(screen.panes.lines().map(plain).join('\n')).toContain('[Overview]');
    screen.press('escape', 'G', 'enter');
    expect(screen.panes.lines().map(plain).join('\n')).toMatch(/^vm-10/);
  });

  test('a, x, A and D on a host: add, disconnect, autoconnect, remove after a question', async () => {
    const screen = manager(three);
    screen.press('x');
    expect(screen.inventory.calls).toContain('disconnect c1');
    screen.press('A');
    await Promise.resolve();
    expect(screen.settings.current().connections).toEqual([
      { name: 'stardust', uri: 'qemu:///system', autoconnect: true },
    ]);
    screen.press('D');
    expect(screen.ui.getState().question?.lines.join()).toContain('stardust');
    screen.press('y');
    expect(screen.inventory.calls).toContain('remove c1');
    screen.press('a');
    expect(screen.panes.lines().map(plain).join('\n')).toContain('qemu:///system');
  });

  test('each status is said in words, errors in full below with the way out', () => {
    const screen = manager((inventory) => {
      const now = inventory.now;
      inventory.addHost('one', [], {
        status: { state: 'connecting', since: now, step: 'ssh' },
        info: undefined,
      });
      inventory.addHost('two', [{ name: 'kept', cpu: [7] }], {
        status: { state: 'reconnecting', attempt: 1, retryAt: now + 4000, error: denied },
        stale: true,
      });
      inventory.addHost('three', [], { status: { state: 'disconnected' }, info: undefined });
      inventory.addHost('four', [], { status: { state: 'failed', error: denied }, info: undefined });
    });
    expect(screen.line('one')).toContain('connecting…  ssh');
    expect(screen.line('two')).toContain('reconnecting in 4s: Failed to connect');
    expect(screen.line('kept')).toContain('7');
    expect(screen.line('three')).toContain('disconnected');
    expect(screen.line('four')).toContain('failed: Failed to connect');
    screen.press('G');
    expect(screen.text).toContain('Permission denied');
    expect(screen.text).toContain('sudo usermod -aG libvirt "$USER"');
  });

  test('a spinner turns only where something is under way', () => {
    const screen = manager((inventory) => {
      inventory.addHost('one', [], { status: { state: 'connecting', since: 0 }, info: undefined });
      inventory.addHost('two', []);
    });
    expect(screen.model.spinners()).toHaveLength(1);
    screen.inventory.setStatus(screen.inventory.store.getState().connections[0] as never, {
      state: 'connected',
      since: 0,
    });
    drawn();
    expect(screen.model.spinners()).toHaveLength(0);
  });

  test('Enter connects one that is not connected', () => {
    const screen = manager((inventory) => {
      inventory.addHost('one', [], { status: { state: 'disconnected' }, info: undefined });
    });
    expect(screen.lines.at(-1)).toContain('⏎ connect');
    screen.press('enter');
    expect(screen.inventory.calls).toEqual(['connect c1']);
  });

  test('without any connection the screen says what to do', () => {
    const screen = manager(() => {});
    expect(screen.text).toContain('Start with -c URI.');
    screen.press('down', 'enter', 's', 'G', 'left');
    expect(screen.inventory.calls).toEqual([]);
  });
});

describe('actions', () => {
  test('the footer offers what works for the selected row, and only that', () => {
    const screen = manager(three);
    const footer = (): string => screen.lines.at(-1) ?? '';
    expect(footer()).toContain('⏎ open');
    expect(footer()).not.toContain('shut down');
    screen.press('G');
    expect(footer()).toContain('d shut down');
    expect(footer()).not.toContain('s start');
    screen.press('up');
    expect(footer()).toContain('s start');
    expect(footer()).not.toContain('d shut down');
    screen.press('up');
    expect(footer()).toContain('s resume');
  });

  test('keys run their action on the selected domain', () => {
    const screen = manager(three);
    screen.press('G', 'd', 'R', 'p', 'M', 'A');
    screen.press('up', 's', 'up', 's');
    expect(screen.inventory.calls.filter((call) => !call.includes('look'))).toEqual([
      'shutdown vm-10',
      'reboot vm-10',
      'suspend vm-10',
      'managedSave vm-10',
      'autostart vm-10',
      'start vm-2',
      'resume Vm-1',
    ]);
  });

  test('one that cannot work says why and calls nobody', () => {
    const screen = manager(three);
    screen.press('G', 's');
    expect(screen.text).toMatch(/vm-10 is (already )?running/);
    expect(screen.inventory.calls).toEqual([]);
  });

  test('force off asks first, names domain and host, and No is the default', () => {
    const screen = manager(three);
    screen.press('G', 'F');
    const question = screen.ui.getState().question;
    expect(question?.lines.join('\n')).toMatch(/vm-10[\s\S]*stardust/);
    screen.press('enter');
    expect(screen.ui.getState().question).toBeUndefined();
    expect(screen.inventory.calls).toEqual([]);
    screen.press('F', 'y');
    screen.press('F', 'tab', 'enter');
    expect(screen.inventory.calls).toEqual(['destroy vm-10', 'destroy vm-10']);
    screen.press('F', 'escape');
    screen.press('F', 'n');
    expect(screen.inventory.calls).toHaveLength(2);
  });

  test('keys that came together with F are no answer', () => {
    const screen = manager(three);
    screen.press('G');
    screen.pressTogether('F', 'y');
    expect(screen.ui.getState().question).toBeDefined();
    screen.paste('y');
    expect(screen.inventory.calls).toEqual([]);
  });

  test('a paste runs nothing', () => {
    const screen = manager(three);
    screen.press('G');
    screen.paste('sdRpFMAyq');
    expect(screen.inventory.calls).toEqual([]);
    expect(screen.quit).not.toHaveBeenCalled();
  });

  test('what happened is told until the next thing happens; a long error is shown with its hint', () => {
    const screen = manager(three);
    screen.inventory.notice('success', 'vm-2: shut off (shutdown)');
    drawn();
    expect(screen.lines.at(-2)).toContain('vm-2: shut off (shutdown)');
    screen.inventory.notice('error', `vm-2: cannot start: ${denied.message}`, denied.hint);
    drawn();
    expect(screen.text.replace(/\s+/g, ' ')).toContain(`Error: vm-2: cannot start: ${denied.message}`);
    expect(screen.text.replace(/\s+/g, ' ')).toContain(denied.hint);
    expect(screen.lines).toHaveLength(24);
  });

  test('keys of later issues do nothing at all', () => {
    const screen = manager(three);
    screen.press('G');
    const before = screen.text;
    screen.press('c', 't', 'C', 'D', 'S', 'e', 'v', 'y', 'J');
    expect(screen.text).toBe(before);
    expect(screen.inventory.calls).toEqual([]);
  });
});

describe('the rest', () => {
  test('details show what is known of the selected domain', () => {
    const screen = manager(three);
    screen.press('G');
    const domain = [...(screen.inventory.store.getState().connections[0]?.domains.values() ?? [])].at(0);
    screen.inventory.setDetails(domain as never, {
      title: 'Debian 12',
      interfaces: [{ mac: undefined, source: 'default', model: 'virtio' }],
      addresses: [
        {
          interface: 'e',
          mac: undefined,
          family: 'ipv4',
          address: '192.168.122.171',
          prefix: 24,
          source: 'agent',
        },
      ],
    });
    drawn();
    expect(screen.text).toContain('vm-10   Debian 12 · 2 vCPU · 2 GiB · default 192.168.122.171 agent');
    expect(screen.text).toMatch(/guest CPU 100 % +last 4s/);
  });

  test('without addresses looks only at the domain on which the selection rests', () => {
    const screen = manager(three, { columns: 60 });
    screen.press('down', 'down', 'down');
    vi.advanceTimersByTime(200);
    expect(screen.inventory.calls).toEqual([]);
    vi.advanceTimersByTime(150);
    const vm10 = [...(screen.inventory.store.getState().connections[0]?.domains.values() ?? [])][0]?.uuid;
    expect(screen.inventory.calls).toEqual([`look ${vm10}`]);
    screen.press('g');
    vi.advanceTimersByTime(350);
    expect(screen.inventory.calls).toEqual([`look ${vm10}`, `unlook ${vm10}`]);
  });

  test('+ and - step through the intervals and stop at their ends', () => {
    const screen = manager(three);
    expect(screen.lines[0]).toContain('every 2s');
    screen.press('+');
    drawn();
    expect(screen.lines[0]).toContain('every 3s');
    screen.press('-', '-', '-', '-');
    drawn();
    expect(screen.lines[0]).toContain('every 1s');
    screen.press('r');
    expect(screen.inventory.calls.at(-1)).toBe('refresh');
  });

  test('q and Ctrl-C quit, Ctrl-C in a question and in the filter too; Ctrl-Z suspends', () => {
    const screen = manager(three);
    screen.press('q', 'ctrl-c');
    screen.press('G', 'F', 'ctrl-c', 'n', '/', 'ctrl-c', 'escape');
    expect(screen.quit).toHaveBeenCalledTimes(4);
    screen.press('ctrl-z');
    expect(screen.suspend).toHaveBeenCalledOnce();
  });

  test('help opens and closes, and swallows the keys meanwhile', () => {
    const screen = manager(three);
    screen.press('G', '?', 'd', 'F');
    expect(screen.ui.getState().help).toBeDefined();
    expect(screen.inventory.calls).toEqual([]);
    screen.press('q');
    expect(screen.ui.getState().help).toBeUndefined();
    expect(screen.quit).not.toHaveBeenCalled();
  });

  test('nothing is redrawn while nothing changes', () => {
    const screen = manager(three);
    const redrawn = vi.fn();
    drawn();
    screen.model.subscribe(redrawn);
    vi.advanceTimersByTime(3000);
    screen.inventory.changed();
    drawn();
    expect(redrawn).not.toHaveBeenCalled();
  });

  test('the narrowest window still says which domain is selected', () => {
    const screen = manager(three, { columns: 20, rows: 5 });
    screen.press('j');
    expect(screen.selected).toContain('Vm-1');
    expect(screen.lines).toHaveLength(5);
  });

  test('a terminal that is too small is told so', () => {
    const screen = manager(three, { columns: 19, rows: 8 });
    expect(screen.text).toMatch(/Too small: 19x8/);
    expect(screen.lines).toHaveLength(8);
  });
});
