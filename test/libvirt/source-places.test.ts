import { expect, test } from 'vitest';
import { placesOf, volumePlace } from '../../source/libvirt/source-places.js';

const file = { driver: 'file', filename: '/p/x' };

test.each([
  ['/p/x'],
  ['/p/./x'],
  ['/p//x'],
  ['//p/x'],
  ['/p/x/'],
  ['x'],
  ['./x'],
  ['file:/p/x'],
  ['file:///p/x'],
  ['file:x'],
  ['host_device:/p/x'],
  ['raw:/p/x'],
  ['qcow2:file:/p/x'],
  ['blkdebug::/p/x'],
  ['blkdebug:/etc/rules:file:/p/x'],
  ['json:{"filename":"/p/x"}'],
  ['json:{"file.filename":"/p/x"}'],
  ['json:{"file":"/p/x","file.filename":"/p/x"}'],
  ['json:{"driver":"raw","file":{"driver":"host_device","filename":"/p//x"}}'],
  [`json:${JSON.stringify({ driver: 'qcow2', file: { driver: 'throttle', file } })}`],
  [`json:${JSON.stringify({ driver: 'qcow2', 'file.driver': 'blkdebug', 'file.image.filename': '/p/x' })}`],
  [`json:{'driver':'qcow2','file':{'driver':'file','filename':'/p/x'}}`],
  [`json:{"file":{'filename':'/p/\\u0078'}}`],
  [`json:{"filename":${JSON.stringify(`json:${JSON.stringify({ file })}`)}}`],
])('%s of an image in /p is /p/x', (source) => {
  expect(placesOf(source, '/p')).toEqual(['/p/x']);
});

test('a path with ".." is both what it spells and what that comes to: a link may lie in between', () => {
  expect(placesOf('../p/x', '/p')).toEqual(['/p/../p/x', '/p/x']);
});

test('a driver made of several images has the places of all', () => {
  const quorum = { driver: 'quorum', children: [file, { driver: 'file', filename: '/p/y' }] };
  expect(placesOf(`json:${JSON.stringify(quorum)}`).toSorted()).toEqual(['/p/x', '/p/y']);
  expect(placesOf('blkverify:/p/x:/p/y').toSorted()).toEqual(['/p/x', '/p/y']);
});

test.each([
  [
    'rbd:pool/image',
    [
      'rbd:pool/image:id=admin:mon_host=a\\:6789',
      'rbd:pool/image@snap',
      'json:{"driver":"rbd","pool":"pool","image":"image"}',
    ],
  ],
  [
    'nbd:h:10809/x',
    [
      'nbd://h/x',
      'nbd:h:10809:exportname=x',
      'nbd+tcp://h:10809/x',
      'json:{"driver":"nbd","export":"x","server":{"type":"inet","host":"h","port":"10809"}}',
      'json:{"driver":"nbd","export":"x","server.host":"h"}',
    ],
  ],
  ['nbd:/run/s/x', ['nbd+unix:///x?socket=/run/s', 'nbd:unix:/run/s:exportname=x']],
  [
    'gluster:h:24007/vol/a/x',
    [
      'gluster://h/vol/a/x',
      'gluster+tcp://h:24007/vol//a/x',
      'json:{"driver":"gluster","volume":"vol","path":"a/x","server":[{"type":"inet","host":"h","port":"24007"}]}',
    ],
  ],
  [
    'iscsi:10.0.0.1:3260/iqn.2000-01.a:b/3',
    [
      'iscsi://10.0.0.1/iqn.2000-01.a:b/3',
      'iscsi://user%25pw@10.0.0.1:3260/iqn.2000-01.a:b/3',
      'ip-10.0.0.1:3260-iscsi-iqn.2000-01.a:b-lun-3',
      'json:{"driver":"iscsi","portal":"10.0.0.1:3260","target":"iqn.2000-01.a:b","lun":3,"transport":"tcp"}',
    ],
  ],
])('%s, whoever writes it', (place, sources) => {
  for (const source of sources) expect([source, placesOf(source)]).toEqual([source, [place]]);
});

test('a device by its path on the bus is the target behind it as well', () => {
  expect(placesOf('/dev/disk/by-path/ip-10.0.0.1:3260-iscsi-iqn.a-lun-0')).toContain(
    'iscsi:10.0.0.1:3260/iqn.a/0',
  );
});

test('what nobody can read is itself, and hostile text costs little', () => {
  const deep = `json:${'{"file":'.repeat(5000)}{}${'}'.repeat(5000)}`;
  const wide = `json:${JSON.stringify({ children: Array.from({ length: 5000 }, (_, at) => ({ filename: `/p/${at}` })) })}`;
  const dotted = `json:${JSON.stringify({ [`${'a.'.repeat(20_000)}filename`]: '/p/x' })}`;
  for (const source of ['json:{', 'json:7', 'what:ever', '', deep, dotted, 'x'.repeat(100_000)])
    expect(placesOf(source).length).toBeGreaterThan(0);
  expect(placesOf(wide).length).toBeLessThan(300);
});

test('a volume by its pool and name is no file of that name', () => {
  expect(volumePlace({ pool: 'images', name: 'x' })).not.toBe(placesOf('images/x')[0]);
});
