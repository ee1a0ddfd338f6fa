import { describe, expect, test } from 'vitest';
import { pool } from '../../../source/commands/pool/pool.js';
import { vol } from '../../../source/commands/vol/vol.js';
import { openHypervisor } from '../../../source/libvirt/open.js';
import { runLine } from '../fault-bed.js';
import { done, failed, servedLabs } from '../served-lab.js';

const serve = servedLabs();
const mib = 1024 * 1024;

test('what virsh vol-create-as does: capacity, allocation, format, what it stands on', async () => {
  const { run } = await serve();
  expect(await run(vol, 'create', 'default', 'base.qcow2', '4G')).toEqual(
    done("Volume 'base.qcow2' created\n"),
  );
  const made = await run(
    vol,
    'create',
    'default',
    'top',
    '5G',
    '--format',
    'qcow2',
    '--backing',
    'base.qcow2',
  );
  expect(made).toEqual(done("Volume 'top' created\n"));
  await run(vol, 'create', 'default', 'flat', '10M', '--format', 'raw', '--allocation', '1M');
  const rows = JSON.parse((await run(vol, 'list', 'default', '--json')).stdout);
  const row = (name: string) => rows.find((one: { name: string }) => one.name === name);
  expect(row('top')).toMatchObject({
    format: 'qcow2',
    capacity: 5120 * mib,
    backing: { path: '/var/lib/libvirt/images/base.qcow2', format: 'qcow2' },
    incomplete: false,
  });
  expect(row('flat')).toMatchObject({ format: 'raw', capacity: 10 * mib, allocation: mib });
  expect((await run(vol, 'dumpxml', 'default', 'top')).stdout).toMatch(/^<volume[\s\S]*<name>top<\/name>/);
  const { stdout } = await run(vol, 'list', 'default');
  expect(stdout).toMatch(/^ Name +Format +Capacity +Allocation +Backing +Path\n/);
  expect(stdout).toMatch(
    /\n top +qcow2 +5 GiB +\S+ \S+ +\/var\/lib\/libvirt\/images\/base.qcow2 +\/var\S+\/top\n/,
  );
  const again = await run(vol, 'create', 'default', 'top', '1G');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("Failed to create volume 'top': ")]);
});

test('clone, into another pool as well', async () => {
  const { run } = await serve();
  expect(await run(vol, 'clone', 'default', 'template.img', 'copy.img')).toEqual(
    done("Volume 'copy.img' cloned from 'template.img'\n"),
  );
  expect((await run(vol, 'clone', 'default', 'template.img', 'copy.img', '--to', 'isos')).code).toBe(0);
  expect((await run(vol, 'list', 'isos')).stdout).toMatch(/\n copy.img +raw +64 MiB/);
  expect((await run(vol, 'clone', 'default', 'none', 'copy.img')).stderr).toContain(
    "error: Failed to clone volume 'none': Storage volume not found",
  );
});

test('whoever gives up waiting for a copy is told that the host goes on with it', async () => {
  const words = 'vol clone default template.img copy.img';
  const { code, stderr } = await runLine(
    { words },
    { procedure: 'STORAGE_VOL_CREATE_XML_FROM', kind: 'hang' },
  );
  expect(code).toBe(130);
  expect(stderr).toContain('no longer waited for: the host may go on with it and leave copy.img there');
});

test('a new qcow2 volume is of compat 1.1, and so is an overlay', async () => {
  const { run } = await serve();
  await run(vol, 'create', 'default', 'base.qcow2', '1G', '--prealloc-metadata');
  await run(vol, 'create', 'default', 'top.qcow2', '1G', '--backing', 'base.qcow2');
  for (const name of ['base.qcow2', 'top.qcow2'])
    expect((await run(vol, 'dumpxml', 'default', name)).stdout).toContain('<compat>1.1</compat>');
});

