import { describe, expect, it } from 'vitest';
import { Random } from '../../source/lab/world/random.js';
import { BlockStore, blockSize } from '../../source/lab/world/storage/block-store.js';
import { Contents } from '../../source/lab/world/storage/contents.js';
import { emptyImageLength, imageHeader, readImageHeader } from '../../source/lab/world/storage/qcow2.js';

const kib = 1024;
const mib = 1024 ** 2;
const thin = { end: 8 * mib, seed: 5, density: 0.25 };

/** Every section of a file, as "data LENGTH" or "hole LENGTH". */
function sections(contents: Contents): string[] {
  const found: string[] = [];
  for (let at = 0; at < contents.length; ) {
    const { data, length } = contents.section(at);
    found.push(`${data ? 'data' : 'hole'} ${length}`);
    at += length;
  }
  return found;
}

describe('contents of a file', () => {
  it('are the same bytes at every reading, in whatever pieces', () => {
    const contents = new Contents(new BlockStore(), 8 * mib, [thin]);
    const whole = contents.read(0, 8 * mib);
    expect(contents.read(0, 8 * mib).equals(whole)).toBe(true);
    expect(contents.read(100_001, 90_000).equals(whole.subarray(100_001, 190_001))).toBe(true);
    expect(new Set(whole.subarray(0, 4096)).size).toBeGreaterThan(200);
    expect(contents.read(9 * mib, 10)).toHaveLength(0);
  });

  it('tell data from holes, and count what is allocated', () => {
    const contents = new Contents(new BlockStore(), 8 * mib + 5, [thin]);
    expect(sections(contents)).toEqual([
      `data ${mib}`,
      `hole ${3 * mib}`,
      `data ${mib}`,
      `hole ${3 * mib + 5}`,
    ]);
    expect(contents.allocation).toBe(2 * mib);
    expect(contents.read(2 * mib, 100).every((byte) => byte === 0)).toBe(true);
  });

  it('take what is written, in holes and beyond the end', () => {
    const store = new BlockStore();
    const contents = new Contents(store, mib, []);
    expect(contents.write(mib - 3, Buffer.from('abcdef'))).toBe(true);
    expect(contents.length).toBe(mib + 3);
    expect(contents.read(mib - 4, 100).toString('latin1')).toBe('\0abcdef');
    expect(contents.allocation).toBe(blockSize + 4 * kib);
    expect(store.used).toBe(2 * blockSize);
    contents.release();
    expect(store.used).toBe(0);
  });

  it('do not come back once they were cut off', () => {
    const contents = new Contents(new BlockStore(), mib, [{ end: mib, seed: 1, density: 1 }]);
    contents.write(300_000, Buffer.alloc(50_000, 9));
    contents.truncate(310_000);
    contents.truncate(mib);
    expect(contents.read(309_999, 1)[0]).toBe(9);
    expect(contents.read(310_000, mib).every((byte) => byte === 0)).toBe(true);
    expect(contents.allocation).toBe(5 * blockSize);
  });

  it('are shared by clones until one of them is written to', () => {
    const store = new BlockStore();
    const contents = new Contents(store, mib, []);
    contents.write(0, Buffer.alloc(200_000, 1));
    const { used } = store;
    const clone = contents.clone();
    expect(store.used).toBe(used);
    contents.write(10, Buffer.from([2]));
    expect(store.used).toBe(used + blockSize);
    expect([contents.read(10, 1)[0], clone.read(10, 1)[0]]).toEqual([2, 1]);
    contents.release();
    expect(clone.read(100_000, 1)[0]).toBe(1);
    clone.release();
    expect(store.used).toBe(0);
  });

  it('have no more room than the lab gives them', () => {
    const store = new BlockStore(4 * blockSize);
    const contents = new Contents(store, 0, []);
    expect(contents.write(0, Buffer.alloc(10 * blockSize, 3))).toBe(false);
    expect(contents.length).toBe(4 * blockSize);
    expect(store.used).toBe(store.limit);
  });

  it('behave as a plain buffer would, whatever is done to them', () => {
    const random = new Random(11);
    const store = new BlockStore();
    const contents = new Contents(store, 0, []);
    let model = Buffer.alloc(0);
    for (let step = 0; step < 300; step += 1) {
      const offset = random.below(600_000);
      if (random.chance(0.25)) {
        contents.truncate(offset);
        model = Buffer.concat([model, Buffer.alloc(Math.max(0, offset - model.length))]).subarray(0, offset);
      } else {
        const bytes = random.bytes(1 + random.below(3000));
        contents.write(offset, bytes);
        const longer = Buffer.alloc(Math.max(model.length, offset + bytes.length));
        model.copy(longer);
        bytes.copy(longer, offset);
        model = longer;
      }
      expect(contents.length).toBe(model.length);
    }
    expect(contents.read(0, model.length).equals(model)).toBe(true);
    const data = sections(contents).filter((section) => section.startsWith('data'));
    const bytes = data.reduce((sum, section) => sum + Number(section.slice(5)), 0);
    expect(contents.allocation - bytes).toBeLessThan(4 * kib);
    expect(contents.allocation).toBeGreaterThanOrEqual(bytes);
  });

  it('of 100 GB are looked at in no time', () => {
    const length = 100 * 1024 * mib;
    const contents = new Contents(new BlockStore(), length, [{ end: length, seed: 1, density: 0.5 }]);
    const started = performance.now();
    contents.truncate(length / 2);
    contents.allocate();
    expect(contents.allocation).toBe(length / 2);
    expect(contents.section(0).length).toBe(length / 2);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('the header of an image', () => {
  it.each([
    [10 * mib, undefined],
    [2 ** 42, { path: '/srv/größe/base.qcow2', format: 'qcow2' }],
    [512, { path: 'a', format: 'raw' }],
  ])('says what was written into it (%d, %j)', (capacity, backing) => {
    expect(readImageHeader(imageHeader({ capacity, backing }))).toEqual({
      format: 'qcow2',
      capacity,
      backing,
    });
  });

  it('is not found in other files', () => {
    expect(readImageHeader(Buffer.alloc(4096))).toBeUndefined();
    expect(readImageHeader(Buffer.from('QFI'))).toBeUndefined();
  });

  it('stands in an image as long as qemu-img makes it', () => {
    expect(emptyImageLength(10 * mib)).toBe(196_616);
  });
});
