import { expect, test } from 'vitest';
import { isSameUri } from '../../source/settings/same-uri.js';

test.each([
  ['qemu:///system', 'QEMU:///system'],
  ['qemu:///system', 'qemu+unix:///system'],
  ['qemu:///system', 'qemu:/system'],
  ['qemu:///system', 'qemu:///system/'],
  ['qemu:///system', 'qemu:///system?'],
  ['qemu+ssh://ana@Host/system', 'qemu+ssh://ana@host:22/system'],
  ['qemu://host/system', 'qemu+tls://host:16514/system'],
  ['qemu+unix:///system?socket=/a&mode=legacy', 'qemu+unix:///system?mode=legacy&socket=/a'],
  ['lab', 'lab'],
])('%s and %s lead to the same place', (one, other) => {
  expect(isSameUri(one, other)).toBe(true);
});

test.each([
  ['qemu:///system', 'qemu:///session'],
  ['qemu:///system', 'qemu+ssh://host/system'],
  ['qemu+ssh://ana@host/system', 'qemu+ssh://ben@host/system'],
  ['qemu+ssh://ana@host/system', 'qemu+ssh://Ana@host/system'],
  ['qemu+ssh://host/system', 'qemu+ssh://host:2222/system'],
  ['qemu+unix:///system?socket=/a', 'qemu+unix:///system?socket=/A'],
  ['test:///default', 'test:///Default'],
  ['lab', 'Lab'],
])('%s and %s do not', (one, other) => {
  expect(isSameUri(one, other)).toBe(false);
});