test('a copy is what the original is: encryption, mode, compat and features, and what it stands on', async () => {
  const { run, uri } = await serve();
  const hypervisor = await openHypervisor(uri);
  const made = (name: string, target: string, rest = '') => `<volume><name>${name}</name>
    <capacity unit="MiB">20</capacity><allocation unit="bytes">0</allocation>
    <target>${target}</target>${rest}</volume>`;
  const mode = '<permissions><mode>0640</mode><owner>64055</owner><group>64055</group></permissions>';
  const luks =
    '<encryption format="luks"><secret type="passphrase" uuid="f52a81b2-424e-490c-823d-6bd4235bc572"/></encryption>';
  const image = '<compat>1.1</compat><features><lazy_refcounts/></features>';
  const { volumes, pools } = hypervisor;
  const into = await pools.lookup('default');
  await volumes.create(into, made('enc.img', `<format type="raw"/>${mode}${luks}`));
  const on = '<backingStore><path>/var/lib/libvirt/images/enc.img</path><format type="raw"/></backingStore>';
  await volumes.create(into, made('top.qcow2', `<format type="qcow2"/>${mode}${image}`, on));
  await hypervisor.close();
  const told = async (name: string) =>
    (await run(vol, 'dumpxml', 'default', name)).stdout.replaceAll("'", '"').replace(/>\s+/g, '>');
  expect((await run(vol, 'clone', 'default', 'enc.img', 'enc2.img')).code).toBe(0);
  expect(await told('enc2.img')).toContain(luks);
  expect(await told('enc2.img')).toContain(mode);
  expect((await run(vol, 'clone', 'default', 'top.qcow2', 'top2.qcow2')).code).toBe(0);
  expect(await told('top2.qcow2')).toContain(image);
  expect(await told('top2.qcow2')).toContain('<backingStore><path>/var/lib/libvirt/images/enc.img</path>');
  expect((await run(vol, 'clone', 'default', 'top.qcow2', 'flat.qcow2', '--flatten')).code).toBe(0);
  expect(await told('flat.qcow2')).not.toContain('backingStore');
});

describe('a copy of an overlay, byte for byte', () => {
  /** An overlay with the beginning of such an image in it. */
  async function bed(version: number, features: number) {
    const one = await serve();
    const head = Buffer.alloc(4096);
    head.write('QFI\xfb', 'latin1');
    head.writeUInt32BE(version, 4);
    head.writeUInt8(features, 79);
    const base = '/var/lib/libvirt/images/base.qcow2';
    head.writeBigUInt64BE(512n, 8);
    head.writeUInt32BE(base.length, 16);
    head.write(base, 512);
    await one.run(vol, 'create', 'default', 'base.qcow2', '1G');
    await one.run(vol, 'create', 'default', 'top.qcow2', '1G', '--backing', 'base.qcow2');
    const hypervisor = await openHypervisor(one.uri);
    const top = await hypervisor.volumes.lookup(await hypervisor.pools.lookup('default'), 'top.qcow2');
    const stream = await hypervisor.volumes.upload(top, { offset: 0, length: 0 });
    await stream.write(head);
    await stream.finish();
    await hypervisor.close();
    const clone = () => one.run(vol, 'clone', 'default', 'top.qcow2', 'copy.qcow2');
    const isThere = async () => (await one.run(vol, 'list', 'default')).stdout.includes('copy.qcow2');
    return { ...one, clone, isThere };
  }

  test.each([
    ['whose data lies in another file is refused: both would write there', 3, 4, 1],
    ['with other features is made', 3, 2, 0],
    ['of a version that has no features is made', 2, 4, 0],
  ])('%s', async (_, version, features, code) => {
    const { clone, isThere } = await bed(version, features);
    const result = await clone();
    expect([result.code, await isThere()]).toEqual([code, code === 0]);
    if (code === 1) expect(result.stderr).toContain('the data of top.qcow2 lies in another file');
  });

  test('that fails in the middle leaves nothing', async () => {
    const { clone, isThere, lab } = await bed(3, 0);
    lab.faults.add({ fault: 'error', procedure: 'STORAGE_VOL_UPLOAD', code: 38, message: 'disk on fire' });
    const { code, stderr } = await clone();
    expect([code, stderr]).toEqual([1, expect.stringContaining('disk on fire')]);
    expect(await isThere()).toBe(false);
  });
});

test('resize: to a size, by a size, smaller only when told so', async () => {
  const { run } = await serve();
  const resize = (...words: string[]) => run(vol, 'resize', 'default', 'template.img', ...words);
  expect(await resize('+8M')).toEqual(done("Size of volume 'template.img' changed to 72 MiB\n"));
  expect(await resize('80M')).toEqual(done("Size of volume 'template.img' changed to 80 MiB\n"));
  expect(await resize('16M')).toEqual(
    failed(
      "error: 'template.img' would shrink from 80 MiB to 16 MiB: what lies behind is lost\nhint: --shrink does it all the same\n",
    ),
  );
  expect(await resize('16M', '--shrink')).toEqual(done("Size of volume 'template.img' changed to 16 MiB\n"));
});

