import { expect, test } from 'vitest';
import { cloneXml } from '../../../source/libvirt/xml/clone-xml.js';
import { describeVolume } from '../../../source/libvirt/xml/volume-xml.js';

/** As libvirt 9.0 tells it. */
const original = (target: string, rest = ''): string => `<volume type='file'>
  <name>a</name>
  <key>/images/a</key>
  <capacity unit='bytes'>524288000</capacity>
  <allocation unit='bytes'>4096</allocation>
  <physical unit='bytes'>524288000</physical>
  <target>
    <path>/images/a</path>
    ${target}
    <timestamps><atime>1</atime></timestamps>
  </target>
  ${rest}
</volume>`;
const permissions =
  '<permissions><mode>0640</mode><owner>64055</owner><group>64055</group><label>x&amp;y</label></permissions>';
const encryption =
  "<encryption format='luks'><secret type='passphrase' uuid='f52a81b2-424e-490c-823d-6bd4235bc572'/><cipher name='aes' size='256' mode='xts' hash='sha256'/></encryption>";
const backing = (path: string): string =>
  `<backingStore><path>${path}</path><format type='qcow2'/><timestamps><atime>1</atime></timestamps></backingStore>`;
const flat = (xml: string): string => xml.replaceAll('"', "'").replace(/>\s+/g, '>');

test('an encrypted volume stays encrypted, with its secret, cipher, mode and owner', () => {
  const xml = flat(cloneXml(original(`<format type='raw'/>${permissions}${encryption}`), { name: 'b<&>' }));
  expect(xml).toContain(encryption);
  expect(xml).toContain(permissions);
  expect(xml).toContain('<name>b&lt;&amp;&gt;</name>');
  expect(xml).not.toMatch(/<(key|path|physical|timestamps)>/);
});

test('a sparse volume stays sparse: as much is taken as of the original', () => {
  const { capacity, allocation } = describeVolume(cloneXml(original("<format type='raw'/>"), { name: 'b' }));
  expect([capacity, allocation]).toEqual([524288000, 4096]);
});

const features =
  "<compat>1.1</compat><clusterSize unit='B'>131072</clusterSize><features><lazy_refcounts/><extended_l2/></features>";

test('compat, cluster size and features of an image are kept, and belong to no other format', () => {
  const source = original(`<format type='qcow2'/>${features}`);
  expect(flat(cloneXml(source, { name: 'b' }))).toContain(`<format type='qcow2'/>${features}`);
  const raw = flat(cloneXml(source, { name: 'b', format: 'raw' }));
  expect(raw).toContain("<target><format type='raw'/></target>");
  const made = flat(cloneXml(original("<format type='raw'/>"), { name: 'b', format: 'qcow2' }));
  expect(made).toContain("<format type='qcow2'/><compat>1.1</compat>");
});

test('an overlay stands on the same volume, or on nothing where it is flattened', () => {
  const source = original("<format type='qcow2'/>", backing('/images/base'));
  expect(describeVolume(cloneXml(source, { name: 'b' })).backing).toEqual({
    path: '/images/base',
    format: 'qcow2',
  });
  expect(describeVolume(cloneXml(source, { name: 'b', flatten: true })).backing).toBeUndefined();
});

test('a device has no format and stands on nothing', () => {
  const source = original("<format type='qcow2'/><compat>1.1</compat>", backing('/images/base'));
  const xml = cloneXml(source, { name: 'b', files: false });
  expect(xml).not.toMatch(/format|compat|backing/);
});
