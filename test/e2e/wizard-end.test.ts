import { expect, it } from 'vitest';
import { createBed } from '../commands/create/bed.js';
import { openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';

requires('dist')('the end of the wizard', () => {
  const bed = createBed();

  it('t opens the console of the VM that was made, and comes back to where it was', async () => {
    const env = Object.fromEntries(
      Object.entries(bed.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    await using terminal = openVirtdeck(['-c', bed.uri], { env });
    await terminal.waitFor('alpha');
    terminal.send('c');
    await terminal.waitFor(/\[Image\][\s\S]*debian-12/);
    terminal.send(bed.image);
    await terminal.waitFor(new RegExp(`> ${bed.image}`));
    for (const page of ['Name and size', 'Network and storage', 'Access', 'Review']) {
      terminal.send('\r');
      await terminal.waitFor(`[${page}]`);
    }
    await terminal.waitFor('[ Create ]');
    terminal.send('\r');
    await terminal.waitFor(/small-1 is up: [\d.]+ \(guest agent\)/);
    terminal.send('t');
    await terminal.waitFor('small-1 login:');
    expect(terminal.text()).not.toContain('is up:');
    terminal.send('\u001D');
    await terminal.waitFor(/small-1 is up: [\d.]+ \(guest agent\)/);
  });
});
