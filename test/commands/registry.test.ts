import { expect, test } from 'vitest';
import { leadingHosts } from '../../source/commands/registry.js';

test.each([
  [['-c', 'lab:///', 'list', '--all'], 2],
  [['--connect=a', '-c', 'b', 'vol', 'list', 'default'], 3],
  [['list', '-c', 'lab:///'], 0],
  [['--help'], 0],
  [['-c'], 1],
])('connections before a command belong to it, as with virsh: %j', (words, hosts) => {
  expect(leadingHosts(words)).toEqual(words.slice(0, hosts));
});
