import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import {
  namesByLinks,
  namesOfVolume,
  settledLinks,
  settleIdentity,
  type UnsettledLink,
} from '../../source/inventory/volume-identity.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';

let folder: string;
let volumes: readonly UnsettledLink[];
/** What the host's own look-up knows besides. */
let known: Map<string, string>;
let asked: string[];

/** A pool's folder with two images; "link" leads to the folder, and web.raw has a second name. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-identity-'));
  await mkdir(join(folder, 'pool'));
  for (const name of ['web.raw', 'db.raw']) await writeFile(join(folder, 'pool', name), name);
  await symlink('pool', join(folder, 'link'));
  await link(join(folder, 'pool', 'web.raw'), join(folder, 'hard.raw'));
  volumes = ['web.raw', 'db.raw'].map((name) => volume(name));
  known = new Map();
  asked = [];
  return () => rm(folder, { recursive: true });
});

function volume(name: string, backing?: string): UnsettledLink {
  const path = join(folder, 'pool', name);
  return {
    pool: 'images',
    name,
    key: path,
    path,
    backing,
  } as UnsettledLink;
}

const host = (failure?: LibvirtError) =>
  ({
    hostInfo: async () => ({ hostname: hostname() }),
    pools: {
      list: async () => [{ name: 'images', uuid: 'u', active: true }],
      xml: async () => `<pool type="dir"><target><path>${folder}/link</path></target></pool>`,
    },
    volumes: {
      lookupByPath: async (path: string) => {
        asked.push(path);
        const name = known.get(path);
        if (failure !== undefined || name === undefined)
          throw failure ?? new LibvirtError({ kind: 'libvirt', message: 'no such volume' });
        return { pool: 'images', name, key: '' };
      },
    },
  }) as unknown as Hypervisor;

const idsOf = async (places: readonly string[], local: boolean, hypervisor = host()) => {
  const identity = await settleIdentity(hypervisor, volumes, places, local);
  const [web, db] = settledLinks(volumes, identity).map(({ id }) => id);
  return places.map((place) => ({ [`${web}`]: 'web', [`${db}`]: 'db' })[identity.idOf(place)] ?? 'neither');
};

test('a file is the same by every name that this machine knows of it', async () => {
  const names = ['pool/web.raw', 'link/web.raw', 'hard.raw', 'pool/db.raw', 'link/db.raw', 'pool/none.raw'];
  const places = names.map((name) => join(folder, name));
  expect(await idsOf(places, true)).toEqual(['web', 'web', 'web', 'db', 'db', 'neither']);
  // Only what is not here is asked for.
  expect(asked).toEqual([join(folder, 'pool/none.raw')]);
});

test('of another host only its own look-up tells of other names', async () => {
  const places = ['link/web.raw', 'hard.raw', 'pool/../pool/db.raw'].map((name) => `${folder}/${name}`);
  known.set(`${folder}/link/web.raw`, 'web.raw');
  expect(await idsOf(places, false)).toEqual(['web', 'neither', 'neither']);
  expect(asked).toEqual([`${folder}/link/web.raw`, `${folder}/hard.raw`]);
});

test('a connection that is over does not make a name somebody else’s', async () => {
  const over = host(new LibvirtError({ kind: 'closed', message: 'gone' }));
  await expect(idsOf([`${folder}/x.raw`], false, over)).rejects.toThrow('gone');
});

test('what a volume stands on is found where its own folder is, by whatever name', async () => {
  volumes = [volume('web.raw'), volume('db.raw', 'web.raw'), volume('top.raw', `${folder}/hard.raw`)];
  const links = settledLinks(volumes, await settleIdentity(host(), volumes, [], true));
  expect(links.map(({ bases }) => bases)).toEqual([[], [links[0]?.id], [links[0]?.id]]);
});

test('a pool whose folder is a link knows its files by the link', async () => {
  const place = join(folder, 'pool', 'web.raw');
  expect(await namesByLinks(host(), [place, join(folder, 'hard.raw'), 'not a path'])).toEqual(
    new Map([
      [place, [`${folder}/link/web.raw`]],
      [join(folder, 'hard.raw'), []],
    ]),
  );
});

test('an image of Ceph has a name of its own, a volume without a path only its pool’s', () => {
  expect(namesOfVolume({ pool: 'p', name: 'i', key: 'libvirt-pool/i' }, undefined)).toContain(
    'rbd:libvirt-pool/i',
  );
  expect(namesOfVolume({ pool: 'p', name: 'i', key: '' }, undefined)).toHaveLength(1);
});