test('a new volume on a disk that a domain writes to is made, with a word of what that means', async () => {
  const { run, lab } = await serve({});
  const [domain] = lab.world.domains.values();
  const disk = domain?.definition.disks.find(({ source }) => source !== undefined)?.source ?? '';
  const made = await run(
    vol,
    'create',
    'default',
    'over.qcow2',
    '100G',
    '--backing',
    disk.replace(/.*\//, ''),
  );
  expect(made).toMatchObject({ code: 0, stdout: "Volume 'over.qcow2' created\n" });
  expect(made.stderr).toContain(`note: ${domain?.name} writes to '`);
});

test('what others stand on is not shrunk under them, unless told so', async () => {
  const { run } = await serve({ volumes: 9 });
  const shrink = (...flags: string[]) =>
    run(vol, 'resize', 'archive', 'vol-00000.qcow2', '1M', '--shrink', ...flags);
  const refused = await shrink();
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining(
      "'vol-00000.qcow2' is in use and would lose its end: volume archive/vol-00001.qcow2",
    ),
  ]);
  // The host's own word then.
  expect((await shrink('--force')).stderr).toContain('shrink capacity below existing allocation');
});

describe('delete', () => {
  test('names who needs a volume, and deletes the others', async () => {
    const { run, lab } = await serve({ volumes: 9 });
    const refused = await run(vol, 'delete', 'archive', 'vol-00000.qcow2', 'none', 'vol-00003.img');
    expect(refused).toMatchObject({ code: 1, stdout: "Volume 'vol-00003.img' deleted\n" });
    expect(refused.stderr).toContain(
      "error: 'vol-00000.qcow2' is used by volume archive/vol-00001.qcow2, volume ",
    );
    expect(refused.stderr).toContain("error: Failed to delete volume 'none': Storage volume not found");
    const [domain] = lab.world.domains.values();
    const disk = domain?.definition.disks.find(({ source }) => source !== undefined)?.source ?? '';
    const used = await run(vol, 'delete', 'default', disk.replace(/.*\//, ''));
    expect(used.stderr).toContain(`is used by domain ${domain?.definition.name}\nhint: --force`);
    expect((await run(vol, 'delete', 'archive', 'vol-00000.qcow2', '--force')).code).toBe(0);
  });

  test('an overlay and then its base, in one go', async () => {
    const { run } = await serve();
    await run(vol, 'create', 'isos', 'base', '1G');
    await run(vol, 'create', 'isos', 'top', '1G', '--backing', 'base');
    expect(await run(vol, 'delete', 'isos', 'top', 'base')).toEqual(
      done("Volume 'top' deleted\nVolume 'base' deleted\n"),
    );
  });

  test('what cannot be read may need it', async () => {
    const { run, lab } = await serve();
    const fault = { fault: 'error', code: 38, message: 'cannot look' } as const;
    lab.faults.set([{ ...fault, procedure: 'STORAGE_VOL_GET_XML_DESC', times: 1 }]);
    const dark = await run(vol, 'delete', 'isos', 'seed.iso');
    expect([dark.code, dark.stderr]).toEqual([
      1,
      expect.stringMatching(/used by perhaps volume \S+, which cannot be read/),
    ]);
    lab.faults.set([{ ...fault, procedure: 'DOMAIN_GET_XML_DESC', times: 1 }]);
    const unknown = await run(vol, 'delete', 'isos', 'seed.iso');
    expect(unknown.stderr).toMatch(/used by perhaps domain \S+, which cannot be read/);
    expect((await run(vol, 'delete', 'isos', 'seed.iso')).code).toBe(0);
  });

  test('deletes nothing when the connection is lost while it looks', async () => {
    const { run, lab } = await serve();
    lab.faults.set([{ fault: 'drop', procedure: 'STORAGE_VOL_GET_XML_DESC', every: 3 }]);
    expect(await run(vol, 'delete', 'isos', 'seed.iso')).toMatchObject({ code: 1, stdout: '' });
    lab.faults.clear();
    expect((await run(vol, 'list', 'isos')).stdout).toContain('seed.iso');
  });
});

describe('list', () => {
  test('says which volume could not be read', async () => {
    const { run, lab } = await serve();
    lab.faults.set([
      { fault: 'error', procedure: 'STORAGE_VOL_GET_XML_DESC', times: 1, code: 38, message: 'cannot look' },
    ]);
    const { code, stdout, stderr } = await run(vol, 'list', 'isos', '--json');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: Failed to read volume '.*': cannot look/),
    ]);
    expect(JSON.parse(stdout)).toHaveLength(2);
  });

  test('fails where the connection is lost, and not as an empty list', async () => {
    const { run, lab } = await serve();
    lab.faults.set([{ fault: 'drop', procedure: 'STORAGE_VOL_GET_XML_DESC' }]);
    expect(await run(vol, 'list', 'isos', '--json')).toMatchObject({ code: 1, stdout: '' });
  });

  test('of a pool that is inactive, or that there is none', async () => {
    const { run } = await serve();
    expect((await run(vol, 'list', 'nas')).stderr).toContain("error: Failed to list the volumes of 'nas': ");
    expect(await run(vol, 'list', 'no\u001b[31m')).toEqual(failed("error: failed to get pool 'no·[31m'\n"));
  });
});

