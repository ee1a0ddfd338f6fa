import { describe, expect, it } from 'vitest';
import { describeDomain } from '../../../source/libvirt/xml/domain-description-xml.js';
import { readDomainNote } from '../../../source/libvirt/xml/domain-note-xml.js';
import { readXml } from '../../../source/libvirt/xml/reader.js';

const titleOf = (written: string) => describeDomain(`<domain><title>${written}</title></domain>`).title;
const nested = (depth: number) => `${'<a>'.repeat(depth)}x${'</a>'.repeat(depth)}`;

describe('what XML says', () => {
  it.each([
    ['a decimal reference', 'B&#252;ro', 'Büro'],
    ['a hexadecimal reference', 'B&#xFC;ro', 'Büro'],
    ['one beyond the first plane', '&#x1F427;&#128039;', '🐧🐧'],
    ['the five entities', '&lt;&gt;&amp;&quot;&apos;', `<>&"'`],
    ['a reference that is decoded once', '&amp;#65;&amp;lt;', '&#65;&lt;'],
    ['white space around and in it', '  two  blanks ', '  two  blanks '],
    ['lines', 'one\r\ntwo\n\n three', 'one\ntwo\n\n three'],
    ['a line end that is meant', 'one&#13;&#10;two', 'one\r\ntwo'],
    ['CDATA', 'a<![CDATA[ <b>&amp;</b> ]]>c', 'a <b>&amp;</b> c'],
    ['text around a comment', 'a<!-- b --><?c d?>e', 'ae'],
    ['names of JavaScript', '<constructor/>__proto__', '__proto__'],
  ])('%s', (_, written, meant) => {
    expect(titleOf(written)).toBe(meant);
  });

  it('the values of attributes, in either quotes; bare line ends are blanks', () => {
    const { attributes } = readXml(`<a b=' "x" ' c = "it's\n1&#10;2" xmlns:d='&lt;&#xe9;'/>`);
    expect([...attributes]).toEqual([
      ['b', ' "x" '],
      ['c', "it's 1\n2"],
      ['xmlns:d', '<é'],
    ]);
  });

  it('elements in each other to any depth', () => {
    let element = readXml(nested(100_000));
    while (element.children[0] !== undefined) element = element.children[0];
    expect(element.text).toBe('x');
  });

  it('a chain of a hundred thousand images of a disk', () => {
    const link = "<backingStore type='file'><source file='/p'/>";
    const chain = `${link.repeat(100_000)}${'</backingStore>'.repeat(100_000)}`;
    const [disk] = describeDomain(`<domain><devices><disk>${chain}</disk></devices></domain>`).disks;
    expect(disk?.backing).toHaveLength(100_000);
  });

  it('a note that libvirt has written back in references', () => {
    const note = readDomainNote(
      `<domain><metadata><v:vm xmlns:v='https://virtdeck.dev/domain/1.0' seed='/p/B&#xFC;ro.iso'/></metadata></domain>`,
    );
    expect(note?.seed).toBe('/p/Büro.iso');
  });
});

describe('what is no XML is refused, with its line', () => {
  it.each([
    ['nothing', '', 'no element in it (line 1)'],
    ['text', 'x', 'text outside the root element (line 1)'],
    ['an element that stays open', '<a>\n<b/>', '<a> is not closed (line 2)'],
    ['elements that cross', '<a>\n<b>\n</a></b>', '</a> where </b> belongs (line 3)'],
    ['two roots', '<a/><b/>', 'a second root element'],
    ['an attribute twice', "<a b='1' b='2'/>", 'b stands twice in <a>'],
    ['an attribute without quotes', '<a b=1/>', '<a> is malformed'],
    ['attributes without a blank', "<a b='1'c='2'/>", '<a> is malformed'],
    ['a tag inside a value', "<a b='<c>'/>", '"<" in the value of b'],
    ['a bare ampersand', '<a>R&D</a>', '& means no character'],
    ['an entity of HTML', '<a>&nbsp;</a>', '&nbsp; means no character'],
    ['an entity of JavaScript', '<a>&constructor;</a>', '&constructor; means no character'],
    ['a reference to NUL', '<a>&#0;</a>', '&#0; means no character'],
    ['one to an escape', '<a>&#27;[2J</a>', '&#27; means no character'],
    ['one to half a character', '<a>&#xD800;</a>', '&#xD800; means no character'],
    ['one beyond Unicode', '<a>&#x110000;</a>', '&#x110000; means no character'],
    ['one of a hundred digits', `<a>&#${'9'.repeat(100)};</a>`, 'means no character'],
    ['one without digits', '<a>&#x;</a>', '& means no character'],
    ['a control character', '<a>\n\u001b[2J</a>', 'a character that XML cannot hold (line 2)'],
    ['a comment without an end', '<a><!-- </a>', '--> is missing'],
    ['CDATA without an end', '<a><![CDATA[ </a>', ']]> is missing'],
    ['a tag without an end', '<a><b', '<b> is malformed'],
  ])('%s', (_, text, problem) => {
    expect(() => readXml(text)).toThrow(problem);
  });

  it.each([
    ['one that names a file', `<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>`],
    ['a billion laughs', `<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b "&c;&c;">]><a>&b;</a>`],
  ])('a document type: %s', (_, text) => {
    expect(() => readXml(text)).toThrow('a document type, which is not read');
  });
});
