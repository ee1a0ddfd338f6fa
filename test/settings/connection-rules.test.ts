import { describe, expect, test } from 'vitest';
import { nameProblem, uriProblem } from '../../source/settings/connection-rules.js';

describe('names', () => {
  test.each(['lab', 'my lab', 'qemu:system', 'löß', '実験室', '🖥', 'a'.repeat(100)])('%s', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  test.each([
    ['', 'empty'],
    [' lab', 'space'],
    ['lab ', 'space'],
    ['a/b', 'slash'],
    ['qemu:///system', 'slash'],
    ['a\u001B[2Jb', 'control'],
    ['a\nb', 'control'],
    ['a\u202Eb', 'invisible'],
    ['a'.repeat(101), '100'],
  ])('%j is refused', (name, reason) => {
    expect(nameProblem(name)).toContain(reason);
  });
});

describe('URIs', () => {
  test.each([
    'qemu:///system',
    'qemu+ssh://root@lab2/system',
    'qemu+ssh://root@lab2:2222/system?keyfile=/home/a@b:c/key',
    'qemu+ssh://root@[fe80::1]:22/system',
    'qemu+ssh://[fe80::1]/system',
    'vpx://admin@vc/DC/host1',
    'vpx://vc:443/DC@home/host1',
    'test+unix:///default?socket=/tmp/a:b@c',
    'alias-of-libvirt-conf',
  ])('%s', (uri) => {
    expect(uriProblem(uri)).toBeUndefined();
  });

  test.each([
    'qemu+ssh://root:hunter2@lab2/system',
    'qemu+ssh://root:hun/ter2@lab2/system',
    'qemu+ssh://root:123@lab2/system',
    'qemu+ssh://root%3Ahunter2@lab2/system',
    'qemu+tcp://:hunter2@[fe80::1]/system',
    'esx://h/?no_verify=1&password=hunter2',
  ])('%s is refused, and not repeated', (uri) => {
    expect(uriProblem(uri)).toMatch(/password/);
    expect(uriProblem(uri)).not.toMatch(/hunter|123|lab2/);
  });

  test.each(['', 'qemu:///system x', 'qemu:///\u001B[2J'])('%j is refused', (uri) => {
    expect(uriProblem(uri)).toBeDefined();
  });
});
