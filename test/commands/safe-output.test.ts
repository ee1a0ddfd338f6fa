import { expect, it } from 'vitest';
import { ask, askUnseen } from '../../source/commands/ask.js';
import type { CommandIo } from '../../source/commands/command.js';
import type { Ending } from '../../source/commands/ending.js';
import type { Output } from '../../source/commands/output.js';
import { table } from '../../source/commands/table.js';
import { literal, safe } from '../../source/text/safe.js';

/** Never run: that each of these does not compile is the test (an unused @ts-expect-error fails `npm run typecheck`). */
function rawTextDoesNotCompile(io: CommandIo, output: Output, ending: Ending, name: string): void {
  // @ts-expect-error
  io.stdout.write(name);
  // @ts-expect-error
  io.stderr.write(`error: ${name}\n`);
  // @ts-expect-error
  output.write(name);
  // @ts-expect-error
  io.stdout.write(literal`Domain '${name}' started\n`);
  // @ts-expect-error
  io.stdout.write(safe(name).padEnd(20));
  // @ts-expect-error
  ending.cleansUp(name);
  // @ts-expect-error
  void ask(io, name);
  // @ts-expect-error
  void askUnseen(io, name);
}

it('what a person sees of a command is safe text; that raw text is none is a matter of types', () => {
  expect(rawTextDoesNotCompile).toBeTypeOf('function');
  expect(literal`Domain '${safe('a\u001B[2Jb')}' has ${2} disks\n`).toBe("Domain 'a·[2Jb' has 2 disks\n");
});

it('a table takes any text: nobody can forget to make its cells safe', () => {
  expect(table(['Name', { title: 'Size', align: 'right' }], [['a\u009B31m\nb', '1']])).toBe(
    ' Name      Size\n-----------------\n a·31m b      1\n\n',
  );
});
