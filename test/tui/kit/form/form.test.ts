import { expect, test, vi } from 'vitest';
import type { ActionOutcome } from '../../../../source/inventory/action-runner.js';
import type { InputEvent } from '../../../../source/tui/input/events.js';
import type { Form, Values } from '../../../../source/tui/kit/form/form.js';
import { FormPane } from '../../../../source/tui/kit/form/form-pane.js';
import { Drafts } from '../../../../source/tui/services/drafts.js';
import { Look } from '../../../../source/tui/theme/look.js';
import { plain } from '../../manager-harness.js';

/** One run of the program: drafts are kept for as long. */
const drafts = new Drafts();
let forms = 0;

class Bed {
  readonly submitted: Values[] = [];
  readonly pane: FormPane;
  answer: ActionOutcome = { ok: true, text: 'done' };
  finish: () => void = () => {};
  readonly form: Form;

  constructor(id = `form ${++forms}`, unicode = true, initial: Values = {}) {
    this.form = {
      id,
      title: 'New thing',
      initial: { name: '', type: 'dir', autostart: 'yes', ...initial },
      fields: ({ type }) => [
        { id: 'name', label: 'Name', kind: 'text' },
        {
          id: 'type',
          label: 'Type',
          kind: 'choice',
          choices: [
            { value: 'dir', text: 'directory' },
            { value: 'logical', text: 'LVM group' },
          ],
        },
        ...(type === 'dir' ? [{ id: 'path', label: 'Path', kind: 'text' } as const] : []),
        { id: 'autostart', label: 'Autostart', kind: 'toggle' },
      ],
      problems: ({ name }) => {
        if (name === '') return [{ field: 'name', message: 'give it a name' }];
        return name?.includes('/') ? [{ field: 'name', message: 'a name has no slash' }] : [];
      },
      preview: ({ name }) => [`<pool><name>${name}</name></pool>`],
      action: 'Create',
      submit: (values) => {
        this.submitted.push(values);
        return new Promise((resolve) => {
          this.finish = () => resolve(this.answer);
        });
      },
    };
    const look = new Look({ unicode, colors: 0 });
    this.pane = new FormPane({ form: this.form, look, drafts, panes: { back: () => {} }, redraw: () => {} });
  }

  press(...names: string[]): void {
    for (const name of names) {
      const text = [...name].length === 1 ? name : undefined;
      this.pane.handle({ type: 'key', name: name === ' ' ? 'space' : name, text, chunk: 0 } as InputEvent);
    }
  }

  text(columns = 80, rows = 24): string {
    const lines = this.pane.draw({ columns, rows }).map(plain);
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect([...line]).toHaveLength(columns);
    return lines.join('\n');
  }
}

test('fields, choices and toggles take keys, and the button does it', async () => {
  const bed = new Bed();
  bed.press('w', 'e', 'b', 'tab', 'right', 'tab', ' ', 'enter', 'enter');
  expect(bed.text()).toContain('at work');
  expect(bed.submitted).toEqual([{ name: 'web', type: 'logical', autostart: 'no' }]);
  bed.finish();
  await Promise.resolve();
  await Promise.resolve();
  expect(bed.pane.gone()).toBe(true);
});

test('fields follow what is chosen; what was entered stays', () => {
  const bed = new Bed();
  bed.press('tab', 'tab', '/', 'x', 'up');
  expect(bed.text()).toMatch(/Path +\/x/);
  bed.press('right');
  expect(bed.text()).not.toContain('Path');
  bed.press('left');
  expect(bed.text()).toMatch(/Path +\/x/);
});

test('what is wrong is said at the field once it was left, and nothing is asked of libvirt', () => {
  const bed = new Bed();
  expect(bed.text()).not.toContain('give it a name');
  bed.press('a', '/', 'b', 'tab');
  expect(bed.text()).toMatch(/Name.*\n +! a name has no slash/);
  bed.press('down', 'down', 'down', 'enter');
  expect(bed.submitted).toEqual([]);
  // Back at the field that is to be mended.
  expect(bed.text()).toMatch(/> Name/);
});

test('a form whose work failed stays, with the reason and the hint; mended it can be sent again', async () => {
  const bed = new Bed();
  bed.answer = { ok: false, text: 'pool web: define failed: exists', hint: 'Choose another name.' };
  bed.press('w', 'shift-tab', 'shift-tab', 'enter');
  bed.finish();
  await Promise.resolve();
  await Promise.resolve();
  expect(bed.text()).toContain('Error: pool web: define failed: exists');
  expect(bed.text()).toContain('Choose another name.');
  bed.press('up', 'up', 'up', 'up', '2');
  expect(bed.text()).not.toContain('Error:');
});

test('letters are text in a text field, and only there', () => {
  const bed = new Bed();
  bed.press('q', 'j', 'k');
  expect(bed.text()).toMatch(/Name +qjk/);
  expect(bed.pane.typing()).toBe(true);
  bed.press('tab');
  expect(bed.pane.typing()).toBe(false);
});

test('Esc keeps what was entered for the next time', () => {
  const bed = new Bed('kept');
  bed.press('w', 'e', 'b');
  bed.pane.close();
  const again = new Bed('kept');
  expect(again.text()).toMatch(/Name +web/);
});

test('a draft holds what was typed, and no default: those begin with what fits then', () => {
  const bed = new Bed('typed', true, { path: '/old' });
  expect(bed.pane.entered()).toBeUndefined();
  bed.press('w', 'e', 'b');
  expect(bed.pane.entered()).toBe('New thing');
  bed.pane.close();
  const again = new Bed('typed', true, { path: '/new' });
  expect(again.text()).toMatch(/Name +web[\s\S]*Path +\/new/);
  again.press('backspace', 'backspace', 'backspace');
  expect(again.pane.entered()).toBeUndefined();
});

test('a form that was left while it was at work leaves no draft once that is done', async () => {
  const bed = new Bed('left');
  bed.press('w', 'up', 'up', 'enter');
  bed.pane.close();
  bed.finish();
  await vi.waitFor(() => expect(bed.pane.gone()).toBe(true));
  expect(new Bed('left').pane.entered()).toBeUndefined();
});

test('the last line and the help tell what the keys do where the cursor is', () => {
  const bed = new Bed();
  const told = (): readonly string[] => bed.pane.bindings().map(({ help }) => help);
  bed.press('tab');
  expect(bed.text()).toMatch(/Tab next field {2}← → choose {2}Esc back, keeping what was entered *$/);
  expect(told()).toContain('choose');
  bed.press('up', 'up', 'left');
  expect(bed.text()).toMatch(/\[ Create \][\s\S]*⏎ do it/);
  expect(told()).toContain('previous, next button');
});

test('on a small screen the focused field is in view, and the preview gives way', () => {
  const bed = new Bed(undefined, false);
  bed.press('up', 'up', 'up');
  expect(bed.text(40, 10)).toMatch(/> Autostart/);
  expect(bed.text(40, 10)).not.toContain('<pool>');
  expect(bed.text(80, 24)).toContain('<pool>');
  expect(bed.text(40, 10)).toMatch(/^[\n\x20-\x7e]*$/);
});
