import { describe, expect, it } from 'vitest';
import { commands, nearestCommand } from '../../source/commands/registry.js';

describe('the table of commands', () => {
  it.each(Object.entries(commands))(
    '%s loads, and its help names it and its exit codes',
    async (name, entry) => {
      const command = await entry.load();
      expect(command.summary).toBe(entry.summary);
      expect(command.usage).toContain(`virtdeck ${name}`);
      expect(command.usage).toContain('Exit codes');
    },
  );

  it('guesses a mistyped command, but not just any word', () => {
    expect(nearestCommand('lst')).toBe('list');
    expect(nearestCommand('shutdwon')).toBe('shutdown');
    expect(nearestCommand('frobnicate')).toBeUndefined();
  });
});
