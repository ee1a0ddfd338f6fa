import { expect, test, vi } from 'vitest';
import { manager, managersForTests, three } from '../screens/manager/bed.js';

managersForTests();

const upload = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('cancelled')));
  });

test('q asks while a task runs, names it, and cancels it before the end', async () => {
  const screen = manager(three);
  const task = screen.host.tasks.run({
    title: 'upload debian.iso to default',
    connection: 'stardust',
    work: ({ signal }) => upload(signal),
  });
  screen.press('q');
  expect(screen.quit).not.toHaveBeenCalled();
  expect(screen.ui.getState().question?.lines).toContain('upload debian.iso to default');
  screen.press('n');
  expect(screen.ui.getState().question).toBeUndefined();
  screen.press('q', 'y');
  expect((await task).state).toBe('cancelled');
  await vi.advanceTimersByTimeAsync(100);
  expect(screen.quit).toHaveBeenCalledOnce();
});

test('Ctrl-C asks as well; a second one ends at once', async () => {
  const screen = manager(three);
  void screen.host.tasks.run({
    title: 'wipe',
    connection: 'stardust',
    work: ({ signal }) => upload(signal),
  });
  screen.press('ctrl-c');
  expect(screen.quit).not.toHaveBeenCalled();
  screen.press('ctrl-c');
  await vi.advanceTimersByTimeAsync(100);
  expect(screen.quit).toHaveBeenCalledOnce();
});

test('J opens the tasks, over another screen too', () => {
  const screen = manager(three);
  screen.press('G', 'enter', 'J');
  expect(screen.panes.lines().join('\n')).toContain('asks');
  screen.press('escape');
  expect(screen.panes.top()).toBeDefined();
});

test('a host that does not answer a cancelled task keeps nobody: asked again the program ends at once', async () => {
  const screen = manager(three);
  void screen.host.tasks.run({ title: 'wipe', connection: 'stardust', work: () => new Promise(() => {}) });
  screen.press('q', 'y');
  await vi.advanceTimersByTimeAsync(100);
  expect(screen.quit).not.toHaveBeenCalled();
  expect(screen.text).toContain('Ctrl-C leaves at once');
  screen.press('ctrl-c');
  expect(screen.quit).toHaveBeenCalledOnce();
});

test('q ends the program from a screen above the Manager, and goes back from one above that', () => {
  const screen = manager(three);
  screen.press('G', 'enter', 'J', 'q');
  expect(screen.quit).not.toHaveBeenCalled();
  expect(screen.panes.quits()).toBe(true);
  screen.press('q');
  expect(screen.quit).toHaveBeenCalledOnce();
});

test('q on a form that was left half entered goes back; what was typed is there again', () => {
  const screen = manager(three);
  screen.press('a', 'tab', 'tab', 'm', 'y', 'tab', 'q');
  expect(screen.quit).not.toHaveBeenCalled();
  expect(screen.panes.top()).toBeUndefined();
  screen.press('a');
  expect(screen.panes.lines().join('\n')).toMatch(/Name .*my/);
});

test('Ctrl-C on a form asks before what was typed is lost, and not where nothing was', () => {
  const screen = manager(three);
  screen.press('a', 'ctrl-c');
  expect(screen.quit).toHaveBeenCalledOnce();
  screen.press('tab', 'tab', 'm', 'y', 'ctrl-c');
  expect(screen.quit).toHaveBeenCalledOnce();
  expect(screen.ui.getState().question?.lines.join()).toContain('the new connection');
  screen.press('ctrl-c');
  expect(screen.quit).toHaveBeenCalledTimes(2);
});
