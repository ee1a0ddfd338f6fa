import { describe, expect, it } from 'vitest';
import { commands, leadingHosts, nearestCommand } from '../../source/commands/registry.js';

describe('the table of commands', () => {
  it.each(Object.entries(commands))(
    '%s loads, and its help names it and its exit codes',
    async (name, entry) => {
      const command = await entry.load();
      expect(command.usage).toContain(`virtdeck ${name}`);
      expect(command.usage).toContain('Exit codes');
    },
  );

  it('guesses a mistyped command, but not just any word', () => {
    expect(nearestCommand('lst')).toBe('list');
    expect(nearestCommand('shutdwon')).toBe('shutdown');
    expect(nearestCommand('frobnicate')).toBeUndefined();
    expect(nearestCommand('foo')).toBeUndefined();
  });

  it.each([
    [['-c', 'lab:///', 'list', '--all'], 2],
    [['--connect=a', '-c', 'b', 'vol', 'list', 'default'], 3],
    [['list', '-c', 'lab:///'], 0],
    [['--help'], 0],
    [['-c'], 1],
  ])('connections before a command belong to it, as with virsh: %j', (words, hosts) => {
    expect(leadingHosts(words)).toEqual(words.slice(0, hosts));
  });
});
