import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lab } from '../../source/commands/lab.js';
import { openHypervisor } from '../../source/libvirt/open.js';

const folder = mkdtempSync(join(tmpdir(), 'vd-lab-'));
const socket = join(folder, 'lab.sock');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command; `said` resolves with the first thing that it prints. */
function run(flags: Record<string, unknown>, input: string[] = []) {
  const interrupt = new AbortController();
  const errors: string[] = [];
  let say: (text: string) => void = () => {};
  const said = new Promise<string>((resolve) => {
    say = resolve;
  });
  const code = lab.run(
    { input, flags },
    {
      stdout: { write: (text: string) => say(text) },
      stderr: { write: (text: string) => errors.push(text) },
      env: {},
      signal: interrupt.signal,
    },
  );
  return { code, said, errors, interrupt: () => interrupt.abort() };
}

describe('virtdeck lab', () => {
  it('serves what was asked for, says how to get there, and tidies up', async () => {
    const faults = ['error:procedure=CONNECT_GET_TYPE,code=38,message=no type,times=1'];
    const { code, said, interrupt } = run({
      socket,
      domains: 30,
      volumes: 5,
      seed: 9,
      hostname: 'hall',
      fault: faults,
    });
    const text = await said;
    expect(text).toContain(`A simulated host with 30 domains is served at ${socket}`);
    const uri = /virtdeck -c '(.*)'/.exec(text)?.[1];
    const hypervisor = await openHypervisor(uri);
    expect(await hypervisor.listDomains()).toHaveLength(30);
    const archive = await hypervisor.pools.lookup('archive');
    expect(await hypervisor.volumes.list(archive)).toHaveLength(5);
    await expect(hypervisor.hostInfo()).rejects.toThrow('no type');
    expect((await hypervisor.hostInfo()).hostname).toBe('hall');
    interrupt();
    expect(await code).toBe(0);
    expect(await hypervisor.closed).toMatchObject({ kind: 'closed' });
    expect(existsSync(socket)).toBe(false);
  });

  it('says why it cannot serve there', async () => {
    const taken = join(folder, 'taken');
    writeFileSync(taken, '');
    const { code, errors } = run({ socket: taken });
    expect(await code).toBe(1);
    expect(errors.join('')).toBe(`error: ${taken} is there already, and is no socket\n`);
  });

  it.each<[Record<string, unknown>, string[], string]>([
    [{}, [], 'where? Give --socket PATH'],
    [{ socket }, ['more'], 'unexpected argument "more"'],
    [{ socket: `/${'x'.repeat(200)}` }, [], "a socket's path may have 107 bytes at most"],
    [{ socket, domains: 20_000 }, [], '--domains takes a whole number up to 16384'],
    [{ socket, volumes: 1.5 }, [], '--volumes takes a whole number up to 16384'],
    [{ socket, latency: -1 }, [], '--latency takes a number from 0'],
    [{ socket, latency: Number.NaN }, [], '--latency takes a number from 0'],
    [{ socket, speed: 0 }, [], '--speed takes a number above 0'],
    [{ socket, fault: ['slow'] }, [], '--fault: the fault "slow" needs milliseconds=…'],
  ])('refuses %j %j', async (flags, input, message) => {
    const { code, errors } = run(flags, input);
    expect(await code).toBe(2);
    expect(errors.join('')).toContain(message);
  });
});