describe('chain', () => {
  test('both ways', async () => {
    const { run } = await serve();
    await run(vol, 'create', 'isos', 'base', '1G');
    await run(vol, 'create', 'isos', 'middle', '1G', '--backing', 'base');
    await run(vol, 'create', 'default', 'top', '1G', '--backing', '/var/lib/libvirt/isos/middle');
    expect(await run(vol, 'chain', 'isos', 'middle')).toEqual(
      done('base  isos\n  middle  isos  <- this one\n    top  default\n'),
    );
    const { stdout } = await run(vol, 'chain', 'isos', 'middle', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'middle',
      below: [{ path: '/var/lib/libvirt/isos/base', missing: false, ring: false, name: 'base' }],
      above: [{ name: 'top', pool: 'default', above: [] }],
    });
  });

  test('a base that is missing is a finding, one that lies elsewhere is not', async () => {
    const { run } = await serve();
    await run(vol, 'create', 'isos', 'base', '1G');
    await run(vol, 'create', 'isos', 'top', '1G', '--backing', 'base');
    await run(vol, 'delete', 'isos', 'base', '--force');
    expect(await run(vol, 'chain', 'isos', 'top')).toEqual({
      code: 1,
      stdout: '/var/lib/libvirt/isos/base  (missing)\n  top  isos  <- this one\n',
      stderr: '',
    });
    const json = await run(vol, 'chain', 'isos', 'top', '--json');
    expect([json.code, JSON.parse(json.stdout).below[0].missing]).toEqual([1, true]);
    await run(vol, 'create', 'default', 'base', '1G');
    await run(vol, 'create', 'isos', 'far', '1G', '--backing', '/var/lib/libvirt/images/base');
    // Nobody looks into a pool that is stopped.
    await run(pool, 'stop', 'default');
    expect(await run(vol, 'chain', 'isos', 'far')).toEqual(
      done('/var/lib/libvirt/images/base  (in no active pool)\n  far  isos  <- this one\n'),
    );
  });
});

test.each([
  ['/nonexistent', 'there is no such file'],
  ['/tmp', 'it is a directory'],
  ['/dev/zero', 'it is a device and no regular file'],
])('an upload of %s fails before libvirt is asked: %s', async (path, why) => {
  const { run, lab } = await serve();
  const stderr = `error: ${path}: ${why}\n`;
  expect(await run(vol, 'upload', 'default', 'x', path)).toEqual({ code: 1, stdout: '', stderr });
  expect(lab.clients).toBe(0);
});

describe('usage: refused before libvirt is asked', () => {
  test.each([
    [[], 'say what to do: list, create, clone, resize, delete, upload, download, chain, dumpxml'],
    [['create', 'default', 'x'], 'the form is: virtdeck vol create POOL NAME CAPACITY'],
    [['create', 'default', 'x', '10XB'], '"XB" is no unit of size'],
    [['create', 'default', 'x', '1G', '--allocation', 'ten'], '"ten" is no size'],
    [['create', 'default', 'x', '1G', '--format', 'qcow9'], 'there is no format "qcow9"; there are qcow2, '],
    [['create', 'default', 'x', '1G', '--backing-format', 'raw'], '--backing-format is the format of what'],
    [['create', 'default', 'a/b', '1G'], '"a/b" is no name of a volume'],
    [['create', 'default', 'a\u001bb', '1G'], '"a·b" is no name of a volume'],
    [['clone', 'default', 'template.img', '..'], '".." is no name of a volume'],
    [['resize', 'default', 'x', '+'], 'give a size'],
    [['resize', 'default', 'x', '1G', '--resume'], 'resize has no option --resume'],
    [['delete', 'default'], 'the form is: virtdeck vol delete POOL NAME…'],
    [['upload', 'default', 'x', '/tmp', '--format', 'iso'], 'there is no format "iso"'],
    [
      ['upload', 'default', 'x', '/tmp', '--resume', '--format', 'raw'],
      '--resume goes on with a volume that',
    ],
    [
      ['upload', 'default', 'x', '/tmp', '--resume', '--no-verify'],
      'what is gone on with is always read back',
    ],
    [['download', 'default', 'template.img', '/tmp'], '"/tmp" is a directory'],
  ])('%j', async (words, message) => {
    const { run, lab } = await serve();
    const { code, stdout, stderr } = await run(vol, ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`virtdeck vol: ${message}`);
    expect(lab.clients).toBe(0);
  });
});
