import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createUiStore } from '../../../source/tui/kit/ui-state.js';
import { editXml, type XmlEdit } from '../../../source/tui/services/edit-xml.js';
import { editorCommand, editText } from '../../../source/tui/terminal/editor.js';
import { TerminalLease } from '../../../source/tui/terminal/terminal-lease.js';
import { FakeInventory } from '../fake-inventory.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** An editor that does to the file what a person would. */
async function editor(script: string): Promise<string> {
  const path = join(folder, 'my editor');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return `"${path}" --wait`;
}

test('VISUAL goes before EDITOR, arguments and quotes are understood', () => {
  expect(editorCommand({ VISUAL: 'code --wait', EDITOR: 'nano' })).toEqual(['code', '--wait']);
  expect(editorCommand({ EDITOR: '"/opt/my editor/ed" -x \'a b\'' })).toEqual([
    '/opt/my editor/ed',
    '-x',
    'a b',
  ]);
  expect(editorCommand({ EDITOR: ' ' })).toEqual(['vi']);
});

test('the text comes back as it was left, from a file of the person alone', async () => {
  const EDITOR = await editor('[ "$1" = --wait ] && stat -c %a "$2" > "$2.mode" && cat "$2.mode" >> "$2"');
  expect(await editText('<network/>\n', 'network default/../x.xml', { EDITOR })).toBe('<network/>\n600\n');
});

test('a shell word in EDITOR is no shell word', async () => {
  await expect(editText('x', 'x.xml', { EDITOR: '$(touch /tmp/no);' })).rejects.toThrow(
    'the editor "$(touch" cannot be run: there is no such program. Set EDITOR',
  );
});

test('an editor that fails changes nothing', async () => {
  const EDITOR = await editor('exit 3');
  await expect(editText('x', 'x.xml', { EDITOR })).rejects.toThrow('ended with exit code 3');
});

function bed(EDITOR: string, save: XmlEdit['save']) {
  const inventory = new FakeInventory();
  const ui = createUiStore();
  const host = { inventory, ui, terminal: new TerminalLease(), environment: { EDITOR } };
  return { host, edit: { title: 'network default', xml: '<network/>\n', save } };
}

test('unchanged XML is not given to libvirt', async () => {
  const save = vi.fn();
  const { host, edit } = bed('true', save);
  await editXml(host, edit);
  expect(save).not.toHaveBeenCalled();
  expect(host.ui.getState().message?.text).toBe('network default: nothing was changed');
});

test('what libvirt refuses is not lost: Yes goes on with the changed text', async () => {
  const EDITOR = await editor('echo "<!-- more -->" >> "$2"');
  const save = vi
    .fn()
    .mockResolvedValueOnce({
      ok: false,
      text: 'network default: define failed: bad address',
      hint: 'Mend it.',
    })
    .mockResolvedValueOnce({ ok: true, text: 'fine' });
  const { host, edit } = bed(EDITOR, save);
  await editXml(host, edit);
  const { question } = host.ui.getState();
  expect(question?.lines.join('\n')).toContain('bad address');
  question?.confirm();
  await vi.waitFor(() => expect(save).toHaveBeenCalledTimes(2));
  expect(save).toHaveBeenLastCalledWith('<network/>\n<!-- more -->\n<!-- more -->\n');
});

test('the screens step back for as long as the terminal is lent', async () => {
  const order: string[] = [];
  const lease = new TerminalLease();
  lease.attach(async (work) => {
    order.push('released');
    await work();
    order.push('taken');
  });
  expect(await lease.lend(async () => order.push('edited'))).toBe(2);
  expect(order).toEqual(['released', 'edited', 'taken']);
  await expect(lease.lend(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(order.at(-1)).toBe('taken');
});

test('a program that is ended takes its editor along; what was saved in it is kept, and told', async () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  for (const change of ['', 'echo "<!-- mine -->" >> "$2"']) {
    told.mockClear();
    const ready = join(folder, `ready ${change.length}`);
    const EDITOR = await editor(
      `${change}\necho "$2" > "${ready}.part"; mv "${ready}.part" "${ready}"; exec sleep 60`,
    );
    const before = new Set(process.listeners('exit'));
    const edited = editText('<network/>\n', 'x.xml', { EDITOR });
    await vi.waitFor(() => expect(existsSync(ready)).toBe(true), { timeout: 5000 });
    const file = readFileSync(ready, 'utf8').trim();
    // As the end of the process does.
    for (const listener of process.listeners('exit')) if (!before.has(listener)) listener(0);
    expect(existsSync(file)).toBe(change !== '');
    if (change === '') expect(told).not.toHaveBeenCalled();
    else expect(told.mock.calls.join()).toContain(file);
    await expect(edited).rejects.toThrow('SIGHUP');
  }
  told.mockRestore();
});
