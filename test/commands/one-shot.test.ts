import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { Command, CommandIo } from '../../source/commands/command.js';
import { Ending, type EndSignal, grace } from '../../source/commands/ending.js';
import { runOneShot } from '../../source/commands/one-shot.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import { literal } from '../../source/text/safe.js';

/** A command in a world of its own, which sends it signals and faults. */
function start(run: (io: CommandIo) => Promise<number>, words: readonly string[] = []) {
  const told = { stdout: '', stderr: '' };
  let signal: (name: EndSignal) => void = () => {};
  let fault: (error: unknown) => void = () => {};
  const ending = new Ending((text) => {
    told.stderr += `${text}\n`;
  });
  const command: Pick<Command, 'usage' | 'flags' | 'run'> = {
    usage: 'how\n',
    flags: { wait: { type: 'boolean' } },
    run: (_, io) => run(io),
  };
  const code = runOneShot(
    'thing',
    command,
    words,
    {
      stdout: { write: (text) => (told.stdout += text) },
      stderr: { write: (text) => (told.stderr += text) },
      env: {},
      onSignal: (listener) => {
        signal = listener;
        return () => {};
      },
      onFault: (listener) => {
        fault = listener;
        return () => {};
      },
    },
    ending,
  );
  return {
    told,
    code,
    signal: (name: EndSignal) => signal(name),
    fault: (error: unknown) => fault(error),
  };
}

const forever = () => new Promise<never>(() => {});

describe('a failure is a line or two, whatever was thrown', () => {
  test.each<[string, unknown, string]>([
    ['an error', new Error('no \u001b[2Jway\n'), 'virtdeck thing: no ·[2Jway \n'],
    [
      'an error with a hint',
      new LibvirtError({ kind: 'libvirt', message: 'no\u009bway', hint: 'try \u202eit' }),
      'virtdeck thing: no·way\nhint: try ·it\n',
    ],
    [
      'a mistake of the program',
      new TypeError('x is not a function'),
      'virtdeck thing: a mistake of this program: TypeError: x is not a function\n',
    ],
    ['no error at all', undefined, 'virtdeck thing: failed for no reason that is known (undefined)\n'],
    [
      'an error of the system',
      Object.assign(new Error("EMFILE: too many open files, open '/x'"), { code: 'EMFILE' }),
      "virtdeck thing: too many open files, open '/x'\n",
    ],
  ])('%s', async (_, error, line) => {
    const { code, told } = start(() => Promise.reject(error));
    expect([await code, told]).toEqual([1, { stdout: '', stderr: line }]);
  });

  test('its length has a bound', async () => {
    const { code, told } = start(() => Promise.reject(new Error('x'.repeat(4_000_000))));
    expect(await code).toBe(1);
    expect(told.stderr).toMatch(/^virtdeck thing: x{2000} … \(4000000 characters in all\)\n$/);
  });

  test('so is what nobody has caught, which ends the command', async () => {
    const { code, told, fault } = start(({ signal }) =>
      once(signal as AbortSignal, 'abort').then(() => Promise.reject(new Error('a consequence'))),
    );
    fault(new Error('nobody caught me'));
    expect([await code, told.stderr]).toEqual([1, 'virtdeck thing: nobody caught me\n']);
  });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends a command by itself, with %d and without a word', async (name, wanted) => {
  const { code, told, signal } = start(({ signal: end }) =>
    once(end as AbortSignal, 'abort').then(() => {
      throw end?.reason;
    }),
  );
  signal(name);
  expect([await code, told]).toEqual([wanted, { stdout: '', stderr: '' }]);
});

test('a command that does not hear the first signal ends by the second one, or a moment later', async () => {
  const second = start(forever);
  second.signal('SIGTERM');
  second.signal('SIGINT');
  expect(await second.code).toBe(143);
  vi.useFakeTimers();
  try {
    const later = start(forever);
    later.signal('SIGINT');
    await vi.advanceTimersByTimeAsync(grace.plain);
    expect(await later.code).toBe(130);
  } finally {
    vi.useRealTimers();
  }
});

test('one that takes something back has longer for it, and says what it leaves', async () => {
  vi.useFakeTimers();
  try {
    const { code, told, signal } = start(({ ending }) => {
      ending?.cleansUp(literal`half a disk is left`);
      return forever();
    });
    let ended = false;
    void code.then(() => {
      ended = true;
    });
    signal('SIGINT');
    await vi.advanceTimersByTimeAsync(5 * grace.plain);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([await code, told.stderr]).toEqual([130, 'half a disk is left\n']);
  } finally {
    vi.useRealTimers();
  }
});

test('words that it does not know are told with nothing in them that acts on a terminal', async () => {
  const { code, told } = start(forever, ['--\u001b[31m\u009bx']);
  expect([await code, told.stderr]).toEqual([
    2,
    "virtdeck thing: unknown option '--·[31m·x'\nSee: virtdeck thing --help\n",
  ]);
});

describe('the program itself', () => {
  /** A shell's command line; `V` is the program. */
  async function shell(line: string) {
    const child = spawn('bash', ['-c', line], {
      env: {
        ...process.env,
        V: `${process.execPath} --import tsx cli.tsx`,
        NODE_NO_WARNINGS: '1',
        XDG_CONFIG_HOME: '/nonexistent',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    const [code] = await once(child, 'close');
    return { code, stdout, stderr };
  }

  test.each([
    ['a full disk', '$V list -c lab:/// >/dev/full', 'list', 'no space is left there (ENOSPC)'],
    ['a full disk, help', '$V net --help >/dev/full', 'net', 'no space is left there (ENOSPC)'],
    ['a full disk, the whole help', '$V --help >/dev/full', '', 'no space is left there (ENOSPC)'],
    ['a full disk, the version', '$V --version >/dev/full', '', 'no space is left there (ENOSPC)'],
    [
      'a reader that is gone',
      "set -o pipefail; $V list --all -c 'lab:///?domains=3000' --csv | true",
      'list',
      'whoever read it is gone (EPIPE)',
    ],
  ])('output to %s: one line and an exit code', async (_, line, name, why) => {
    expect(await shell(line)).toEqual({
      code: 1,
      stdout: '',
      stderr: `virtdeck${name && ` ${name}`}: standard output: ${why}\n`,
    });
  });

  test('a reader that is slow gets all of it', async () => {
    const { stdout } = await shell("$V list --all -c 'lab:///?domains=3000' --csv | (sleep 0.3; wc -l)");
    expect(stdout.trim()).toBe('3001');
  });

  test('where its errors cannot be told, the exit code is right all the same', async () => {
    expect(await shell('$V list --nonsense 2>/dev/full')).toEqual({ code: 2, stdout: '', stderr: '' });
  });
});
