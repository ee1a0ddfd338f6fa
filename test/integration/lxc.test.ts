import { afterAll, beforeAll, expect, it } from 'vitest';
import { Inventory } from '../../source/inventory/inventory.js';
import type { Domain } from '../../source/inventory/types.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { LxcHost } from '../support/lxc-host.js';
import { cliPath } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { Terminal } from '../support/terminal.js';

requires(
  'root',
  'libvirtd',
  'dist',
)('containers of a real LXC host', () => {
  let host: LxcHost;

  beforeAll(async () => {
    host = await LxcHost.start();
    await host.define('box');
  }, 120_000);

  afterAll(() => host?.stop());

  const virtdeck = (...args: readonly string[]) =>
    runProcess(process.execPath, [cliPath, ...args, '-c', host.uri]);

  it('are listed, started, suspended, resumed and ended as virsh sees it', async () => {
    expect((await virtdeck('list', '--all')).stdout).toMatch(/box +shut off/);
    for (const [command, state] of [
      ['start', 'running'],
      ['suspend', 'paused'],
      ['resume', 'running'],
    ] as const) {
      expect(await virtdeck(command, 'box')).toMatchObject({ exitCode: 0, stderr: '' });
      expect((await host.virsh('domstate', 'box')).stdout.trim()).toBe(state);
    }
    const { stdout } = await virtdeck('list', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'box', state: 'running', vcpus: 1, memoryKiB: 131_072, address: null },
    ]);
    // A shell as init takes no notice of it: what libvirt takes as done is told as sent, and no more.
    expect((await virtdeck('shutdown', 'box')).exitCode).toBe(0);
    expect((await virtdeck('destroy', 'box')).exitCode).toBe(0);
    expect((await host.virsh('domstate', 'box')).stdout.trim()).toBe('shut off');
  });

  it('have a CPU chart without statistics of the driver, for those that somebody looks at', async () => {
    await host.virsh('start', 'box');
    const inventory = new Inventory({
      open: (uri, hooks) => openHypervisor(uri, { ...hooks, events: true }),
      interval: 200,
    });
    const id = inventory.add({ uri: host.uri });
    const seen = (test: (domain: Domain) => boolean) =>
      new Promise<Domain>((resolve) => {
        const stop = inventory.store.subscribe(() => {
          const domain = [...(inventory.connection(id)?.domains.values() ?? [])][0];
          if (domain === undefined || !test(domain)) return;
          stop();
          resolve(domain);
        });
      });
    const listed = seen(({ state }) => state === DomainState.running);
    inventory.connect(id);
    const { uuid } = await listed;
    const stop = inventory.watchDomain(id, uuid);
    const { memoryUsed, history } = await seen(
      ({ cpuGuest, memoryUsed }) => cpuGuest !== undefined && memoryUsed !== undefined,
    );
    expect(memoryUsed).toBeGreaterThan(0);
    expect(history.cpuGuest.length).toBeGreaterThan(0);
    stop();
    await inventory.dispose();
    await host.virsh('destroy', 'box');
  });

  it('have a console that one can type at', async () => {
    await host.virsh('start', 'box');
    const terminal = Terminal.open({
      command: process.execPath,
      args: [cliPath, 'console', 'box', '-c', host.uri],
    });
    await terminal.waitFor(/container is up/);
    terminal.send('echo $((6 * 7)) apples\r');
    await terminal.waitFor(/42 apples/);
    terminal.send('\u001d');
    expect((await terminal.onExit).exitCode).toBe(0);
    await terminal.close();
  });

  it('are not made by create: that is said, with what is', async () => {
    const { exitCode, stderr } = await virtdeck('create', 'x', '--pxe', '--dry-run');
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/LXC/i);
  });
});
