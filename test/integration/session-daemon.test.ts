import { afterEach, beforeEach, expect, it } from 'vitest';
import { requires } from '../support/requirements.js';
import { SessionHome } from './session-home.js';

requires('libvirtd')('a session without a daemon', () => {
  let home: SessionHome;

  beforeEach(async () => {
    home = await SessionHome.make();
  });

  afterEach(() => home.remove());

  it('gets one started, which the next connection finds', async () => {
    expect(home.daemons()).toEqual([]);
    const [first] = await home.open('qemu:///session');
    expect(first).toEqual({
      uri: 'qemu:///session',
      type: 'QEMU',
      steps: ['starting libvirtd', 'waiting for the daemon', 'opening'],
    });
    expect(home.daemons()).toHaveLength(1);
    const [second] = await home.open('qemu:///session');
    expect(second).toMatchObject({ uri: 'qemu:///session', steps: ['waiting for the daemon', 'opening'] });
    expect(home.daemons()).toHaveLength(1);
  });

  it('gets one, not three, when three connections want it at once', async () => {
    const opened = await home.open('qemu:///session', {}, 3);
    expect(opened.map(({ uri }) => uri)).toEqual(Array(3).fill('qemu:///session'));
    expect(home.daemons()).toHaveLength(1);
  });

  it('gets one that serves other clients after this one has gone', async () => {
    await home.open('test+unix:///default');
    const { stdout, stderr } = await home.run('virsh', ['-c', 'qemu:///session', 'uri']);
    expect(stderr).toBe('');
    expect(stdout).toContain('qemu:///session');
  });

  it('gets one although a killed daemon has left its socket', async () => {
    await home.open('qemu:///session');
    for (const pid of home.daemons()) process.kill(pid, 'SIGKILL');
    const [opened] = await home.open('qemu:///session');
    expect(opened).toMatchObject({
      uri: 'qemu:///session',
      steps: ['starting libvirtd', 'waiting for the daemon', 'opening'],
    });
  });

  it('stays without when the environment says so', async () => {
    const [opened] = await home.open('qemu:///session', { LIBVIRT_AUTOSTART: '0' });
    expect(opened).toMatchObject({ steps: [], error: { kind: 'connect' } });
    expect(opened?.error?.message).toContain(`${home.folder}/run/libvirt/libvirt-sock`);
    expect(opened?.error?.hint).toContain('libvirtd -d');
    expect(home.daemons()).toEqual([]);
  });

  it('says what the daemon said when it does not start', async () => {
    const LIBVIRTD_PATH = await home.write(
      'broken-libvirtd',
      "#!/bin/sh\necho '2026-01-01 10:00:00.000+0000: 7: error : main:959 : no room left' >&2\nexit 3\n",
    );
    const [opened] = await home.open('qemu:///session', { LIBVIRTD_PATH });
    expect(opened?.error).toMatchObject({
      kind: 'connect',
      message: `${LIBVIRTD_PATH} did not start: no room left (exit status 3)`,
      hint: expect.stringContaining('libvirtd --verbose'),
    });
  });

  it.each([
    ['ends without a word', '#!/bin/sh\nexit 0\n', 'exit status 0'],
    ['is killed', '#!/bin/sh\nkill -9 $$\n', 'killed by SIGKILL'],
  ])('says so when the daemon %s', async (_, script, reason) => {
    const LIBVIRTD_PATH = await home.write('broken-libvirtd', script);
    const [opened] = await home.open('qemu:///session', { LIBVIRTD_PATH });
    expect(opened?.error?.message).toBe(`${LIBVIRTD_PATH} did not start: ${reason}`);
  });

  it('says so when the daemon cannot be run at all', async () => {
    const LIBVIRTD_PATH = `${home.folder}/nothing-here`;
    const [opened] = await home.open('qemu:///session', { LIBVIRTD_PATH });
    expect(opened?.error?.message).toMatch(/nothing-here did not start: .*ENOENT/);
  });

  it('shows the real daemon’s own words when it cannot have its folder', async () => {
    const [opened] = await home.open('qemu:///session', { XDG_RUNTIME_DIR: '/proc/nothing' });
    expect(opened?.error?.message).toMatch(/libvirtd did not start: Cannot create .*\/proc\/nothing/);
  });
});
