import { graphemes, isNarrow, width } from '../../text/width.js';

/**
 * One line of the screen by cells. A character two cells wide has an empty string in its second. `styles`
 * holds what is on in each cell, as the parameters of one SGR sequence ("1;32"; "" is plain).
 */
export interface CellLine {
  readonly characters: readonly string[];
  readonly styles: readonly string[];
}

/** Which attribute an SGR parameter belongs to; one parameter per attribute is on at a time. */
const attributes: Readonly<Record<string, string>> = {
  '1': 'bold',
  '2': 'dim',
  '3': 'italic',
  '4': 'underline',
  '5': 'blink',
  '7': 'inverse',
  '8': 'hidden',
  '9': 'strike',
};

/** What switches attributes off. */
const ends: Readonly<Record<string, readonly string[]>> = {
  '22': ['bold', 'dim'],
  '23': ['italic'],
  '24': ['underline'],
  '25': ['blink'],
  '27': ['inverse'],
  '28': ['hidden'],
  '29': ['strike'],
  '39': ['foreground'],
  '49': ['background'],
};

const sgrOrText = /\u001B\[([\d;]*)m|[^\u001B]+|\u001B/g;

/** The cells of a painted line. Only SGR sequences are understood; nothing else may be in it. */
export function parseLine(line: string): CellLine {
  const characters: string[] = [];
  const styles: string[] = [];
  const on = new Map<string, string>();
  let style = '';
  for (const [token, parameters] of line.matchAll(sgrOrText)) {
    if (parameters !== undefined) {
      applySgr(on, parameters);
      style = [...on.values()].join(';');
      continue;
    }
    if (token === '\u001B') continue;
    if (isNarrow(token)) {
      const blankStyle = isBlank(style) ? '' : style;
      for (const character of token) {
        characters.push(character);
        styles.push(character === ' ' ? blankStyle : style);
      }
      continue;
    }
    for (const grapheme of graphemes(token)) {
      const cells = width(grapheme);
      if (cells === 0) continue;
      characters.push(grapheme);
      styles.push(style);
      for (let i = 1; i < cells; i += 1) {
        characters.push('');
        styles.push(style);
      }
    }
  }
  return { characters, styles };
}

/** True when a space in this style looks like a plain one: nothing inverts, underlines, strikes or fills it. */
export function isBlank(style: string): boolean {
  return !/(?:^|;)(?:[4-9]|4\d|10\d)(?:;|$)/.test(style);
}

function applySgr(on: Map<string, string>, parameters: string): void {
  const list = parameters === '' ? ['0'] : parameters.split(';');
  for (let i = 0; i < list.length; i += 1) {
    const parameter = String(Number(list[i]));
    if (parameter === '0') on.clear();
    else if (ends[parameter] !== undefined) for (const attribute of ends[parameter]) on.delete(attribute);
    else if (parameter === '38' || parameter === '48') {
      const length = list[i + 1] === '2' ? 5 : 3;
      on.set(parameter === '38' ? 'foreground' : 'background', list.slice(i, i + length).join(';'));
      i += length - 1;
    } else
      on.set(attributes[parameter] ?? (isForeground(parameter) ? 'foreground' : 'background'), parameter);
  }
}

function isForeground(parameter: string): boolean {
  return parameter.startsWith('3') || parameter.startsWith('9');
}

/** A space that is drawn, where a plain one lets the line below show through. */
const opaqueSpace = '\u00A0';

/** The second line above the first: its plain spaces are transparent. */
export function overlay(below: CellLine, above: CellLine): CellLine {
  const characters = [...below.characters];
  const styles = [...below.styles];
  for (let i = characters.length; i < above.characters.length; i += 1) {
    characters.push(' ');
    styles.push('');
  }
  for (const [i, character] of above.characters.entries()) {
    const style = above.styles[i] ?? '';
    if (character === ' ' && style === '') continue;
    // What is left of a wide character that is covered by half becomes a space.
    if (characters[i] === '' && i > 0 && above.characters[i - 1] === ' ') characters[i - 1] = ' ';
    if (characters[i + 1] === '') characters[i + 1] = ' ';
    characters[i] = character === opaqueSpace ? ' ' : character;
    styles[i] = style;
  }
  return { characters, styles };
}
